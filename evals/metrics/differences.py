"""Differences: where articles differ the answer says so, and where they do not it keeps still.

Both speak only of cases whose set says whether their articles differ (`differs`).
"""

from evals.case import Case
from evals.matching import says
from evals.result import Result

APART = ("earlier", "differs")


def stated(case: Case, result: Result) -> float | None:
    """1 if every fact of the case is set beside the others, each cited from its own article."""
    if not case.differs:
        return None
    named = {cited.number: cited.article for cited in result.citations}
    told = [(named.get(account.number), account.text) for account in result.accounts]
    facts = all(any(says(text, f) for _, text in told for f in forms) for forms in case.facts)
    cited = set(case.articles) <= {article for article, _ in told}
    return float(_alarm(result) and facts and cited)


def false_alarm(case: Case, result: Result) -> float | None:
    """1 if a difference is told where there is none. Lower is better."""
    return float(_alarm(result)) if case.differs is False else None


def _alarm(result: Result) -> bool:
    return any(account.relation in APART for account in result.accounts)
