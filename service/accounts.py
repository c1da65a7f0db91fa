"""What several articles say to one question: do they agree, has it changed, do they differ?

Sentences of different articles are set side by side only where they answer the same question with
the same thing measured; in doubt they are not, since a false alarm costs more than a missed one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from service.answering import Account
from service.candidates import Candidate
from service.coverage import Wording
from service.dates import CALENDAR
from service.periods import periods
from service.polarity import negated_otherwise
from service.quantities import placed
from service.speakers import mixed, speakers
from service.spread import source_of
from service.values import Amount, Value, amount, same, value
from service.wording import content_stems, names, names_and_words

NEAR = 3.5  # how far below the best log-odds another account may lie
LEAST = 1.0  # log-odds that it needs in any case
MOST = 5  # accounts of one question
MOST_LACKING = 0.4  # share of the question's words that may be missing round a sentence
PREFIX = 4  # letters that two forms of a word begin with
_BEFORE = re.compile(
    r"\b(?:had been|previous(?:ly)?|earlier|formerly|originally|initially|used to|at first|"
    r"tidigare|ursprungligen|förut|från början|hade varit)\b",
    re.I,
)
_PLANNED = re.compile(
    r"\b(?:will|(?:is|are|was|were) (?:due |set |expected |planned )?to|plans? to|aims? to|ska|"
    r"kommer att|väntas|planerar)\b",
    re.I,
)
# Where a sentence goes on to something else: "is 212 metres tall and was painted last summer".
_FURTHER = re.compile(
    r"\b(?:and|but|while|och|men|medan) (?:then |later |now )?(?:is|are|was|were|has|have|had|will|"
    r"would|did|är|var|har|hade|blev|ska)\b",
    re.I,
)
# What only says in what the answer is measured, which "$4 million" and "94 miles per hour" do too.
_MEASURE = re.compile(
    r"\b(?:how (?:fast|long|high|tall|deep|far|old|wide|big|large|heavy)|(?<=how much) money|"
    r"hur (?:snabb|fort|lång|hög|djup|gammal|gamla|bred|stor|tung)t?|(?<=hur mycket) pengar)\b",
    re.I,
)
# Words that say the same of what is counted; words of two lines say different things.
_FATES = [
    frozenset(words.split())
    for words in (
        "die dies died dead death deaths kill kills killed toll dog dött döda dödades omkom "
        "omkommit dödsoffer avlidit",
        "hurt injured injuries wounded injury skadades skadade skadats",
        "missing saknas saknades",
        "rescued saved rescue räddades räddats",
        "arrested detained gripits greps gripna",
        "fled displaced evacuated homeless evakuerades evakuerats",
        "infected cases sick ill insjuknat insjuknade smittats smittade",
    )
]
# Who does one of these is one; who criticises, attends or says may be many.
_ROLES = re.compile(
    r"\b(?:lead|leads|led|head|heads|headed|chair\w*|own|owns|owned|owner|run|runs|win|wins|won|"
    r"winner|succeed\w*|replac\w*|president|chief|coach|mayor|minister|director|captain|editor|"
    r"leader|champion|suspect|commander|host|hosts|hosted|chosen|named|appointed|elected|held|"
    r"headquartered|located|based|born|buried|take place|takes place|took place|leder|äger|vann|"
    r"vinner|ordförande|chef|tränare|borgmästare|ledare|vd|ny|nya|hålls|hölls|född)\b",
    re.I,
)


def accounts(
    found: Sequence[Candidate], odds: Sequence[float], wording: Wording
) -> tuple[Account, ...]:
    """What at least two articles say to the question, newest first; empty if only one does.

    odds: log-odds of each sentence that it answers.
    """
    if not found or _may_be_many(wording):
        return ()
    order = sorted(range(len(found)), key=lambda n: -odds[n])
    enough = max(odds[order[0]] - NEAR, LEAST)
    near = [found[n] for n in order if odds[n] >= enough and not _of_before(found[n])]
    voices = _voices(_told(near, wording), _asked(wording))
    told = _shown(voices)
    return _related(told, _asked(wording)) if len(told) > 1 else ()


Told = tuple[Candidate, Value, tuple[int, int]]


def _told(near: Sequence[Candidate], wording: Wording) -> list[Told]:
    """The best sentence that says a value, and one of each other article that fits it."""
    told: dict[str, Told] = {}
    for candidate in near:
        if candidate.article_id in told:
            continue
        first = next(iter(told.values()), None)
        read = _value(candidate, wording, first)
        if read and (first is None or _comparable(first[0], candidate, wording)):
            if first is None or same(first[1], read[0], _asked(wording)) is not None:
                told[candidate.article_id] = (candidate, *read)
    return list(told.values())


def _voices(told: Sequence[Told], asked: frozenset[str]) -> list[list[Told]]:
    """Those that say the same, together, one of each source: an outlet that repeats itself adds
    nothing."""
    voices: list[list[Told]] = []
    for each in told:
        for voice in voices:
            if same(voice[0][1], each[1], asked):
                if _source(each) not in map(_source, voice):
                    voice.append(each)
                break
        else:
            voices.append([each])
    return voices


def _shown(voices: Sequence[Sequence[Told]]) -> list[Told]:
    """The first of each voice, and further ones while there is room."""
    firsts = [voice[0] for voice in voices]
    return [*firsts, *(each for voice in voices for each in voice[1:])][:MOST]


def _source(told: Told) -> str:
    return source_of(told[0].span.article)


def _value(
    candidate: Candidate, wording: Wording, first: Told | None
) -> tuple[Value, tuple[int, int]] | None:
    """What the sentence says: what the reader sees in it, or the one figure like the first's."""
    article, quote = candidate.span.article, candidate.span.quote
    if candidate.seen:
        day = article.published
        read = value(quote, candidate.seen, article.language, wording.kind, day)
        if read and not (first and type(read[0]) is not type(first[1])):
            return read
    if first is None or not isinstance(first[1], Amount):
        return None
    unit, noun = first[1].quantity.unit, first[1].quantity.noun
    alike = [
        each
        for each in placed(quote, article.language)
        if each[2].unit == unit and each[2].noun == noun and (unit or noun)
    ]
    if len(alike) != 1:
        return None
    start, end, quantity = alike[0]
    return amount(quote, start, quantity), (start, end)


