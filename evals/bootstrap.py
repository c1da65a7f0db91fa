"""How far a mean could be off, had other questions of the same kind been asked.

The seed is fixed: the same scores give the same intervals, and two runs over the same cases are
drawn alike, so that the difference of their draws is a paired bootstrap.
"""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # (cases, metrics); NaN where a metric says nothing about a case
DRAWS = 1000
COVERED = (2.5, 97.5)  # percentiles of a 95 % interval


def means(scores: Scores) -> Scores:
    """Mean of each metric over the cases it speaks about."""
    return _ratio(np.nansum(scores, axis=0), (~np.isnan(scores)).sum(axis=0))


def draw_means(scores: Scores, seed: int = 0) -> Scores:
    """Means of cases drawn with replacement, (DRAWS, metrics)."""
    cases, generator = len(scores), np.random.default_rng(seed)
    known, values = ~np.isnan(scores) * 1.0, np.nan_to_num(scores)
    drawn = np.empty((DRAWS, scores.shape[1]))
    for row in range(DRAWS):
        weights = np.bincount(generator.integers(cases, size=cases), minlength=cases) * 1.0
        drawn[row] = _ratio(weights @ values, weights @ known)
    return drawn


def interval(draws: Scores) -> tuple[float, float]:
    """The 95 % percentile interval of one metric's draws; NaN draws are left out."""
    known = draws[~np.isnan(draws)]
    low, high = np.percentile(known, COVERED) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def _ratio(total: Scores, count: Scores | NDArray[np.int_]) -> Scores:
    ratio: Scores = np.full(total.shape, np.nan)
    np.divide(total, count, out=ratio, where=count > 0)
    return ratio
