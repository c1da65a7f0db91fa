"""Does it know when it is right? Risk and coverage (El-Yaniv and Wiener, 2010, JMLR 11), and AURC,
the area under their curve (Geifman and El-Yaniv, arXiv 1805.08206).

Were only the answers given whose confidence reaches a threshold, coverage is the share of the run's
checked answers that would be given, and risk the share of those that are wrong. These speak about
a run as a whole and not about one case; refusals have no answer to be right or wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NAME = "aurc"
BINS = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """A point for each distinct confidence, highest first; all have the same length."""

    threshold: Floats
    coverage: Floats  # in (0, 1], of the answers
    risk: Floats  # in [0, 1]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence."""

    confidence: float  # mean
    right: float  # share
    n: int


def curve(confidence: Floats, right: Floats) -> Curve:
    """Over answers: how sure each was, and whether it was right (1 or 0). At least one."""
    thresholds, covered, risk = _cumulated(confidence, right, np.ones((1, len(right))))
    return Curve(thresholds, covered[0] / covered[0, -1], risk[0])


def area(confidence: Floats, right: Floats) -> float:
    """AURC in [0, 1], lower is better: the mean over answers of the risk at their own confidence.

    Answers of one confidence count alike, so that the order of a set plays no part. NaN where
    there is no answer.
    """
    return float(areas(confidence, right, np.ones((1, len(right))))[0])


def areas(confidence: Floats, right: Floats, weights: Floats) -> Floats:
    """AURC of each draw, (draws,); `weights`, (draws, answers): how often each answer counts."""
    drawn = weights.sum(axis=1)
    if not len(right):
        return np.full(len(weights), np.nan)
    _, covered, risk = _cumulated(confidence, right, weights)
    total = (np.diff(covered, prepend=0) * risk).sum(axis=1)
    means: Floats = np.full(len(weights), np.nan)
    np.divide(total, drawn, out=means, where=drawn > 0)
    return means


def calibration(confidence: Floats, right: Floats) -> list[Bin]:
    """Reliability in bins of equal width; empty ones are left out."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    inside = (place == at for at in range(BINS))
    return [
        Bin(float(confidence[some].mean()), float(right[some].mean()), int(some.sum()))
        for some in inside
        if some.any()
    ]


def calibration_error(bins: list[Bin]) -> float:
    """Expected calibration error (Naeini et al., 2015, AAAI), in [0, 1]."""
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.confidence - each.right) for each in bins) / total


def _cumulated(confidence: Floats, right: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Thresholds, (levels,); what each lets through and the risk of it, (draws, levels)."""
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.diff(confidence[order], append=-np.inf))
    covered = np.cumsum(weights[:, order], axis=1)[:, ends]
    errors = np.cumsum((weights * (1 - right))[:, order], axis=1)[:, ends]
    risk = np.divide(errors, covered, out=np.zeros(covered.shape), where=covered > 0)
    return confidence[order][ends], covered, risk
