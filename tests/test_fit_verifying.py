"""What the verifier adds: what the fit promises."""

import numpy as np
import pytest

from evals.fit_verifying import READ, Rows, choosing, first_right, fit, turned
from service.rules import NEAR
from service.verifying import SENTENCES

THRESHOLD = -0.5


def drawn(seed: int, told: float) -> Rows:
    """400 cases; told: how much of the truth the verifier knows."""
    random = np.random.default_rng(seed)
    could = random.random(400) < 0.6
    decided = random.normal(np.where(could, 1.0, -1.5), 1.2)
    verifier = random.normal(np.where(could, told, -told), 1.0)
    close = np.abs(decided - THRESHOLD) < NEAR
    rows = np.full((400, READ.start + 3 * SENTENCES), np.nan)
    rows[:, : READ.start] = np.column_stack([could, decided, np.where(close, verifier, np.nan)])
    for n in np.flatnonzero(close):
        read = random.integers(1, SENTENCES + 1)
        bears = np.arange(read) == random.integers(read)
        odds = random.normal(np.where(bears, 1.5, 0.0), 1.0)
        chances = random.normal(np.where(bears, told, 0.0) - 3, 1.0)
        rows[n, READ][: 3 * read] = np.column_stack([odds, chances, bears]).ravel()
    return rows


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("told", [0.0, 0.7, 2.0])
def test_as_many_answerable_questions_are_refused_as_without(seed: int, told: float) -> None:
    rows = drawn(seed, told)
    could, odds = rows[:, 0] > 0, turned(rows, fit(rows, THRESHOLD))
    before = rows[:, 1] < THRESHOLD
    assert (odds[could] < THRESHOLD).sum() == before[could].sum()
    asked = ~np.isnan(rows[:, 2])
    assert np.array_equal(odds[~asked], rows[~asked, 1])
    if told > 1:
        assert (odds[~could] < THRESHOLD).sum() > before[~could].sum()


@pytest.mark.parametrize("seed", range(5))
def test_the_more_it_knows_the_more_it_adds_to_the_ranking(seed: int) -> None:
    nothing, much = (choosing(drawn(seed, told)) for told in (0.0, 2.0))
    assert 0 <= nothing < 0.5 < much
    rows = drawn(seed, 2.0)
    assert first_right(rows, much) > first_right(rows, 0.0)