def _related(told: Sequence[Told], asked: frozenset[str]) -> tuple[Account, ...]:
    """Newest first; each is held against those before it."""
    newest = sorted(told, key=lambda t: -(t[0].span.article.published or date.min).toordinal())
    result: list[Account] = []
    for n, (candidate, said, bare) in enumerate(newest):
        account = Account(candidate.span, bare, "first")
        agrees = [same(other, said, asked) for _, other, _ in newest[:n]]
        if any(agrees):
            account = replace(account, relation="same")
        elif n:
            latest = newest[0][0].span.article.published
            day = candidate.span.article.published
            earlier = latest is not None and day is not None and day < latest
            account = replace(account, relation="earlier" if earlier else "differs")
        if None not in agrees:
            result.append(account)
    return tuple(result) if len(result) > 1 else ()


def _comparable(one: Candidate, other: Candidate, wording: Wording) -> bool:
    """Whether the two sentences speak of the same thing, place and time."""
    return (
        one.span.article.language == other.span.article.language
        and _on_subject(one, other, wording)
        and _same_fate(one, other, wording)
        and _same_names(one, other, wording)
        and (wording.kind == "when" or _same_period(one, other, wording))
        and not any(
            negated_otherwise(a.span.quote, b.span.quote, one.span.article.language)
            for a, b in ((one, other), (other, one))
        )
    )


def _on_subject(one: Candidate, other: Candidate, wording: Wording) -> bool:
    """Whether both have enough words of the question round them, and the other those of the one.

    A word that stands beside the one's sentence and not in it may be lacking, if it is but one.
    """
    language = one.span.article.language
    measure = content_stems(" ".join(_MEASURE.findall(wording.question)), wording.language)
    lacking, also = (wording.unknown(_around(c), language) - measure for c in (one, other))
    if max(len(lacking), len(also)) > MOST_LACKING * len(_asked(wording) - measure):
        return False
    lost = {stem for stem in also - lacking if not _alike(stem, other)}
    inside = lost - wording.unknown(one.span.quote, language)
    return not inside and len(lost) <= 1


