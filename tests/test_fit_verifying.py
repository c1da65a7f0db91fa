"""How far the verifier may turn a decision: what the fit promises."""

import numpy as np
import pytest

from evals.fit_verifying import Rows, fit, turned
from service.rules import NEAR

THRESHOLD = -0.5


def drawn(seed: int, told: float) -> Rows:
    """400 cases; told: how much of the truth the verifier knows."""
    random = np.random.default_rng(seed)
    could = random.random(400) < 0.6
    decided = random.normal(np.where(could, 1.0, -1.5), 1.2)
    verifier = random.normal(np.where(could, told, -told), 1.0)
    close = np.abs(decided - THRESHOLD) < NEAR
    return np.column_stack([could, decided, np.where(close, verifier, np.nan)])


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
