"""Figures as plain text for the terminal."""

from collections.abc import Sequence

from evals.metrics import COUNTS
from evals.summary import HEADLINES, Group, Judged, Summary

ALL = "all"


def table(summary: Summary) -> str:
    """Counts, every figure with its interval, then the headline figures per type."""
    overall = summary.overall
    parts = [_counts(overall), _figures(overall)]
    if len(summary.types) > 1:
        parts.append(_types(summary))
    parts += [_judged(by, said) for by, said in summary.judged.items()]
    if summary.retrieval_only:
        parts.append("Retrieval only: no answers were asked for.")
    if summary.failed:
        parts.append(f"Failed and in no figure: {', '.join(summary.failed[:10])}" + _more(summary))
    return "\n\n".join(parts)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _counts(group: Group) -> str:
    counts = [f"{group.cases} questions", *(f"{n} {name}" for name, n in group.outcomes.items())]
    return " · ".join(counts)


def _judged(by: str, said: Judged) -> str:
    rows = [(f"judged by {by}", "mean", "95 % interval", "n")]
    for name, figure in said.figures.items():
        low_high = f"{figure.low:.3f} to {figure.high:.3f}"
        rows.append((name, f"{figure.mean:.3f}", low_high, str(figure.n)))
    without = f"\nAnswers left without a mark: {said.failed}." if said.failed else ""
    return columns(rows) + without


def _figures(group: Group) -> str:
    rows = [("", "mean", "95 % interval", "n")]
    for name, figure in group.figures.items():
        low_high = f"{figure.low:.3f} to {figure.high:.3f}"
        rows.append((name, f"{figure.mean:.3f}", low_high, str(figure.n)))
    spreads = [("", "median", "95th percentile", "n")]
    for name, spread in group.spreads.items():
        label = name if name in COUNTS else f"{name}, seconds"
        spreads.append((label, f"{spread.median:g}", f"{spread.p95:g}", str(spread.n)))
    return columns(rows) + "\n\n" + columns(spreads)


def _types(summary: Summary) -> str:
    shown = [name for name in HEADLINES if name in summary.overall.figures]
    groups = [*summary.types.items(), (ALL, summary.overall)]
    rows = [("", "n", *(name.replace("_", " ") for name in shown))]
    for kind, group in groups:
        figures = (group.figures.get(name) for name in shown)
        cells = (f"{figure.mean:.3f}" if figure else "-" for figure in figures)
        rows.append((kind, str(group.cases), *cells))
    return columns(rows)


def _more(summary: Summary) -> str:
    more = len(summary.failed) - 10
    return f" and {more} more" if more > 0 else ""
