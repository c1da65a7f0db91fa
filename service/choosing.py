"""Which sentences are chosen together, and in which order they are read."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from service.candidates import Candidate
from service.spread import says_again

MAX_WORDS = 75  # of an answer, except that the best sentence is never cut
ADJACENT = 0.5  # log-odds that a sentence gains by standing beside a chosen one


def in_turn(found: Sequence[Candidate], odds: NDArray[np.float64]) -> Iterator[tuple[int, float]]:
    """The places of the sentences from the best on, each with its log-odds in its turn.

    What stands beside a chosen sentence belongs to it sooner than what stands elsewhere; what
    says the same in the same words adds nothing and is left out.
    """
    left = set(range(len(found)))
    chosen: list[Candidate] = []
    while left:
        value = {n: odds[n] + ADJACENT * any(found[n].beside(c) for c in chosen) for n in left}
        best = min(left, key=lambda n: (-value[n], n))
        left.remove(best)
        if not any(says_again(found[best].span.quote, c.span.quote) for c in chosen):
            chosen.append(found[best])
            yield best, float(value[best])


def companions(
    found: Sequence[Candidate], odds: NDArray[np.float64], most: int, companion: float
) -> list[Candidate]:
    """The best sentence and those nearly as good, as they are read.

    most: sentences in all; companion: how far below the best log-odds a further one may lie.
    """
    chosen: list[Candidate] = []
    words = 0
    for n, value in in_turn(found, odds):
        sentence = found[n]
        words += len(sentence.span.quote.split())
        if chosen and (value < odds.max() - companion or words > MAX_WORDS):
            break
        chosen.append(sentence)
        if len(chosen) == most:
            break
    return in_reading_order(chosen)


def in_reading_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """As they stand in their articles; the article of the first comes first."""
    first = chosen[0].article_id
    return sorted(chosen, key=lambda c: (c.article_id != first, c.article_id, c.span.start))
