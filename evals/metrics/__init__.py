"""The metrics: a score for one case each, or None where it says nothing about that case.

To add one, write a file with a function of a case and its result, and give it a line below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from evals.case import Case
from evals.metrics import (
    articles,
    average_precision,
    citations,
    cost,
    differences,
    evidence,
    facts,
    languages,
    refusals,
    right,
    risk_coverage,
    seconds,
    short_answers,
    support,
    times,
    words,
)
from evals.result import Result

Score = Callable[[Case, Result], float | None]
DEPTHS = (1, 4, 10)  # ranks at which retrieval is looked at


@dataclass(frozen=True, slots=True)
class Metric:
    """A share in [0, 1], summed up as a mean, or a count or seconds, as a median."""

    name: str
    score: Score
    of: Literal["answer", "retrieval"] = "retrieval"
    unit: Literal["share", "count", "seconds"] = "share"
    lower_is_better: bool = False
    headline: bool = False  # shown per type and held by the gate


class DeepScore(Protocol):
    """A score over the first k passages or articles."""

    def __call__(self, case: Case, result: Result, k: int) -> float | None: ...


def _at(name: str, score: DeepScore, *ks: int, headline: int | None = None) -> list[Metric]:
    return [Metric(f"{name}@{k}", partial(score, k=k), headline=k == headline) for k in ks]


METRICS: tuple[Metric, ...] = (
    Metric("right", right.score, "answer", headline=True),
    Metric("facts_found", facts.score, "answer", headline=True),
    Metric("citations_exact", citations.score, "answer", headline=True),
    Metric("citation_recall", support.recall, "answer", headline=True),
    Metric("citation_precision", support.precision, "answer"),
    Metric("refusal_precision", refusals.precision, "answer", headline=True),
    Metric("refusal_recall", refusals.recall, "answer", headline=True),
    Metric("refused_answerable", refusals.wrongful, "answer", lower_is_better=True, headline=True),
    Metric("exact_match", short_answers.exact, "answer"),
    Metric("token_f1", short_answers.f1, "answer"),
    Metric("bare_right", short_answers.bare, "answer"),
    Metric("bare_f1", short_answers.bare_f1, "answer"),
    Metric("facts_first", facts.first, "answer"),
    Metric("differences_stated", differences.stated, "answer", headline=True),
    Metric(
        "false_alarms",
        differences.false_alarm,
        "answer",
        lower_is_better=True,
        headline=True,
    ),
    Metric("in_window", times.in_window, "answer"),
    Metric("by_as_of", times.by_as_of, "answer"),
    Metric("in_language", languages.score, "answer"),
    *_at("evidence_recall", evidence.recall, *DEPTHS, headline=10),
    *_at("all_evidence", evidence.complete, *DEPTHS, headline=10),
    *_at("article_recall", articles.recall, *DEPTHS),
    *_at("article_hit", articles.hit, 1, 4, 5, 10, headline=10),
    *_at("hits", evidence.hit, *DEPTHS, headline=10),
    *_at("mrr", evidence.mrr, 10, headline=10),
    *_at("map", average_precision.score, 10),
    *_at("ndcg", evidence.ndcg, 10),
    *_at("article_ndcg", articles.ndcg, 10),
    Metric("words", words.score, "answer", unit="count"),
    Metric("prompt tokens", partial(cost.tokens, of="prompt"), "answer", unit="count"),
    Metric("reply tokens", partial(cost.tokens, of="reply"), "answer", unit="count"),
    Metric("passages", cost.passages, unit="count"),
    Metric("retrieve", partial(seconds.stage, name="retrieve"), unit="seconds"),
    Metric("answer", partial(seconds.stage, name="answer"), "answer", unit="seconds"),
    Metric("total", seconds.total, "answer", unit="seconds"),
)
# The one figure that is no mean over cases: see risk_coverage.
AURC = risk_coverage.NAME
COUNTS = frozenset(m.name for m in METRICS if m.unit == "count")
LOWER_IS_BETTER = frozenset([*(m.name for m in METRICS if m.lower_is_better), AURC])
