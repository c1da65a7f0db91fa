"""How far a figure could be off, had other questions of the same kind been asked.

Percentile bootstrap over questions (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
ch. 13). The seed is fixed: the same scores give the same intervals, and two runs over the same
cases are drawn alike, so that the difference of their draws is the paired bootstrap of Koehn
(2004, EMNLP), which Berg-Kirkpatrick, Burkett and Klein (2012, EMNLP) look at for NLP at large.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # (cases, metrics); NaN where a metric says nothing about a case
DRAWS = 1000
BLOCK = 50  # draws made at once
COVERED = (2.5, 97.5)  # percentiles of a 95 % interval


def means(scores: Scores) -> Scores:
    """Mean of each metric over the cases it speaks about."""
    return _ratio(np.nansum(scores, axis=0), (~np.isnan(scores)).sum(axis=0))


def draw_means(scores: Scores, seed: int = 0) -> Scores:
    """Means of cases drawn with replacement, (DRAWS, metrics)."""
    known, values = ~np.isnan(scores) * 1.0, np.nan_to_num(scores)
    drawn = [_ratio(weights @ values, weights @ known) for weights in draws(len(scores), seed)]
    return np.concatenate(drawn)


def draws(cases: int, seed: int = 0) -> Iterator[Scores]:
    """How often each case is drawn, DRAWS rows in blocks, (BLOCK, cases); alike for a seed."""
    generator = np.random.default_rng(seed)
    row = np.arange(BLOCK)[:, None] * cases
    for _ in range(DRAWS // BLOCK):
        places = generator.integers(cases, size=(BLOCK, cases)) + row
        counts = np.bincount(places.ravel(), minlength=BLOCK * cases)
        yield counts.reshape(BLOCK, cases).astype(np.float64)


def interval(draws: Scores) -> tuple[float, float]:
    """The 95 % percentile interval of one metric's draws; NaN draws are left out."""
    known = draws[~np.isnan(draws)]
    low, high = np.percentile(known, COVERED) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def _ratio(total: Scores, count: Scores | NDArray[np.int_]) -> Scores:
    ratio: Scores = np.full(total.shape, np.nan)
    np.divide(total, count, out=ratio, where=count > 0)
    return ratio
