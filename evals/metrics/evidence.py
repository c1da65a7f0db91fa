"""Gold sentences among the first k passages. Stricter than Hits@k, and better at telling apart."""

from evals.case import Case
from evals.matching import first_ranks
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
    share = recall(case, result, k)
    return None if share is None else float(share > 0)
