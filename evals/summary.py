"""`summary.json`: the figures of a run, overall and per type of question, with each case's scores.

It is all that comparing and gating need, so one file can serve as a baseline.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from evals.bootstrap import Scores, draw_means, draws, interval, means
from evals.case import Case, fingerprint
from evals.judging import Judgement, by_judge
from evals.metrics import AURC, METRICS, Metric, risk_coverage
from evals.outcome import OUTCOMES, judge
from evals.result import Result
from index.errors import UsageError

Pair = tuple[Case, Result]
SHARES = tuple(metric for metric in METRICS if metric.unit == "share")
HEADLINES = tuple(metric.name for metric in SHARES if metric.headline)


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its bootstrap interval, over the `n` cases the metric speaks about."""

    mean: float
    low: float  # 95 % interval
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Words or seconds of `n` cases."""

    median: float
    p95: float
    n: int


@dataclass(frozen=True, slots=True)
class Group:
    """All cases, or those of one type. Failed ones are counted here and in no figure."""

    cases: int
    failed: int
    statuses: dict[str, int]
    outcomes: dict[str, int]
    figures: dict[str, Figure]
    spreads: dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Scored:
    """One case's score by every metric that says something about it."""

    type: str
    scores: dict[str, float]
    confidence: float | None = None  # of an answer that is known to be right or wrong
    case: str | None = None  # fingerprint of the case; earlier versions did not keep it


