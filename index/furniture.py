"""Web furniture and stray captions: lines that came along with an article and are not of it.

Every rule looks at whole lines and goes by their form. When in doubt a line stays: a caption too
many does little harm, a sentence too few cannot be asked for any more.
"""

import re
from collections import Counter

from index.facts import KNOWN

MAX_LINE = 400  # characters; longer lines are body text
MIN_REPEATED = 40  # characters; shorter lines may be repeated on purpose

PHRASES = frozenset(
    phrase.strip()
    for phrase in """
    accept all cookies|accept cookies|ad|add a comment|ads|advertisement|advertisements|all topics
    article continues after advertisement|article continues below|back to top|click to copy|close
    comments|continue reading|copy link|editor's picks|editors' picks|end of list|facebook|follow
    follow us|get the app|hide caption|instagram|keep reading|latest news|leave a comment|linkedin
    listen|listen to this article|load more|log in|login|more from this section|more on this story
    more stories|most popular|most read|newsletter|next article|post a comment|previous article
    print|privacy policy|promoted content|read full story|read more|recommended
    recommended for you|recommended stories|related|related articles|related content
    related stories|related topics|reprints|save|save article|save this article|scroll to continue
    see also|see more|share|share this article|share this story|show caption|show more|sign in
    sign up|sign up now|skip ad|skip advertisement|skip to content|skip to main content|sponsored
    sponsored content|story continues below advertisement|subscribe|subscribe now|terms of use
    toggle caption|top stories|trending|trending now|tweet|twitter|view comments|watch live
    whatsapp|you may also like|you might also like
    acceptera alla cookies|annons|annonser|dela|dela artikeln|fler nyheter|följ|följ oss|gilla
    gå till toppen|hoppa till innehållet|kommentarer|kommentera|logga in|lyssna|lyssna på artikeln
    läs hela artikeln|läs mer|läs också|läs vidare|läs även|mer om ämnet|mest läst|nyhetsbrev
    prenumerera|rekommenderat|relaterade artiklar|relaterat|senaste nytt|skriv ut|spara
    spara artikeln|stäng|till toppen|tipsa en vän|visa mer|ämnen i artikeln
    anzeige|artikel teilen|das könnte sie auch interessieren|drucken|folgen|folgen sie uns
    kommentare|mehr anzeigen|mehr zum thema|meistgelesen|merken|startseite|teilen|weiterlesen
    werbung
    abonnez-vous|articles liés|commentaires|imprimer|les plus lus|lire aussi|lire la suite
    partager|publicité|s'abonner|sur le même sujet|à lire aussi
    comentarios|compartir|imprimir|leer más|lo más leído|noticias relacionadas|publicidad|seguir
    suscribirse|suscríbete|te puede interesar|ver más
    abbonati|commenti|condividi|leggi anche|leggi tutto|pubblicità|stampa
    anúncio|assine|compartilhar|leia mais|leia também|mais lidas|partilhar|publicidade
    abonneer|advertentie|delen|lees meer|lees ook|meest gelezen|reacties
    abonner|annonce|annonse|del|del artikkelen|les mer|les også|læs mere|læs også|mest lest
    mest læst
    jaa|jaa artikkeli|lue lisää|lue myös|luetuimmat|mainos|tilaa
    czytaj także|czytaj więcej|reklama|udostępnij|поделиться|реклама|читайте также
    """.strip()
    .replace("\n", "|")
    .split("|")
)
SHORT = r"[^.!?]{0,80}"  # no sentence
LINES = re.compile(
    rf"""
    list\sof\s\d+\sitems?(?:\s*end\sof\slist)? | list\s\d+\sof\s\d+
    | (?:read|see)\s(?:more|also|next)\b\s*(?:[:–—|-].*|(?:about|on|at|in|from|here)\b{SHORT})
    | (?:also\sread|also\son|related|recommended|more\son\sthis|watch|listen)\s*:.*
    | läs\s(?:mer|också|även|vidare|hela)\b\s*(?:[:–—|-].*|(?:om|på|i|här|artikeln)\b{SHORT})
    | (?:lesen\ssie\s(?:auch|mehr|hier)|(?:à\s)?lire\saussi|voir\saussi|le[ae]\s(?:también|más)
      |lei[ae]\s(?:também|mais)|leggi\sanche|lees\sook|les\sogså|læs\sogså|lue\smyös
      |czytaj\stakże|читайте\sтакже)\s*[:–—|-].*
    | (?:sign\sup|subscribe)\s(?:to|for|here|now|today|with)\b{SHORT}
    | (?:click|tap)\shere\b{SHORT}\.?
    | (?:get|download|join)\s(?:our|the)\s(?:app|newsletter)\b{SHORT}
    | (?:prenumerera\spå|anmäl\sdig\still|klicka\shär|ladda\sner\s(?:vår|appen))\b{SHORT}\.?
    | (?:sign\sup|subscribe|register|prenumerera|anmäl\sdig)\b.*
      \b(?:newsletters?|inbox|e-?mails?|briefing|alerts|app|channel|podcast|nyhetsbrev\w*|e-post)\b.*
    | follow\s(?:us|me|our|@?\w+(?:\s\w+)?\son)\b{SHORT}\.?
    | share\s(?:(?:this|on|via)\b[^.!?]{{0,30}}|.{{0,20}}\bon\s(?:facebook|x|twitter|whatsapp))
    | följ\s(?:oss|@?\w+(?:\s\w+)?\spå)\b{SHORT}\.? | dela\s(?:på|via|med)\b[^.!?]{{0,30}}
    | (?:we|this\s(?:web)?site|our\s(?:web)?site|vi|den\shär\s\w+|wir|diese\s\w+|nous|ce\ssite
      |nosotros|este\ssitio|questo\ssito|we|deze\s(?:web)?site)\s
      (?:uses?|använder|verwende[nt]|nutz(?:en|t)|utilis\w+|usa\w*|utiliz\w+|gebruik\w+|bru[gk]er)\b
      .{{0,60}}\b(?:cookies|kakor|informasjonskapsler)\b.*
    | by\scontinuing\sto\s(?:use|browse)\b.*\b(?:cookies|terms|policy)\b.*
    | (?:please\s|you\sneed\sto\s|to\s(?:view|use|watch)\b.*)?(?:enable|turn\son)\sjavascript\b.*
    | (?:©|\(c\)\s|copyright\s(?:©\s*)?(?=\d{{4}})).* | all\srights\sreserved\b.*
    | alla\srättigheter\sförbehållna\b.*
    | \d+\s(?:comments?|shares?|views?|likes?|kommentarer|delningar|visningar)
    | \d+\s*min(?:ute)?s?\s(?:read|läsning|lästid)
    | image\s(?:source|caption),.*
    | \(?(?:additional\s)?(?:reporting|writing)\sby\s.*\b(?:editing|reporting|writing)\sby\s.*
    """,
    re.I | re.X,
)

