"""Does a sentence say what a yes would need, or its opposite? For yes or no questions only.

Stricter than the check of a model's sentence (`service.checking`), whose rules it uses: a question
was not made from the passage, so every word of what is claimed has to stand there, close together,
and what is planned, feared or asked for bears nothing out. In doubt it is silent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.lexical import stems
from service.candidates import Candidate
from service.dates import CALENDAR
from service.hedges import hedged, otherwise_exact, without_verb
from service.opposites import NEGATIONS, axes
from service.polarity import negated_otherwise, opposed
from service.quantities import QUANTITY_WORDS, figures, missing
from service.speakers import named, swapped
from service.verb_forms import bases
from service.wording import content_stems, names

Bears = Literal["yes", "no"]

# Content words of the claim among those from the first to the last of them, at least. From BoolQ.
DENSE = 0.4
BEFORE = 4  # words before these in which a negation may stand
BESIDE = 8  # words before and after these in which it may be said that they are but a plan
_CLIPPED = frozenset("don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn".split())
_TOKEN = re.compile(r"[^\W_]+")
_DEFEATS = re.compile(r"\bdefeat(?:s|ed|ing)\b", re.I)  # who does has won, who meets one has not
_BOUNDS = re.compile(
    r"\b(?:before|after|since|until|by|over|under|than|least|most|about|around|nearly|almost|up|"
    r"före|efter|sedan|över|än|minst|högst|omkring|nästan|drygt|knappt|upp)\b",
    re.I,
)
# Words that say nothing of what is claimed: of the report itself, or of the asker.
_IDLE = """both suggest suggests suggested claim claims claimed indicate indicates indicated imply
    implies implied mention mentions mentioned state states stated describe describes described
    story piece newspaper while whereas already now ever currently end actually really also too
    redan nu någonsin slutligen även också tidning medan""".split()


@dataclass(frozen=True, slots=True)
class Bearing:
    """What one sentence says to a claim."""

    candidate: Candidate
    covered: float  # share, in [0, 1], of the claim's words that it has
    bears: Bears | None


@dataclass(frozen=True, slots=True)
class Closest:
    """Where in a sentence the words of a claim stand closest together."""

    density: float  # share of the content words there, from the first to the last, that it has
    denied: bool  # whether there, or shortly before, something is denied
    around: str = ""  # these words, with some before and after


def weigh(claim: str, candidate: Candidate) -> Bearing:
    """What the sentence says to the claim, by the words of its article's language."""
    quote, language = candidate.span.quote, candidate.span.article.language
    asked = _words(claim, language) - _idle(language)
    there = _words(quote, language)
    covered = len(asked & there) / len(asked) if asked else 0.0
    lacking = asked - there - _words(_meant(claim, candidate), language)
    if not asked or lacking - _on_axes(language):
        return Bearing(candidate, covered, None)
    near = closest(asked, quote, language)
    bears = _bears(claim, candidate, bool(lacking), near) if near.density >= DENSE else None
    return Bearing(candidate, covered, bears)


def _bears(claim: str, candidate: Candidate, lacks: bool, near: Closest) -> Bears | None:
    """lacks: whether words of the claim are missing, all of which have opposites."""
    article, quote = candidate.span.article, candidate.span.quote
    language, header = article.language, article.header
    opposes = opposed(claim, quote, language)
    if (
        "?" in quote
        or hedged(claim, near.around)
        or otherwise_exact(claim, quote)
        or without_verb(claim, quote)
    ):
        return None
    if not named(claim, quote, candidate.context, header, language):
        return None
    if swapped(claim, quote, language):
        return None
    denies = negated_otherwise(claim, quote, language)
    if lacks:  # the opposite of a word stands in its place
        return "no" if opposes and not denies and not _DEFEATS.search(quote) else None
    if missing(claim, quote, header, language):
        return "no" if not (denies or opposes) and _other_figure(claim, quote, language) else None
    if denies or near.denied:  # there, and not in another part of the sentence
        return "no" if denies and near.denied else None
    return None if opposes else "yes"


def _other_figure(claim: str, quote: str, language: str | None) -> bool:
    """Whether it counts the same thing, and to another number."""
    ours, theirs = figures(claim, language), figures(quote, language)
    if _BOUNDS.search(claim):
        return False
    if len(ours.quantities) != 1 or ours.dates:
        return False
    mine = ours.quantities[0]
    same = [
        q
        for q in theirs.quantities
        if (mine.unit and q.unit == mine.unit) or (mine.counted and q.counted == mine.counted)
    ]
    return len(same) == 1 and same[0].value != mine.value


def _meant(claim: str, candidate: Candidate) -> str:
    """Names of the claim in the title or beside the sentence, of which it may be speaking."""
    beside = names(f"{candidate.span.article.title}. {candidate.context}")
    return " ".join(sorted(names(claim) & beside))


def closest(asked: frozenset[str], quote: str, language: str | None) -> Closest:
    """Where the words stand that the quote has of those asked for."""
    form, content = bases(language), content_stems(quote, language)
    plain, stemmed = stems(quote, None), stems(quote, language)
    said = [form.get(stem, stem) for stem in stemmed]
    there = asked.intersection(said)
    reaches = [(_reach(said[n:], there), n) for n, word in enumerate(said) if word in there]
    if not reaches:
        return Closest(0.0, False)
    length, start = min(reaches)
    end = start + length
    telling = sum(stem in content for stem in stemmed[start:end])
    around = plain[max(start - BEFORE, 0) : end]
    denied = any(word in NEGATIONS or word in _CLIPPED for word in around)
    return Closest(len(there) / telling, denied, _beside(quote, start, end))


def _beside(quote: str, start: int, end: int) -> str:
    """The text from so many words before a place to as many after it."""
    places = [match.span() for match in _TOKEN.finditer(quote)]
    first, last = max(start - BESIDE, 0), min(end + BESIDE, len(places)) - 1
    return quote[places[first][0] : places[last][1]] if 0 <= first <= last else quote


def _reach(said: Sequence[str], wanted: frozenset[str]) -> int:
    """How many words it takes until all have been said; many, if they are not."""
    left = set(wanted)
    for count, word in enumerate(said, start=1):
        left.discard(word)
        if not left:
            return count
    return 10_000


def _words(text: str, language: str | None) -> frozenset[str]:
    """Content words in one form each; numbers and dates are compared by themselves."""
    form = bases(language)
    found = (form.get(stem, stem) for stem in content_stems(text, language))
    return frozenset(s for s in found if not s[0].isdigit() and s not in _counted(language))


@lru_cache(maxsize=8)
def _idle(language: str | None) -> frozenset[str]:
    return frozenset(bases(language).get(s, s) for s in stems(" ".join(_IDLE), language))


@lru_cache(maxsize=8)
def _counted(language: str | None) -> frozenset[str]:
    words = frozenset(QUANTITY_WORDS).union(*CALENDAR)
    return words | frozenset(stems(" ".join(words), language))


@lru_cache(maxsize=8)
def _on_axes(language: str | None) -> frozenset[str]:
    return frozenset(bases(language).get(s, s) for s in axes(language))
