"""Who said what, from a sentence that holds a whole quotation and its speaker by name."""

import re
from collections.abc import Iterator

from evals.drafting.proposal import LEANING, NAME, Proposal
from index.schema import Article

VERBS = r"said|says|told|wrote|added|säger|sade|sa|skriver|skrev"
QUOTED = r"[\"“”](?P<quote>[A-ZÅÄÖ][^\"“”]{25,220}?)[,.!]?[\"“”]"
ROLE = r"(?:(?:[Pp]resident|[Mm]inister|[Mm]ayor|[Pp]rofessor|[Ss]ecretary|Mr|Mrs|Ms|Dr)\.? )?"
FIRST = (
    r"(?!(?:Mr|Mrs|Ms|Dr|President|Minister|Premier|Representative|Secretary|Mayor|The|And)\b)"
    r"[A-ZÅÄÖ][a-zåäöé’-]+"
)
GENITIVE = ("'s", "’s", "s'", "s’")
PATTERNS = (
    re.compile(rf"{QUOTED},? {ROLE}(?P<who>{NAME}) (?:{VERBS})\b"),
    re.compile(rf"{QUOTED},? (?:{VERBS}) {ROLE}(?P<who>{NAME})(?=[,. ])"),
    re.compile(rf"^{ROLE}(?P<who>{NAME}) (?:{VERBS})[,:] {QUOTED}"),
)


def propose(sentence: str, article: Article) -> Iterator[Proposal]:
    """One question at most."""
    for pattern in PATTERNS:
        match = pattern.search(sentence)
        named = match and not LEANING.match(match["who"]) and not match["who"].endswith(GENITIVE)
        if match and named and sentence.count(match["quote"]) == 1:
            asks = "Vem sade" if article.language == "sv" else "Who said"
            question = f"{asks}: “{match['quote'].strip()}”?"
            answer = names(match["who"], article.text)
            yield Proposal("who-said", question, answer, sentence, article)
            return


def names(name: str, text: str) -> tuple[str, ...]:
    """The name as it stands, and its last word or the fuller form that the article has of it."""
    if " " in name:
        return name, name.split()[-1]
    fuller = re.findall(rf"\b({FIRST} (?:[A-Z]\. )?{re.escape(name)})\b", text)
    return (name, *fuller[:1])
