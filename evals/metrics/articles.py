"""Gold articles among the first k distinct articles, however many passages each has."""

from evals.case import Case
from evals.metrics.trec import Measure, measured
from evals.result import Result


def distinct(result: Result) -> list[tuple[str, str]]:
    """Id and name of each article among the passages, best first."""
    return list(dict.fromkeys((p.article_id, p.article) for p in result.passages))


def recall(case: Case, result: Result, k: int) -> float | None:
    """The share of gold articles found; None where the case has none to find."""
    return _measured("recall", case, result, k)


def hit(case: Case, result: Result, k: int) -> float | None:
    """1 where any gold article is found."""
    return _measured("success", case, result, k)


def ndcg(case: Case, result: Result, k: int) -> float | None:
    """Over distinct articles, gold or not, as BEIR (arXiv 2104.08663) does over documents."""
    return _measured("ndcg_cut", case, result, k)


def _measured(measure: Measure, case: Case, result: Result, k: int) -> float | None:
    gold = dict.fromkeys(case.articles, 1) if case.answerable else {}
    ranked: dict[str, None] = {}
    for id_, name in distinct(result):
        known = name if name in gold else id_
        # A second article of a gold name is another article, and not that one found again.
        ranked[id_ if known in ranked else known] = None
    return measured(measure, gold, list(ranked), k) if gold else None
