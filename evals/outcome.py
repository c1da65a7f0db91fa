"""Why a case went as it did: the first thing to look at after a run."""

from typing import Literal, get_args

from evals.case import Case
from evals.metrics import articles, evidence, right
from evals.result import Result

LOW = 4  # gold below this rank was "retrieved too low"

Outcome = Literal[
    "right",
    "nothing to check",
    "not retrieved",
    "retrieved too low",
    "retrieved but not in the answer",
    "facts missing",
    "wrongly refused",
    "answered though unanswerable",
    "failed",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def judge(case: Case, result: Result, *, retrieval_only: bool) -> Outcome:
    """What became of a case."""
    if result.error is not None:
        return "failed"
    if retrieval_only:
        return _judge_retrieval(case, result)
    if not case.answerable:
        return "right" if result.refused else "answered though unanswerable"
    if result.refused:
        return "wrongly refused"
    if not case.facts:
        return "nothing to check"
    return "right" if right.score(case, result) else _why_missing(case, result)


def _judge_retrieval(case: Case, result: Result) -> Outcome:
    """By gold sentences, or by articles where the set names no sentences."""
    share = evidence.recall(case, result, k=10)
    if share is None:
        share = articles.recall(case, result, k=10)
    if share is None:
        return "nothing to check"
    return "right" if share == 1 else _why_missing(case, result)


def _why_missing(case: Case, result: Result) -> Outcome:
    ranks, share = evidence.ranks(case, result), articles.recall(case, result, k=10)
    if share is None:
        return "facts missing"  # the set does not say where they stand
    if None in ranks or (not ranks and share < 1):
        return "not retrieved"
    too_low = any(rank is not None and rank > LOW for rank in ranks)
    return "retrieved too low" if too_low else "retrieved but not in the answer"
