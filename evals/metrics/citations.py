"""Exactness of citations: the share whose quote is, letter by letter, what stands there."""

from evals.case import Case
from evals.result import Result


def score(case: Case, result: Result) -> float | None:
    """In [0, 1]; None for an answer without citations."""
    exact = [citation.exact for citation in result.citations]
    return sum(exact) / len(exact) if exact else None
