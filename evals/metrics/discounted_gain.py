"""Normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002, ACM TOIS 20:4)."""

from collections import Counter
from collections.abc import Sequence
from math import log2

from evals.case import Case
from evals.metrics.articles import distinct
from evals.metrics.evidence import ranks
from evals.result import Result


def evidence(case: Case, result: Result, k: int) -> float | None:
    """Over passages: each gains the gold sentences that no passage above it holds.

    Ideal are the same passages in the best order, with one more for each gold sentence that was
    not found at all. None where the case has no gold sentence.
    """
    found = ranks(case, result)
    gains = Counter(rank for rank in found if rank is not None)
    ideal = sorted([*gains.values(), *(1 for rank in found if rank is None)], reverse=True)
    reached = [gains[rank] for rank in range(1, k + 1)]
    return gain(reached) / gain(ideal[:k]) if found else None


def articles(case: Case, result: Result, k: int) -> float | None:
    """Over distinct articles, gold or not, as BEIR (arXiv 2104.08663) does over documents."""
    gold = case.articles if case.answerable else ()
    reached = [float(any(name in gold for name in names)) for names in distinct(result)[:k]]
    return gain(reached) / gain([1.0] * min(len(gold), k)) if gold else None


def gain(gains: Sequence[float]) -> float:
    """Gains at ranks 1, 2, ..., each by the logarithm of its rank."""
    return sum(value / log2(rank + 1) for rank, value in enumerate(gains, start=1))
