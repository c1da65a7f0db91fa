"""Right: every fact found and not refused, or rightly refused. One figure for the whole of it."""

from evals.case import Case
from evals.metrics import facts
from evals.result import Result


def score(case: Case, result: Result) -> float | None:
    """1 or 0; None for an answerable case that lists no facts to check."""
    if not case.answerable:
        return float(result.refused)
    found = facts.score(case, result)
    return None if found is None else float(found == 1 and not result.refused)
