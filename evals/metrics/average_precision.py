"""MAP@k by the code of MultiHop-RAG (arXiv 2401.15391); its published column does not fit it."""

from evals.case import Case
from evals.metrics.evidence import ranks
from evals.result import Result


def score(case: Case, result: Result, k: int) -> float | None:
    """Gold sentences first found at a rank / rank, summed, / min(gold sentences, k)."""
    gold = ranks(case, result)
    gains = [1 / rank for rank in gold if rank is not None and rank <= k]
    return sum(gains) / min(len(gold), k) if gold else None
