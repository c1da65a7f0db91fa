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
from service.opposites import axes
from service.polarity import negated_otherwise, opposed
from service.quantities import QUANTITY_WORDS, figures, missing
from service.speakers import named, swapped
from service.verb_forms import bases
from service.wording import content_stems, names

Bears = Literal["yes", "no"]

DENSE = 0.4  # words of the claim among those from the first to the last of them, at least
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


def weigh(claim: str, candidate: Candidate) -> Bearing:
    """What the sentence says to the claim, by the words of its article's language."""
    quote, language = candidate.span.quote, candidate.span.article.language
    asked = _words(claim, language) - _idle(language)
    there = _words(f"{quote} {_meant(claim, candidate)}", language)
    covered = len(asked & there) / len(asked) if asked else 0.0
    lacking = asked - there
    if not asked or lacking - _on_axes(language) or _density(asked, quote, language) < DENSE:
        return Bearing(candidate, covered, None)
    return Bearing(candidate, covered, _bears(claim, candidate, bool(lacking)))


def _bears(claim: str, candidate: Candidate, lacks: bool) -> Bears | None:
    """lacks: whether words of the claim are missing, all of which have opposites."""
    article, quote = candidate.span.article, candidate.span.quote
    language, header = article.language, article.header
    opposes = opposed(claim, quote, language)
    if (lacks and not opposes) or hedged(claim, quote):
        return None
    if otherwise_exact(claim, quote) or without_verb(claim, quote):
        return None
    if not named(claim, quote, candidate.context, header, language):
        return None
    if swapped(claim, quote, language):
        return None
    denies = negated_otherwise(claim, quote, language)
    if missing(claim, quote, header, language):
        return "no" if not (denies or opposes) and _other_figure(claim, quote, language) else None
    return "yes" if not (denies or opposes) else None if denies and opposes else "no"


def _other_figure(claim: str, quote: str, language: str | None) -> bool:
    """Whether it counts the same thing, and to another number."""
    ours, theirs = figures(claim, language), figures(quote, language)
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


def _density(asked: frozenset[str], quote: str, language: str | None) -> float:
    """How close together the words stand that the quote has of those asked for, in [0, 1]."""
    form = bases(language)
    said = [form.get(stem, stem) for stem in stems(quote, language)]
    there = asked.intersection(said)
    shortest = min((_reach(said[n:], there) for n, s in enumerate(said) if s in there), default=0)
    return len(there) / shortest if shortest else 0.0


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
