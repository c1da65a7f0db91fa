"""Length of the answer."""

from evals.case import Case
from evals.matching import without_marks
from evals.result import Result


def score(case: Case, result: Result) -> float | None:
    """White-space separated words, citation numbers left out; None for a refusal."""
    return None if result.refused else float(len(without_marks(result.answer).split()))