@dataclass(frozen=True, slots=True)
class Judged:
    """What another model said of the answers: no part of the figures that are measured."""

    failed: int  # answers that it left without one of its marks
    figures: dict[str, Figure]
    types: dict[str, dict[str, Figure]]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run."""

    set: str  # fingerprint of the cases
    retrieval_only: bool
    config: dict[str, str]
    overall: Group
    types: dict[str, Group]
    failed: tuple[str, ...]  # ids
    finished: str  # ISO, UTC
    cases: dict[str, Scored]  # by id; failed ones are not among them
    judged: dict[str, Judged] = field(default_factory=dict)  # by judge


SUMMARY = TypeAdapter(Summary)


def summarise(
    pairs: Sequence[Pair],
    *,
    set: str,
    config: Mapping[str, str],
    retrieval_only: bool,
    finished: str,
    judgements: Sequence[Judgement] = (),
) -> Summary:
    """Score every case and sum up; judgements of other models are summed up apart."""
    cases = {case.id: _scored(case, result, retrieval_only) for case, result in _asked(pairs)}
    of_type = {kind: [pair for pair in pairs if pair[0].type == kind] for kind in _types(pairs)}
    return Summary(
        set=set,
        retrieval_only=retrieval_only,
        config=dict(config),
        overall=_group(pairs, cases, retrieval_only),
        types={kind: _group(some, cases, retrieval_only) for kind, some in of_type.items()},
        failed=tuple(result.id for _, result in pairs if result.error is not None),
        finished=finished,
        cases=cases,
        judged={name: _judged(pairs, said) for name, said in by_judge(judgements).items()},
    )


def _judged(pairs: Sequence[Pair], said: Mapping[str, Judgement]) -> Judged:
    by_type: dict[str, list[dict[str, float]]] = {}
    for case, _ in pairs:
        if case.id in said:
            by_type.setdefault(case.type, []).append(said[case.id].scores)
    names = list(dict.fromkeys(name for one in said.values() for name in one.scores))
    return Judged(
        failed=sum(bool(one.failed) for one in said.values()),
        figures=_means([row for rows in by_type.values() for row in rows], names),
        types={kind: _means(rows, names) for kind, rows in sorted(by_type.items())},
    )


def read(path: Path) -> Summary:
    """The summary in a file, or in the directory of a run."""
    path = path / "summary.json" if path.is_dir() else path
    try:
        return SUMMARY.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"No finished run at {path} ({error.strerror}). Run `dateline eval run` first."
        ) from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise UsageError(
            f"{path} is not a summary of this version ({place} {fault['msg']}). Run the set again."
        ) from None


def encode(summary: Summary) -> str:
    """JSON for people too: the cases stand last, each on a line."""
    data = asdict(summary)
    cases = data.pop("cases").items()
    rows = ",\n".join(f"  {_line(id)}: {_line(_known(scored))}" for id, scored in cases)
    head = json.dumps(data, ensure_ascii=False, indent=1).removesuffix("\n}")
    return head + ',\n "cases": {\n' + rows + "\n }\n}\n"


def _known(scored: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in scored.items() if value is not None}


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def matrix(rows: Iterable[Mapping[str, float]], names: Sequence[str]) -> Scores:
    """Scores by case and metric; NaN where there is none."""
    return np.array([[row.get(name, np.nan) for name in names] for row in rows], dtype=np.float64)


def answers(scored: Sequence[Scored]) -> tuple[Scores, Scores]:
    """Confidence, and right (1) or wrong (0), of each case, (cases,); NaN where neither counts."""
    sure = [np.nan if each.confidence is None else each.confidence for each in scored]
    right = [each.scores.get("right", np.nan) for each in scored]
    return np.array(sure, np.float64), np.array(right, np.float64)


def draw_aurc(scored: Sequence[Scored]) -> tuple[float, Scores]:
    """AURC and its bootstrap draws, (DRAWS,); NaN where no answer is drawn."""
    confidence, right = answers(scored)
    known = ~np.isnan(confidence)
    sure, correct = confidence[known], right[known]
    drawn = [risk_coverage.areas(sure, correct, w[:, known]) for w in draws(len(scored))]
    return risk_coverage.area(sure, correct), np.concatenate(drawn)


def _asked(pairs: Sequence[Pair]) -> list[Pair]:
    return [(case, result) for case, result in pairs if result.error is None]


def _measured(metrics: Iterable[Metric], retrieval_only: bool) -> list[Metric]:
    return [metric for metric in metrics if not retrieval_only or metric.of == "retrieval"]


def _scored(case: Case, result: Result, retrieval_only: bool) -> Scored:
    scores = _scores(case, result, retrieval_only)
    checked = "right" in scores and not result.refused
    sure = result.confidence if checked else None
    return Scored(case.type, scores, sure, fingerprint([case]))


def _scores(case: Case, result: Result, retrieval_only: bool) -> dict[str, float]:
    named = ((m.name, m.score(case, result)) for m in _measured(SHARES, retrieval_only))
    return {name: round(score, 6) for name, score in named if score is not None}


def _types(pairs: Iterable[Pair]) -> list[str]:
    return sorted({case.type for case, _ in pairs})


def _group(pairs: Sequence[Pair], cases: Mapping[str, Scored], retrieval_only: bool) -> Group:
    asked = _asked(pairs)
    outcomes = Counter(judge(c, r, retrieval_only=retrieval_only) for c, r in pairs)
    statuses = Counter(result.status for _, result in asked if result.status)
    return Group(
        cases=len(pairs),
        failed=len(pairs) - len(asked),
        statuses=dict(sorted(statuses.items())),
        outcomes={name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        figures=_figures([cases[case.id] for case, _ in asked]),
        spreads=_spreads(asked, retrieval_only),
    )


def _figures(scored: Sequence[Scored]) -> dict[str, Figure]:
    rows = [each.scores for each in scored]
    return _means(rows, [m.name for m in SHARES]) | _selective(scored)


def _means(rows: Sequence[Mapping[str, float]], among: Sequence[str]) -> dict[str, Figure]:
    """Of each of these metrics that says something about any of the cases."""
    names = [name for name in among if any(name in row for row in rows)]
    if not names:
        return {}
    scores = matrix(rows, names)
    counts, centre, drawn = (~np.isnan(scores)).sum(axis=0), means(scores), draw_means(scores)
    return {
        name: _figure(centre[at], interval(drawn[:, at]), counts[at])
        for at, name in enumerate(names)
    }


def _selective(scored: Sequence[Scored]) -> dict[str, Figure]:
    known = sum(each.confidence is not None for each in scored)
    if not known:
        return {}
    centre, drawn = draw_aurc(scored)
    return {AURC: _figure(centre, interval(drawn), known)}


def _figure(mean: float, ends: tuple[float, float], n: int) -> Figure:
    return Figure(round(float(mean), 4), round(ends[0], 4), round(ends[1], 4), int(n))


def _spreads(pairs: Sequence[Pair], retrieval_only: bool) -> dict[str, Spread]:
    spreads = {}
    for metric in _measured((m for m in METRICS if m.unit != "share"), retrieval_only):
        scores = [metric.score(case, result) for case, result in pairs]
        if known := [score for score in scores if score is not None]:
            middle, high = np.percentile(known, (50, 95))
            spreads[metric.name] = Spread(round(middle, 4), round(high, 4), len(known))
    return spreads
