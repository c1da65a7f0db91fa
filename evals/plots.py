"""The plots of a report and of a comparison, drawn when the page is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from markupsafe import Markup

from evals.compare import Difference
from evals.metrics import LOWER_IS_BETTER
from evals.metrics.risk_coverage import Bin, Curve
from evals.summary import Figure
from evals.svg import WIDTH, Scale, bar, dot, drawing, frame, nice, path, rule, text, title

HEIGHT = 230.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 8.0, 38.0
ROW = 24.0  # height of a row
LETTERS = 20  # of a row's name; the rest shows when pointed at
LETTER = 6.1  # width of one, about
TYPES = 20  # rows at most
BARS = 24
QUARTERS = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A named value with its interval."""

    name: str
    told: str
    mean: float
    low: float
    high: float
    aside: str = ""  # stands at the right
    open: bool = False  # drawn as a ring


def by_type(groups: Sequence[tuple[str, Figure]], about: str) -> Markup:
    """A mean with its interval for each type, the largest types if there are too many."""
    largest = sorted(groups, key=lambda group: -group[1].n)[:TYPES]
    rows = [
        Row(
            name,
            f"{name}: {f.mean:.3f} ({f.low:.3f} to {f.high:.3f}), n = {f.n}",
            f.mean,
            f.low,
            f.high,
            str(f.n),
        )
        for name, f in groups
        if (name, f) in largest
    ]
    told = "; ".join(row.told for row in rows)
    return _rows(rows, 0, 1, QUARTERS, about, f"{about} by type: {told}")


def differences(changes: Sequence[Difference]) -> Markup:
    """Change of each figure with its interval, in points; to the right is better."""
    far = nice(max(100 * max(abs(d.low), abs(d.high), abs(d.change)) for d in changes))
    rows = [_change(d) for d in changes]
    told = "; ".join(row.told for row in rows)
    ticks = (-far, -far / 2, 0, far / 2, far)
    return _rows(rows, -far, far, ticks, "points, to the right is better", told)


def risk_coverage(curve: Curve, aurc: float) -> Markup:
    """Risk at each coverage."""
    top = min(1.0, nice(float(curve.risk.max())))
    x, y = Scale(LEFT, WIDTH - RIGHT, 0, 1), Scale(HEIGHT - BOTTOM, TOP, 0, top)
    points = [(x(c), y(r)) for c, r in zip(curve.coverage, curve.risk, strict=True)]
    parts = [*frame(x, y, "share of answers given", "share of them wrong"), path(points)]
    parts.append(dot(*points[-1], 3))
    return drawing(parts, f"Risk and coverage, area {aurc:.3f}", HEIGHT)


def reliability(bins: Sequence[Bin]) -> Markup:
    """Confidence against the share that is right; on the diagonal it says what it knows."""
    x, y = Scale(LEFT, WIDTH - RIGHT, 0, 1), Scale(HEIGHT - BOTTOM, TOP, 0, 1)
    most = max(each.n for each in bins)
    parts = [*frame(x, y, "confidence", "share right"), rule(x(0), y(0), x(1), y(1), "diagonal")]
    for each in bins:
        told = f"{each.n} answers: confidence {each.confidence:.2f}, right {each.right:.2f}"
        parts.append(dot(x(each.confidence), y(each.right), 3 + 6 * (each.n / most) ** 0.5, told))
    said = ", ".join(f"{each.confidence:.2f}: {each.right:.2f}" for each in bins)
    return drawing(parts, f"Share right by confidence: {said}", HEIGHT)


def latency(seconds: Sequence[float]) -> Markup:
    """How often a question took so long; the last bar holds all that took longer."""
    known = np.array(seconds)
    step = nice(float(np.percentile(known, 98)) / BARS)
    bars = max(1, min(BARS, ceil(float(known.max()) / step + 1e-9)))
    counts = np.bincount(np.minimum((known / step).astype(int), bars - 1), minlength=bars)
    x = Scale(LEFT, WIDTH - RIGHT, 0, bars * step)
    y = Scale(HEIGHT - BOTTOM, TOP, 0, nice(float(counts.max())))
    parts = [*frame(x, y, "seconds a question", "questions")]
    for at, count in enumerate(counts.tolist()):
        beyond = at == bars - 1 and known.max() > bars * step
        told = f"{at * step:g} s {'or more' if beyond else f'to {(at + 1) * step:g} s'}: {count}"
        parts.append(bar(x(at * step), y(count), x((at + 1) * step), y(0), told))
    middle, high = np.percentile(known, (50, 95))
    told = f"Seconds a question: median {middle:.2f}, 95 % within {high:.2f}"
    return drawing(parts, told, HEIGHT)


def _change(d: Difference) -> Row:
    sign = -1 if d.metric in LOWER_IS_BETTER else 1
    low, high = sorted(100 * sign * end for end in (d.low, d.high))
    told = f"{d.metric} {100 * d.change:+.1f} points ({100 * d.low:+.1f} to {100 * d.high:+.1f})"
    name = d.metric.replace("_", " ")
    return Row(name, told, 100 * sign * d.change, low, high, open=not d.sure)


def _rows(
    rows: Sequence[Row], low: float, high: float, ticks: Sequence[float], under: str, told: str
) -> Markup:
    """Rows of whiskers over one axis."""
    bottom = TOP + ROW * len(rows)
    names = 14 + LETTER * max(min(len(row.name), LETTERS) for row in rows)
    scale = Scale(names, WIDTH - RIGHT - (22 if any(row.aside for row in rows) else 8), low, high)
    parts = []
    for tick in ticks:
        kind = "zero" if low < tick == 0 else "grid"
        parts.append(rule(scale(tick), TOP, scale(tick), bottom, kind))
        parts.append(
            text(scale(tick), bottom + 14, f"{tick:+g}" if low < 0 != tick else f"{tick:g}")
        )
    parts.append(text((scale.start + scale.end) / 2, bottom + 32, under))
    parts += [_whisker(row, TOP + ROW * (at + 0.5), scale) for at, row in enumerate(rows)]
    return drawing(parts, told, bottom + BOTTOM)


def _whisker(row: Row, y: float, scale: Scale) -> Markup:
    short = row.name if len(row.name) <= LETTERS else row.name[: LETTERS - 1] + "…"
    return Markup("<g>{}{}{}{}{}</g>").format(
        title(row.told),
        text(scale.start - 8, y + 4, short, "end", "name"),
        rule(scale(row.low), y, scale(row.high), y, "whisker"),
        dot(scale(row.mean), y, 4, kind="dot open" if row.open else "dot"),
        text(WIDTH - 2, y + 4, row.aside, "end"),
    )
