"""Two runs over the same cases: what changed, by how much, and which questions flipped.

Only cases that both runs scored, and that read the same in both, are compared; the others are
named. Intervals are those of the paired bootstrap: see `evals.bootstrap` for method and sources.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.bootstrap import Scores, draw_means, interval, means
from evals.metrics import AURC, LOWER_IS_BETTER, METRICS
from evals.summary import HEADLINES, Scored, Summary, draw_aurc, matrix, read
from evals.table import ALL, columns
from index.errors import UsageError

SURE = "the paired bootstrap's 95 % interval leaves out zero"
FLIPPING = ("right", "all_evidence@10", "article_hit@10")  # the first there is says what flipped


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
    better: tuple[str, ...] = ()  # ids that b scores better
    worse: tuple[str, ...] = ()

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
    changed: tuple[str, ...]  # ids whose case is not the same in both

    @property
    def flips(self) -> Difference | None:
        """Whose `better` and `worse` are the questions that flipped: `right`, or the evidence."""
        first = {d.metric: d for d in self.differences if d.type == ALL}
        return next((first[metric] for metric in FLIPPING if metric in first), None)

    @property
    def shown(self) -> list[Difference]:
        """All differences over all types, and the headlines for each."""
        return [d for d in self.differences if d.type == ALL or d.metric in HEADLINES]

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
    both = [id for id in a.cases if id in b.cases]
    changed = [id for id in both if _changed(a.cases[id], b.cases[id])]
    common = [id for id in both if id not in set(changed)]
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
        changed=tuple(changed),
    )


def table(comparison: Comparison) -> str:
    """The differences as plain text, `*` where the interval leaves out zero, and what flipped."""
    rows: list[tuple[str, ...]] = [
        ("", "type", "a", "b", "change", "95 % interval", "n", "better", "worse")
    ]
    rows += [_row(difference) for difference in comparison.shown]
    parts = [f"{comparison.cases} questions scored in both runs", columns(rows), "* sure: " + SURE]
    return "\n\n".join([*parts, *left_out(comparison), *_flips(comparison)])


def left_out(comparison: Comparison) -> list[str]:
    """What is not compared, in sentences."""
    parts = {
        "Scored in a only": comparison.only_a,
        "Scored in b only": comparison.only_b,
        "Not the same case in both, so left out": comparison.changed,
    }
    return [f"{said}: {_ids(ids)}" for said, ids in parts.items() if ids]


def _changed(a: Scored, b: Scored) -> bool:
    return None not in (a.case, b.case) and a.case != b.case


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
    ] + _selective(kind, [a.cases[id] for id in ids], [b.cases[id] for id in ids])


def _selective(kind: str, old: Sequence[Scored], new: Sequence[Scored]) -> list[Difference]:
    """The difference in AURC, of which no single question can be said to be the cause."""
    if not all(any(each.confidence is not None for each in run) for run in (old, new)):
        return []
    (a, drawn_a), (b, drawn_b) = draw_aurc(old), draw_aurc(new)
    low, high = interval(drawn_b - drawn_a)
    either = sum(
        not (x.confidence is None and y.confidence is None) for x, y in zip(old, new, strict=True)
    )
    return [Difference(AURC, kind, a, b, low, high, either)]


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
    chosen = comparison.flips
    if chosen is None:
        return []
    flips = {"better": chosen.better, "worse": chosen.worse}
    return [f"{chosen.metric} {way}: {_ids(ids)}" for way, ids in flips.items() if ids]


def _ids(ids: Sequence[str]) -> str:
    return ", ".join(ids)
