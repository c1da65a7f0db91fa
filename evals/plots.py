"""Plots as inline SVG, made when the page is. Colours come from the page, so they suit the dark."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10

import numpy as np
from markupsafe import Markup, escape

from evals.compare import Difference
from evals.metrics import LOWER_IS_BETTER
from evals.metrics.risk_coverage import Bin, Curve
from evals.summary import Figure

WIDTH, HEIGHT = 360.0, 230.0  # user units; about a pixel each on a telephone
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 8.0, 38.0
ROW = 24.0  # height of a row of `by_type`
NAMES = 132.0  # width of its names
LETTERS = 20  # of a name; the rest shows when pointed at
TYPES = 20
BARS = 24


def by_type(rows: Sequence[tuple[str, Figure]], about: str) -> Markup:
    """A mean with its interval for each type, the largest types if there are too many."""
    shown = sorted(rows, key=lambda row: -row[1].n)[:TYPES]
    kept = [row for row in rows if row in shown]
    height = TOP + ROW * len(kept) + BOTTOM
    scale = _Scale(NAMES, WIDTH - RIGHT - 22, 0, 1)
    parts = [_rule(scale(t), TOP, scale(t), height - BOTTOM) for t in _QUARTERS]
    parts += [_text(scale(t), height - BOTTOM + 14, f"{t:g}", "middle") for t in _QUARTERS]
    parts.append(_text(scale(0.5), height - 6, about, "middle", "axis"))
    for at, (name, figure) in enumerate(kept):
        parts.append(_whisker(name, figure, TOP + ROW * (at + 0.5), scale))
    told = "; ".join(f"{name} {figure.mean:.3f}" for name, figure in kept)
    return _svg(parts, f"{about} by type: {told}", height)


def risk_coverage(curve: Curve, aurc: float) -> Markup:
    """Risk at each coverage; steps, as a threshold lets answers through in groups."""
    x, y = _Scale(LEFT, WIDTH - RIGHT, 0, 1), _Scale(HEIGHT - BOTTOM, TOP, 0, _top(curve.risk))
    points = " ".join(
        f"{x(c):.1f},{y(r):.1f}" for c, r in zip(curve.coverage, curve.risk, strict=True)
    )
    parts = [*_frame(x, y, "share of answers given", "share of them wrong")]
    parts.append(Markup('<polyline class="line" points="{}"/>').format(points))
    if len(curve.coverage) == 1:
        parts.append(_dot(x(curve.coverage[0]), y(curve.risk[0]), 3, ""))
    return _svg(parts, f"Risk and coverage, area {aurc:.3f}", HEIGHT)


def reliability(bins: Sequence[Bin]) -> Markup:
    """Confidence against the share that is right; on the diagonal it says what it knows."""
    x, y = _Scale(LEFT, WIDTH - RIGHT, 0, 1), _Scale(HEIGHT - BOTTOM, TOP, 0, 1)
    most = max(each.n for each in bins)
    parts = [*_frame(x, y, "confidence", "share right")]
    parts.append(_rule(x(0), y(0), x(1), y(1), "diagonal"))
    for each in bins:
        told = f"{each.n} answers: confidence {each.confidence:.2f}, right {each.right:.2f}"
        radius = 3 + 6 * (each.n / most) ** 0.5
        parts.append(_dot(x(each.confidence), y(each.right), radius, told))
    said = ", ".join(f"{each.confidence:.2f}: {each.right:.2f}" for each in bins)
    return _svg(parts, f"Share right by confidence: {said}", HEIGHT)


def latency(seconds: Sequence[float]) -> Markup:
    """How often a question took so long; the last bar holds all that took longer."""
    known = np.array(seconds)
    step = _nice(float(np.percentile(known, 98)) / BARS)
    bars = max(1, min(BARS, ceil(float(known.max()) / step + 1e-9)))
    counts = np.bincount(np.minimum((known / step).astype(int), bars - 1), minlength=bars)
    x = _Scale(LEFT, WIDTH - RIGHT, 0, bars * step)
    y = _Scale(HEIGHT - BOTTOM, TOP, 0, _nice(float(counts.max())))
    parts = [*_frame(x, y, "seconds a question", "questions")]
    for at, count in enumerate(counts.tolist()):
        beyond = at == bars - 1 and known.max() > bars * step
        told = f"{at * step:g} s {'or more' if beyond else f'to {(at + 1) * step:g} s'}: {count}"
        parts.append(_bar(x(at * step), y(count), x((at + 1) * step), y(0), told))
    middle, high = np.percentile(known, (50, 95))
    return _svg(parts, f"Seconds a question: median {middle:.2f}, 95 % within {high:.2f}", HEIGHT)


def differences(changes: Sequence[Difference]) -> Markup:
    """Change of each figure with its interval, in points; to the right is better."""
    turned = [(d, -1 if d.metric in LOWER_IS_BETTER else 1) for d in changes]
    far = _nice(max(100 * max(abs(d.low), abs(d.high), abs(d.change)) for d in changes))
    height = TOP + ROW * len(turned) + BOTTOM
    scale = _Scale(NAMES, WIDTH - RIGHT - 22, -far, far)
    ticks = (-far, -far / 2, 0, far / 2, far)
    parts = [
        _rule(scale(t), TOP, scale(t), height - BOTTOM, "grid" if t else "zero") for t in ticks
    ]
    parts += [
        _text(scale(t), height - BOTTOM + 14, f"{t:+g}" if t else "0", "middle") for t in ticks
    ]
    parts.append(_text(scale(0), height - 6, "points, to the right is better", "middle", "axis"))
    for at, (d, sign) in enumerate(turned):
        ends = sorted(100 * sign * end for end in (d.low, d.high))
        told = f"{d.metric}: {100 * d.change:+.1f} points"
        told += f" ({100 * d.low:+.1f} to {100 * d.high:+.1f})"
        parts.append(
            _named(
                d.metric.replace("_", " "),
                told,
                100 * sign * d.change,
                *ends,
                y=TOP + ROW * (at + 0.5),
                scale=scale,
                kind="dot" if d.sure else "dot open",
            )
        )
    said = "; ".join(f"{d.metric} {100 * d.change:+.1f}" for d in changes)
    return _svg(parts, f"Change in points: {said}", height)


_QUARTERS = (0, 0.25, 0.5, 0.75, 1)


class _Scale:
    """From values to places."""

    def __init__(self, start: float, end: float, low: float, high: float) -> None:
        self.start, self.end, self.low, self.high = start, end, low, high

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Five round values or fewer."""
        step = _nice((self.high - self.low) / 5)
        return [at * step for at in range(floor(self.high / step + 1e-6) + 1)]


