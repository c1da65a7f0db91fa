"""Time spent, as the service measured it."""

from evals.case import Case
from evals.result import Result


def stage(case: Case, result: Result, name: str) -> float | None:
    """Seconds of one stage: "retrieve" (the question's embedding included) or "answer"."""
    return result.seconds.get(name)


def total(case: Case, result: Result) -> float | None:
    """Seconds of all stages."""
    return sum(result.seconds.values()) if result.seconds else None
