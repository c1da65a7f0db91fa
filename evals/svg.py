"""Parts of a drawing as SVG; their colours come from the style sheet of the page."""

from collections.abc import Iterable
from math import floor, log10

from markupsafe import Markup

WIDTH = 360.0  # user units of every drawing: about a pixel each on a telephone


class Scale:
    """From values to places; what lies beyond its ends is drawn at them."""

    def __init__(self, start: float, end: float, low: float, high: float) -> None:
        self.start, self.end, self.low, self.high = start, end, low, high

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """About five round values, from `low` 0."""
        step = nice((self.high - self.low) / 5)
        return [at * step for at in range(floor(self.high / step + 1e-6) + 1)]


def nice(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10, 20, ... and their tenths; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(m * power for m in (1, 2, 2.5, 5, 10, 20) if m * power >= value * (1 - 1e-9))


def drawing(parts: Iterable[Markup], told: str, height: float) -> Markup:
    """The whole; `told` says it in words."""
    return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, told, Markup("").join(parts)
    )


def frame(x: Scale, y: Scale, under: str, beside: str) -> Iterable[Markup]:
    """Grid, values and names of two axes."""
    for tick in y.ticks:
        yield rule(x.start, y(tick), x.end, y(tick))
        yield text(x.start - 5, y(tick) + 4, f"{tick:g}", "end")
    for tick in x.ticks:
        yield text(x(tick), y.start + 14, f"{tick:g}")
    yield text((x.start + x.end) / 2, y.start + 31, under)
    yield Markup('<text class="tick" text-anchor="middle" transform="{}">{}</text>').format(
        f"translate(10 {(y.start + y.end) / 2:.1f}) rotate(-90)", beside
    )


def rule(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Markup:
    """A straight line."""
    line = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    return line.format(kind, x1, y1, x2, y2)


def path(points: Iterable[tuple[float, float]]) -> Markup:
    """A line through points."""
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Markup('<polyline class="line" points="{}"/>').format(listed)


def text(x: float, y: float, said: str, anchor: str = "middle", kind: str = "tick") -> Markup:
    """A word or two."""
    line = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    return line.format(kind, x, y, anchor, said)


def dot(x: float, y: float, radius: float, told: str = "", kind: str = "dot") -> Markup:
    """A filled circle; `told` shows when it is pointed at."""
    circle = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}">{}</circle>')
    return circle.format(kind, x, y, radius, title(told))


def bar(left: float, top: float, right: float, bottom: float, told: str) -> Markup:
    """A bar with a thin gap on either side."""
    box = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">{}</rect>')
    return box.format(left + 0.5, top, max(right - left - 1, 0.5), bottom - top, title(told))


def title(told: str) -> Markup:
    """What shows when the part is pointed at."""
    return Markup("<title>{}</title>").format(told) if told else Markup("")
