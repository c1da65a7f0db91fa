"""What yes or no questions get: for each claim its best sentence, and the word where it follows.

The word is said where every claim is borne out ("Yes."), or where one is denied ("No."), by the
articles' own sentences and by no rule but those of `service.bearing`. Otherwise the quotes stand
alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.polar import Claim, Polar
from service.answering import Span
from service.bearing import Bearing, weigh
from service.candidates import Candidate

ENOUGH = 0.4  # of a claim's words, with which a sentence of its outlet is on it


@dataclass(frozen=True, slots=True)
class Answered:
    """What a yes or no question gets."""

    word: str | None  # "Yes." or "No." in the question's language; None where neither follows
    spans: tuple[Span, ...]  # what the word stands on; without one, what is on the claims


def answered(asked: Polar, found: Sequence[Candidate]) -> Answered:
    """Hold every claim against the sentences of its outlet.

    Without a word only a question with several claims has spans, one for each that has a sentence.
    """
    told = [_told(claim, found) for claim in asked.claims]
    nearest = [_nearest(each) for each in told]
    sides = [{b.bears for b in each if b.bears} for each in told]
    if asked.plain and all(len(side) < 2 for side in sides):  # else the articles differ
        if any("no" in side for side in sides):
            return Answered(asked.no, _spans([b for b in nearest if b and b.bears == "no"]))
        if all("yes" in side for side in sides):
            return Answered(asked.yes, _spans([b for b in nearest if b]))
    near = [b for b in nearest if b and b.covered >= ENOUGH] if len(told) > 1 else []
    return Answered(None, _spans(near))


def _told(claim: Claim, found: Sequence[Candidate]) -> list[Bearing]:
    return [
        weigh(claim.text, candidate)
        for candidate in found
        if not claim.outlets or (candidate.span.article.outlet or "").casefold() in claim.outlets
    ]


def _nearest(told: Sequence[Bearing]) -> Bearing | None:
    """The first of those that say most; what bears the claim out, or denies it, before the rest."""
    return max(told, key=lambda b: (b.bears is not None, b.covered), default=None)


def _spans(told: Sequence[Bearing]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(b.candidate.span for b in told))
