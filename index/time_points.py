"""Points in time as a question names them: "3 June", "early 2019", "last week", "i våras".

A point is a span of days and where its words end. One that could as well be something else ("May",
"2020") is not `alone`: it counts only behind a word such as "in" or "since".
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from index import calendars
from index.calendars import Span
from index.time_forms import FORMS, THE, Form
from index.time_words import PARTS

QUARTERS = 4
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Point:
    """A span of days, where its words end in the text, and how sure it is one."""

    first: date
    last: date
    end: int
    kind: str  # "year", "month", "day", "weekday": which words may stand before it; "" for others
    alone: bool  # whether it means a time with no such word
    dated: bool = True  # whether its year is known without the present day's


@dataclass(frozen=True, slots=True)
class Present:
    """From when times are counted."""

    day: date  # today: "last week" is the one before it
    last: date  # the last day that an article is of: "on Monday" is not after it

    def known(self, form: Form) -> date:
        """The day from which a form without its year counts."""
        after = _DAY if form.kind == "weekday" and self.last < self.day else timedelta(0)
        return min(self.day, self.last + after)  # a weekday counts from the day after it


def point_at(text: str, at: int, now: Present, year: int | None = None) -> Point | None:
    """The longest point that begins there; `year` is that of one that does not name its own."""
    found = [_read(form, text, at, now, year) for form in FORMS]
    found.append(_part_at(text, at, now, year))
    return max(
        (point for point in found if point),
        key=lambda point: (point.end, point.alone),
        default=None,
    )


def _read(form: Form, text: str, at: int, now: Present, year: int | None) -> Point | None:
    match = form.pattern.match(text, at)
    if not match:
        return None
    day = now.day if _dated(form, match) else now.known(form)
    span = form.read(match, day, year)
    if not span:
        return None
    return Point(*span, match.end(), form.kind, form.alone, _dated(form, match))


def _dated(form: Form, match: re.Match[str]) -> bool:
    """Whether the year is known without the present day's, or is that one by what is said."""
    return form.dated or bool(match.groupdict().get("year"))


def _part_at(text: str, at: int, now: Present, year: int | None) -> Point | None:
    """ "Early", "the first half of", before a point that can be cut."""
    for pattern, (number, of) in _PARTS:
        if match := pattern.match(text, at):
            inner = point_at(text, match.end(), now, year)
            span = inner and calendars.part(_uncut(inner), number, of)
            if inner and span and (of != QUARTERS or inner.kind.endswith("year")):
                return Point(*span, inner.end, "", True, inner.dated)
    return None


def _uncut(point: Point) -> Span:
    """The span; of "this year", which ends today, the whole year."""
    whole = point.kind == "this year"
    return calendars.whole(point.first, "year") if whole else (point.first, point.last)


_PARTS = [
    (re.compile(rf"{THE}(?:{words})(?:[\s-]+(?:the |de |den )?)", re.IGNORECASE), cut)
    for words, cut in PARTS.items()
]
BEGINNINGS = (*(form.pattern for form in FORMS), *(pattern for pattern, _ in _PARTS))
