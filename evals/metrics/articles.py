"""Gold articles among the first k distinct articles, however many passages each has."""

from evals.case import Case
from evals.result import Result


def _first(result: Result, k: int) -> set[str]:
    """Names and ids of the first k distinct articles."""
    distinct = dict.fromkeys((p.article_id, p.article) for p in result.passages)
    return {name for pair in list(distinct)[:k] for name in pair}


def recall(case: Case, result: Result, k: int) -> float | None:
    """The share of gold articles found; None where the case has none to find."""
    gold = case.articles if case.answerable else ()
    return sum(name in _first(result, k) for name in gold) / len(gold) if gold else None


def hit(case: Case, result: Result, k: int) -> float | None:
    """1 where any gold article is found."""
    share = recall(case, result, k)
    return None if share is None else float(share > 0)
