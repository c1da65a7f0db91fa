"""Gold articles among the first k distinct articles, however many passages each has."""

from evals.case import Case
from evals.result import Result


def distinct(result: Result) -> list[tuple[str, str]]:
    """Id and name of each article among the passages, best first."""
    return list(dict.fromkeys((p.article_id, p.article) for p in result.passages))


def recall(case: Case, result: Result, k: int) -> float | None:
    """The share of gold articles found; None where the case has none to find."""
    gold = case.articles if case.answerable else ()
    first = {name for names in distinct(result)[:k] for name in names}
    return sum(name in first for name in gold) / len(gold) if gold else None


def hit(case: Case, result: Result, k: int) -> float | None:
    """1 where any gold article is found."""
    share = recall(case, result, k)
    return None if share is None else float(share > 0)