AGENCY = "|".join(map(re.escape, sorted(KNOWN, key=len, reverse=True)))
POOL = (
    r"Getty(?:\sImages)?|iStock|Shutterstock|EPA(?:-EFE)?|Alamy|ZUMA(?:\s?Press)?|Unsplash|Scanpix"
)
PHOTO = r"(?:file\s)?(?:photo(?:graph)?|foto|image|picture|bild|photographie|imagen|immagine)"
# Without a full stop after it: with one, the brackets belong to the sentence.
BRACKET = re.compile(r"\s*[(\[]([^()\[\]]{2,80})[)\]]\Z")
SURE_CREDIT = re.compile(  # what stands in the brackets of a picture's credit, and nowhere else
    rf"(?:.*[/|,]\s*)?(?:{POOL})\b.*|.*\b(?:{AGENCY})\s?/.*|.*/\s*(?:{AGENCY})(?:\s{PHOTO})?"
    rf"|(?:{AGENCY})\s{PHOTO}\b.*|{PHOTO}(?:\s?[:/]|\sby\b|\scredit\b|\scourtesy\b|\Z).*|file",
    re.I | re.X,
)
BARE_CREDIT = re.compile(
    rf"(?:^|(?<=[.!?|–—])\s*)(?:{PHOTO}\s*(?:by\b|credit\b|av\b|:)\s*:?\s*[^.!?:]{{2,60}}"
    rf"|(?:via\s+)?(?:{POOL})|Reuters/.{{2,80}})\Z"
    rf"|\svia\s(?:{POOL})\Z|^[^.!?]{{2,60}}/\s?(?:{POOL}|{AGENCY})\Z",
    re.I | re.X,
)
SAID = re.compile(
    r"\b(?:said|says|told|tells|according|reported|reports|announced|added|sa|sade|säger|enligt"
    r"|uppgav|uppger|berättade|meddelade|skriver|sagte|laut|selon|dijo|según)\b",
    re.I,
)
SENTENCE_END = re.compile(r"[.!?…][\"'”’»]?\s+(?=[\"'“‘«A-ZÅÄÖ])")


