"""MRR@k of MultiHop-RAG (arXiv 2401.15391)."""

from evals.case import Case
from evals.metrics.evidence import ranks
from evals.result import Result


def score(case: Case, result: Result, k: int) -> float | None:
    """1 / rank of the first passage with a gold sentence, 0 beyond k; None without gold."""
    gold = ranks(case, result)
    first = min((rank for rank in gold if rank is not None and rank <= k), default=None)
    return (1 / first if first else 0.0) if gold else None
