"""Two runs over the same cases: what changed, by how much, and which questions flipped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.bootstrap import Scores, draw_means, interval, means
from evals.metrics import METRICS
from evals.summary import HEADLINES, Summary, matrix, read
from evals.table import ALL, columns
from index.errors import UsageError

LOWER_IS_BETTER = frozenset(metric.name for metric in METRICS if metric.lower_is_better)


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric over one type of question, b less a, with its paired 95 % interval."""

    metric: str
    type: str  # "all" for every type together
    a: float
    b: float
    low: float
    high: float
    n: int  # cases scored in both runs
    better: tuple[str, ...]  # ids that b scores better
    worse: tuple[str, ...]

    @property
    def change(self) -> float:
        """b - a."""
        return self.b - self.a

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between two runs; figures are over the cases that both have scored."""

    differences: tuple[Difference, ...]
    cases: int
    only_a: tuple[str, ...]  # ids scored in one run and not, or not without failure, in the other
    only_b: tuple[str, ...]

    def of(self, metric: str, type: str = ALL) -> Difference:
        """The difference of one metric."""
        for difference in self.differences:
            if (difference.metric, difference.type) == (metric, type):
                return difference
        raise UsageError(f"Neither run has {metric!r} for {type!r}.")


def compare(a: Path, b: Path) -> Comparison:
    """Compare two runs, by directory or `summary.json`."""
    return between(read(a), read(b))


def between(a: Summary, b: Summary) -> Comparison:
    """Compare two summaries."""
    common = [id for id in a.cases if id in b.cases]
    if not common:
        raise UsageError("The two runs have no question in common.")
    found: list[Difference] = []
    for kind, ids in [(ALL, common), *_by_type(a, common).items()]:
        found += _differences(kind, ids, a, b)
    return Comparison(
        differences=tuple(found),
        cases=len(common),
        only_a=tuple(id for id in a.cases if id not in b.cases),
        only_b=tuple(id for id in b.cases if id not in a.cases),
    )


def table(comparison: Comparison) -> str:
    """The differences as plain text, `*` where the interval leaves out zero, and what flipped."""
    rows: list[tuple[str, ...]] = [
        ("", "type", "a", "b", "change", "95 % interval", "n", "better", "worse")
    ]
    shown = [d for d in comparison.differences if d.type == ALL or d.metric in HEADLINES]
    rows += [_row(difference) for difference in shown]
    parts = [f"{comparison.cases} questions scored in both runs", columns(rows)]
    alone = {"a": comparison.only_a, "b": comparison.only_b}
    parts += [f"Scored in {run} only: {_ids(ids)}" for run, ids in alone.items() if ids]
    return "\n\n".join([*parts, *_flips(comparison)])


def _by_type(summary: Summary, ids: Iterable[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {kind: [] for kind in summary.types}
    for id in ids:
        kinds[summary.cases[id].type].append(id)
    return {kind: ids for kind, ids in kinds.items() if ids} if len(kinds) > 1 else {}


def _differences(kind: str, ids: Sequence[str], a: Summary, b: Summary) -> list[Difference]:
    rows_a, rows_b = ([run.cases[id].scores for id in ids] for run in (a, b))
    in_both = {name for row in rows_a for name in row} & {name for row in rows_b for name in row}
    names = [metric.name for metric in METRICS if metric.name in in_both]
    if not names:
        return []
    old, new = matrix(rows_a, names), matrix(rows_b, names)
    draws = draw_means(new) - draw_means(old)  # one seed: the same cases are drawn on both sides
    centres = zip(means(old), means(new), strict=True)
    return [
        _difference(name, kind, centre, draws[:, at], ids, old[:, at], new[:, at])
        for at, (name, centre) in enumerate(zip(names, centres, strict=True))
    ]


def _difference(
    metric: str,
    kind: str,
    centre: tuple[float, float],
    draws: Scores,
    ids: Sequence[str],
    old: Scores,
    new: Scores,
) -> Difference:
    low, high = interval(draws)
    gains = (old - new if metric in LOWER_IS_BETTER else new - old).tolist()  # NaN: in one only
    better = tuple(id for id, gain in zip(ids, gains, strict=True) if gain > 0)
    worse = tuple(id for id, gain in zip(ids, gains, strict=True) if gain < 0)
    n = sum(gain == gain for gain in gains)
    a, b = float(centre[0]), float(centre[1])
    return Difference(metric, kind, a, b, low, high, n, better, worse)


def _row(d: Difference) -> tuple[str, ...]:
    spread = f"{d.low:+.3f} to {d.high:+.3f}" + (" *" if d.sure else "  ")
    figures = (f"{d.a:.3f}", f"{d.b:.3f}", f"{d.change:+.3f}", spread)
    return (d.metric, d.type, *figures, str(d.n), str(len(d.better)), str(len(d.worse)))


def _flips(comparison: Comparison) -> list[str]:
    """The ids behind the first figure: `right`, or the evidence where nothing was answered."""
    first = {d.metric: d for d in comparison.differences if d.type == ALL}
    chosen = next(
        (first[m] for m in ("right", "all_evidence@10", "article_hit@10") if m in first), None
    )
    if chosen is None:
        return []
    flips = {"better": chosen.better, "worse": chosen.worse}
    return [f"{chosen.metric} {way}: {_ids(ids)}" for way, ids in flips.items() if ids]


def _ids(ids: Sequence[str]) -> str:
    return ", ".join(ids)