def strip(text: str) -> str:
    """The text without furniture and captions, all other lines as they were."""
    lines = [line for line in text.split("\n") if not is_furniture(line)]
    dropped = _captions(lines)
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped)


def is_furniture(line: str) -> bool:
    """Whether a line is a button, a heading of links, an invitation, a notice, an ornament."""
    line = line.strip()
    if not line or len(line) > MAX_LINE:
        return False
    bare = line.casefold().replace("’", "'").strip(" .:!…→›»>-–•*#[]()|")
    return not bare or bare in PHRASES or LINES.fullmatch(line) is not None


def _captions(lines: list[str]) -> set[int]:
    full = [number for number, line in enumerate(lines) if line.strip()]
    dropped: set[int] = set()
    for one, two in zip(full, full[1:], strict=False):
        dropped |= _repeated(one, lines[one].strip(), two, lines[two].strip())
    credits = {number: _credit(lines[number].strip()) for number in full}
    # A round-up signs every item with an agency; and a last line is signed, not captioned.
    round_up = 3 * Counter(credits.values())["agency"] > len(full)
    last = full[-1] if full else -1
    for number, credit in credits.items():
        sure = credit == "picture" or (credit == "agency" and not round_up and number != last)
        if sure and _may_be_caption(lines[number].strip()):
            dropped.add(number)
    return dropped


def _repeated(one: int, first: str, two: int, second: str) -> set[int]:
    """Of two neighbouring lines that say the same: both if one has a credit, else the second."""
    if first == second:
        if _credit(first):
            return {one, two}
        return {two} if len(first) >= MIN_REPEATED else set()
    short, long = sorted((first, second), key=len)
    same = _without_credit(long).rstrip(". ") == short.rstrip(". ")
    return {one, two} if same and _credit(long) and len(short) >= 20 else set()


def _credit(line: str) -> str | None:
    """What ends the line: a "picture" credit, the name of an "agency" in brackets, or neither."""
    if len(line) > MAX_LINE:
        return None
    if bracket := BRACKET.search(line):
        if SURE_CREDIT.fullmatch(bracket[1]):
            return "picture"
        if bracket[1] in KNOWN:
            return "picture" if line.endswith("]") else "agency"
    return "picture" if BARE_CREDIT.search(line) else None


def _without_credit(line: str) -> str:
    return BARE_CREDIT.sub("", BRACKET.sub("", line))


def _may_be_caption(line: str) -> bool:
    # Captions describe, in a sentence or two; who said what is told in the article.
    return not SAID.search(line) and len(SENTENCE_END.findall(_without_credit(line))) <= 1
