"""`summary.md`: the figures of a run for a pull request or a chat."""

from collections.abc import Iterable, Sequence

from evals.outcome import OUTCOMES, judge
from evals.summary import HEADLINES, Figure, Pair, Summary

NAMED = 20  # ids of each kind of failure


def render(summary: Summary, pairs: Sequence[Pair]) -> str:
    """The page."""
    head = f"# Evaluation of {summary.overall.cases} questions\n\nFinished {summary.finished}."
    parts = [
        head,
        *_figures(summary),
        *_types(summary),
        *_judged(summary),
        *_failures(summary, pairs),
    ]
    settings = [(_cell(name), _cell(value)) for name, value in summary.config.items()]
    return "\n\n".join([*parts, *_table(("setting", "value"), settings)]) + "\n"


def _figures(summary: Summary) -> list[str]:
    rows = [
        (name, _mean(f), f"{f.low:.3f} to {f.high:.3f}", str(f.n))
        for name, f in summary.overall.figures.items()
    ]
    spreads = [
        (name, f"{s.median:g}", f"{s.p95:g}", str(s.n))
        for name, s in summary.overall.spreads.items()
    ]
    return [
        *_table(("figure", "mean", "95 % interval", "n"), rows),
        *_table(("a count, or seconds of a stage", "median", "95th percentile", "n"), spreads),
    ]


def _types(summary: Summary) -> list[str]:
    shown = [name for name in HEADLINES if name in summary.overall.figures]
    if len(summary.types) < 2 or not shown:
        return []
    rows = [
        (_cell(kind), str(group.cases), *(_mean(group.figures.get(name)) for name in shown))
        for kind, group in summary.types.items()
    ]
    return _table(("type", "n", *shown), rows)


def _judged(summary: Summary) -> list[str]:
    parts: list[str] = []
    for by, said in summary.judged.items():
        rows = [
            (name, _mean(f), f"{f.low:.3f} to {f.high:.3f}", str(f.n))
            for name, f in said.figures.items()
        ]
        parts += _table((f"judged by {_cell(by)}", "mean", "95 % interval", "n"), rows)
        if said.failed:
            parts.append(f"Answers left without a mark: {said.failed}.")
    return parts


def _failures(summary: Summary, pairs: Sequence[Pair]) -> list[str]:
    ids: dict[str, list[str]] = {name: [] for name in OUTCOMES}
    for case, result in pairs:
        ids[judge(case, result, retrieval_only=summary.retrieval_only)].append(case.id)
    rows = [
        (name, str(len(some)), _cell(_listed(some)))
        for name, some in ids.items()
        if some and name != "right"
    ]
    return _table(("what went wrong", "n", "questions"), rows)


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    line = "|".join(["", *("---:" if at else "---" for at in range(len(head))), ""])
    return ["\n".join([_row(head), line, *map(_row, rows)])]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mean(figure: Figure | None) -> str:
    return f"{figure.mean:.3f}" if figure else "-"


def _cell(text: str) -> str:
    """Text that ends neither its cell nor its row, and holds no markup."""
    plain = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\|`*_[]<>" else sign for sign in plain)