def _alike(stem: str, candidate: Candidate) -> bool:
    """Whether a word of the same fate, or another form of the word, stands round the sentence."""
    language = candidate.span.article.language
    words = {word.casefold() for word in re.findall(r"\w+", candidate.span.quote)}
    if any(stem in content_stems(" ".join(fate), language) and fate & words for fate in _FATES):
        return True
    forms = content_stems(_around(candidate), language)
    return any(
        min(len(stem), len(form)) >= PREFIX and (stem.startswith(form) or form.startswith(stem))
        for form in forms
    )


def _same_fate(one: Candidate, other: Candidate, wording: Wording) -> bool:
    asked = _fates(wording.question) or _fates(one.span.quote)
    told = _fates(other.span.quote)
    return not asked or not told or bool(asked & told)


def _fates(text: str) -> set[int]:
    words = set(re.findall(r"\w+", text.casefold()))
    return {n for n, fate in enumerate(_FATES) if fate & words}


def _same_names(one: Candidate, other: Candidate, wording: Wording) -> bool:
    """Whether neither sentence is about somebody or somewhere that the other's article lacks."""
    if any(mixed(wording.question, c.span.quote) for c in (one, other)):
        return False
    if not wording.names and not _share_names(one, other):
        return False
    for candidate in (one, other):
        article = candidate.span.article
        whole = f"{article.header}\n{article.text}"
        if _named_words(wording) & wording.unknown(whole, article.language):
            return False
    return not (_foreign(one, other, wording) and _foreign(other, one, wording))


def _foreign(one: Candidate, other: Candidate, wording: Wording) -> bool:
    """Whether the one's sentence names what neither the question nor the other's article does,
    its answer and its speakers left out."""
    quote, article = one.span.quote, other.span.article
    bare = quote[slice(*one.seen)] if one.seen else ""
    known = names(bare) | wording.names | names_and_words(f"{article.header}\n{article.text}")
    spoken = {word for speaker in speakers(quote) for word in speaker}
    own = names(one.span.article.outlet or "")
    opening = {quote.split()[0].casefold()}  # only its place may give it a capital letter
    return bool(names(quote).difference(*CALENDAR) - known - spoken - own - opening)


def _share_names(one: Candidate, other: Candidate) -> bool:
    """Whether half of the names of the article that has fewer are in the other, too."""
    first, second = (
        names(f"{c.span.article.title}\n{c.span.article.text}").difference(*CALENDAR)
        for c in (one, other)
    )
    fewer = min(len(first), len(second))
    return fewer > 0 and 2 * len(first & second) >= fewer


def _same_period(one: Candidate, other: Candidate, wording: Wording) -> bool:
    asked = periods(wording.question, None, wording.language)
    first, second = _periods(one, other), _periods(other, one)
    if first and second:
        return bool(first & second)
    return not (first or second) or bool((first or second) & asked)


def _periods(candidate: Candidate, other: Candidate) -> frozenset[str]:
    """The periods that what the sentence says holds for.

    What is planned for the year in which both articles appeared holds for no other: "900 jobs will
    go this year" is denied by "1,250 will".
    """
    article, quote = candidate.span.article, candidate.span.quote
    if after := _FURTHER.search(quote, candidate.seen[1] if candidate.seen else 0):
        quote = quote[: after.start()]
    found = periods(quote, article.published, article.language)
    days = [c.span.article.published for c in (candidate, other)]
    years = {str(day.year) if day else "" for day in days}
    return found - years if len(years) == 1 and _PLANNED.search(quote) else found


def _of_before(candidate: Candidate) -> bool:
    """Whether the sentence tells how it was before its article."""
    return bool(_BEFORE.search(candidate.span.quote))


def _may_be_many(wording: Wording) -> bool:
    """Whether a question for names may have several right answers at once."""
    return wording.kind in ("who", "where") and not _ROLES.search(wording.question)


def _around(candidate: Candidate) -> str:
    return f"{candidate.span.article.title} {candidate.context}"


def _asked(wording: Wording) -> frozenset[str]:
    return content_stems(wording.question, wording.language)


def _named_words(wording: Wording) -> frozenset[str]:
    return content_stems(" ".join(wording.names), wording.language)