def _nice(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... and their tenths."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= value * (1 - 1e-9))


def _top(values: Iterable[float]) -> float:
    return min(1.0, _nice(max(values, default=0.0))) or 1.0


def _frame(x: _Scale, y: _Scale, under: str, beside: str) -> Iterable[Markup]:
    for tick in y.ticks:
        yield _rule(x.start, y(tick), x.end, y(tick))
        yield _text(x.start - 5, y(tick) + 4, f"{tick:g}", "end")
    for tick in x.ticks:
        yield _text(x(tick), y.start + 14, f"{tick:g}", "middle")
    yield _text((x.start + x.end) / 2, y.start + 31, under, "middle", "axis")
    yield Markup('<text class="axis" text-anchor="middle" transform="{}">{}</text>').format(
        f"translate(10 {(y.start + y.end) / 2:.1f}) rotate(-90)", beside
    )


def _whisker(name: str, figure: Figure, y: float, scale: _Scale) -> Markup:
    told = f"{name}: {figure.mean:.3f} ({figure.low:.3f} to {figure.high:.3f}), n = {figure.n}"
    line = _named(name, told, figure.mean, figure.low, figure.high, y=y, scale=scale)
    return line + _text(WIDTH - 2, y + 4, str(figure.n), "end", "axis")


def _named(
    name: str,
    told: str,
    mean: float,
    low: float,
    high: float,
    *,
    y: float,
    scale: _Scale,
    kind: str = "dot",
) -> Markup:
    short = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
    return Markup("<g>{}{}{}{}</g>").format(
        Markup("<title>{}</title>").format(told),
        _text(NAMES - 8, y + 4, short, "end"),
        _rule(scale(low), y, scale(high), y, "whisker"),
        _dot(scale(mean), y, 4, "", kind),
    )


def _svg(parts: Iterable[Markup], told: str, height: float) -> Markup:
    return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, told, Markup("").join(parts)
    )


def _rule(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Markup:
    line = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    return line.format(kind, x1, y1, x2, y2)


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> Markup:
    line = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    return line.format(kind, x, y, anchor, text)


def _dot(x: float, y: float, radius: float, told: str, kind: str = "dot") -> Markup:
    title = Markup("<title>{}</title>").format(told) if told else ""
    dot = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}">{}</circle>')
    return dot.format(kind, x, y, radius, title)


def _bar(left: float, top: float, right: float, bottom: float, told: str) -> Markup:
    return Markup(
        '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
        "<title>{}</title></rect>"
    ).format(left + 0.5, top, max(right - left - 1, 0.5), bottom - top, escape(told))
