"""Gold sentences among the first k passages. Stricter than Hits@k, and better at telling apart."""

from collections import Counter

from evals.case import Case
from evals.matching import first_ranks
from evals.metrics.trec import Measure, measured
from evals.result import Result


def ranks(case: Case, result: Result) -> list[int | None]:
    """First rank of each gold sentence; empty where the case has none to find."""
    quotes = case.quotes if case.answerable else ()
    return first_ranks(quotes, [passage.text for passage in result.passages])


def recall(case: Case, result: Result, k: int) -> float | None:
    """The share of gold sentences found."""
    found = [rank is not None and rank <= k for rank in ranks(case, result)]
    return sum(found) / len(found) if found else None


def complete(case: Case, result: Result, k: int) -> float | None:
    """1 where every gold sentence is found."""
    share = recall(case, result, k)
    return None if share is None else float(share == 1)


def hit(case: Case, result: Result, k: int) -> float | None:
    """Hits@k of MultiHop-RAG (arXiv 2401.15391): 1 where any gold sentence is found."""
    return _measured("success", case, result, k)


def mrr(case: Case, result: Result, k: int) -> float | None:
    """MRR@k of MultiHop-RAG: 1 / rank of the first passage with a gold sentence, 0 beyond k."""
    return _measured("recip_rank", case, result, k)


def ndcg(case: Case, result: Result, k: int) -> float | None:
    """Over passages: each gains the gold sentences that no passage above it holds.

    Ideal are the same passages in the best order, with one more for each gold sentence that was
    not found at all (Järvelin and Kekäläinen, 2002, ACM TOIS 20:4).
    """
    return _measured("ndcg_cut", case, result, k)


def _measured(measure: Measure, case: Case, result: Result, k: int) -> float | None:
    found = ranks(case, result)
    gains = Counter(f"passage {rank}" for rank in found if rank is not None)
    gains.update(f"sentence {n}" for n, rank in enumerate(found) if rank is None)
    ranked = [f"passage {rank}" for rank in range(1, len(result.passages) + 1)]
    return measured(measure, gains, ranked, k) if found else None
