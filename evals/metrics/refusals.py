"""Refusals ("not in these articles"), scored so that means over cases are the known ratios."""

from evals.case import Case
from evals.result import Result


def precision(case: Case, result: Result) -> float | None:
    """Of the refused cases, those that have no answer."""
    return float(not case.answerable) if result.refused else None


def recall(case: Case, result: Result) -> float | None:
    """Of the cases that have no answer, those refused."""
    return None if case.answerable else float(result.refused)


def wrongful(case: Case, result: Result) -> float | None:
    """Of the cases that have an answer, those refused. Lower is better."""
    return float(result.refused) if case.answerable else None
