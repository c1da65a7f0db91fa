"""Batches of examples of about the same length, for training."""

import random
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def by_length(
    items: list[T],
    length: Callable[[T], int],
    rng: random.Random,
    most: int,
    among: int,
    step: int = 1,
) -> list[list[T]]:
    """The items, which are shuffled in place, in batches of at most `most` word pieces.

    among: as many items at a time are put in order of length, so that batches differ from epoch to
    epoch. step: lengths count as rounded up to multiples of it, as they are padded.
    """
    rng.shuffle(items)
    made: list[list[T]] = []
    for at in range(0, len(items), among):
        part: list[T] = []
        for item in sorted(items[at : at + among], key=length):
            if part and (len(part) + 1) * -(-length(item) // step) * step > most:
                made.append(part)
                part = []
            part.append(item)
        made.append(part)
    rng.shuffle(made)
    return made
