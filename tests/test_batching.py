"""Batches of about the same length: nothing lost, none too large."""

import random

from hypothesis import given
from hypothesis import strategies as st

from evals.batching import by_length


@given(st.lists(st.integers(1, 90)), st.integers(1, 40))
def test_each_item_is_in_one_batch_and_batches_fit(lengths: list[int], step: int) -> None:
    items = list(enumerate(lengths))
    made = by_length(list(items), lambda item: item[1], random.Random(0), 200, 7, step)
    assert sorted(item for batch in made for item in batch) == items
    for batch in made:
        widest = -(-max(length for _, length in batch) // step) * step
        assert len(batch) == 1 or len(batch) * widest <= 200


def test_the_same_seed_gives_the_same_batches() -> None:
    one, other = (
        by_length(list(range(1, 50)), lambda item: item, random.Random(3), 100, 9) for _ in range(2)
    )
    assert one == other
