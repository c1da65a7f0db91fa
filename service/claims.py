"""A sentence for each thing that a yes or no question asks of its outlets."""

from collections.abc import Sequence
from functools import lru_cache

from index.lexical import stems
from index.polar import Claim
from service.answering import Span
from service.candidates import Candidate
from service.checking import telling_words

# Of a claim's words, with which a sentence of its outlet is on it: one question in ten finds such a
# sentence in the passages of another one (half of a sample of MultiHop-RAG dev).
ENOUGH = 0.35
# Words that say what a report does, and nothing of what it tells.
_IDLE = """both suggest suggests suggested claim claims claimed indicate indicates indicated imply
    implies implied mention mentions mentioned state states stated describe describes described
    story piece newspaper while whereas already now ever currently end actually really also too
    redan nu någonsin slutligen även också tidning medan"""


def on_claims(claims: Sequence[Claim], found: Sequence[Candidate]) -> tuple[Span, ...]:
    """For each claim the sentence of its outlet that has most of its words, if it has enough."""
    spans = []
    for claim in claims:
        own = [(covered(claim.text, c), c) for c in found if _asked(claim, c)]
        share, best = max(own, key=lambda each: each[0], default=(0.0, None))
        if best and share >= ENOUGH:
            spans.append(best.span)
    return tuple(dict.fromkeys(spans))


def _asked(claim: Claim, candidate: Candidate) -> bool:
    outlet = (candidate.span.article.outlet or "").casefold()
    return not claim.outlets or outlet in claim.outlets


def covered(claim: str, candidate: Candidate) -> float:
    """The share, in [0, 1], of the claim's content words that the sentence has."""
    language = candidate.span.article.language
    asked = telling_words(claim, language) - _idle(language)
    there = telling_words(candidate.span.quote, language)
    return len(asked & there) / len(asked) if asked else 0.0


@lru_cache(maxsize=8)
def _idle(language: str | None) -> frozenset[str]:
    return frozenset(stems(_IDLE, language))
