"""Facts found: the share of a case's facts that the answer says in any of their forms."""

from evals.case import Case
from evals.matching import stated
from evals.result import Result, facts_found


def score(case: Case, result: Result) -> float | None:
    """In [0, 1]; None for a case without facts. Citation numbers are not part of the answer."""
    found = facts_found(case, result.answer)
    return sum(found) / len(found) if found else None


def first(case: Case, result: Result) -> float | None:
    """The same of the answer's first sentence: is what counts said at once?"""
    sentence = next((text for text, _ in stated(result.answer)), "")
    found = facts_found(case, sentence)
    return sum(found) / len(found) if found else None
