"""Why a case went as it did: the first thing to look at after a run."""

from typing import Literal, get_args

from evals.case import Case
from evals.matching import says
from evals.metrics import articles, evidence, right
from evals.result import Result

LOW = 4  # gold below this rank was "retrieved too low"
DEEP = 10  # the rank down to which retrieval alone is judged

Outcome = Literal[
    "right",
    "nothing to check",
    "not retrieved",
    "retrieved too low",
    "retrieved but not chosen",
    "dropped by the check",
    "facts missing",
    "wrongly refused",
    "answered what cannot be answered",
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
        return "right" if result.refused else "answered what cannot be answered"
    if not result.refused and not case.facts:
        return "nothing to check"
    if right.score(case, result):
        return "right"
    if _dropped(case, result):
        return "dropped by the check"
    return "wrongly refused" if result.refused else _why_missing(case, result)


def explain(case: Case, result: Result, outcome: Outcome) -> str:
    """The reason in a sentence; empty where the outcome says it all."""
    if outcome == "failed":
        return result.error or ""
    if outcome in ("right", "nothing to check", "answered what cannot be answered"):
        return ""
    if outcome == "dropped by the check":
        return f"The check took out: {' '.join(_dropped(case, result))}"
    return _where(case, result)


def _where(case: Case, result: Result) -> str:
    """Where the evidence stands among the passages."""
    read, ranks = len(result.passages), evidence.ranks(case, result)
    if not ranks:
        share = articles.recall(case, result, k=read)
        return "" if share is None else f"{share:.0%} of the gold articles are among the passages."
    found = sorted(rank for rank in ranks if rank is not None)
    at = f"Gold evidence at rank {', '.join(map(str, found))}" if found else "No gold evidence"
    lost = len(ranks) - len(found)
    missing = f"{lost} of {len(ranks)} not" if found and lost else ""
    return "; ".join(filter(None, [at, missing])) + f" among the {read} passages."


def _dropped(case: Case, result: Result) -> list[str]:
    """The sentences taken out that say a fact which the answer lacks."""
    found = result.facts_found or (False,) * len(case.facts)
    lacking = [forms for forms, there in zip(case.facts, found, strict=True) if not there]
    return [
        sentence
        for sentence in result.dropped
        if any(says(sentence, form) for forms in lacking for form in forms)
    ]


def _judge_retrieval(case: Case, result: Result) -> Outcome:
    """By gold sentences, or by articles where the set names no sentences."""
    share = evidence.recall(case, result, k=DEEP)
    if share is None:
        share = articles.recall(case, result, k=DEEP)
    if share is None:
        return "nothing to check"
    return "right" if share == 1 else _why_missing(case, result)


def _why_missing(case: Case, result: Result) -> Outcome:
    ranks, share = evidence.ranks(case, result), articles.recall(case, result, k=DEEP)
    if share is None:
        return "facts missing"  # the set does not say where they stand
    if None in ranks or (not ranks and share < 1):
        return "not retrieved"
    too_low = any(rank is not None and rank > LOW for rank in ranks)
    return "retrieved too low" if too_low else "retrieved but not chosen"
