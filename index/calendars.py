"""Spans of days: months, weeks and seasons, parts of them, and the latest ones before a day.

A span is a pair of days, both included. Weeks begin on Monday; seasons are those of the northern
half of the world, three whole months each, and a winter goes by the year in which it ends.
"""

import calendar
from datetime import date, timedelta
from itertools import pairwise

Span = tuple[date, date]
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 0}  # first month; 0: December before
DECADE = 10  # years


def months(year: int, first: int, last: int) -> Span:
    """From the first day of one month to the last day of another."""
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def day(year: int, month: int, number: int) -> Span:
    """One day; the whole month if it has no such day."""
    if 1 <= number <= calendar.monthrange(year, month)[1]:
        return (date(year, month, number),) * 2
    return months(year, month, month)


def week(around: date) -> Span:
    """The week in which a day lies."""
    monday = around - timedelta(around.weekday())
    return monday, monday + timedelta(6)


def season(name: str, year: int) -> Span:
    """A season of a year."""
    first = SEASONS[name]
    if first:
        return months(year, first, first + 2)
    return date(year - 1, 12, 1), months(year, 2, 2)[1]


def last_season(name: str, now: date) -> Span:
    """The latest one that is over."""
    return max(s for y in (now.year - 1, now.year) if (s := season(name, y))[1] < now)


def before(now: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months, quarters, years or decades before another."""
    if unit in ("day", "week"):
        return now - timedelta(count * (7 if unit == "week" else 1))
    each = {"month": 1, "quarter": 3, "year": 12, "decade": 12 * DECADE}[unit]
    year, month = divmod(now.year * 12 + now.month - 1 - count * each, 12)
    return date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1]))


def whole(around: date, unit: str) -> Span:
    """The day, week, month, quarter or year in which a day lies."""
    if unit == "day":
        return around, around
    if unit == "week":
        return week(around)
    if unit == "month":
        return months(around.year, around.month, around.month)
    if unit == "quarter":
        first = (around.month - 1) // 3 * 3 + 1
        return months(around.year, first, first + 2)
    return months(around.year, 1, 12)


def part(span: Span, number: int, of: int) -> Span | None:
    """The part with this number, from 1, of a decade, year, season or month cut in so many.

    In whole years, months or days: a decade has 4, 3 and 3 years in its thirds, a month of 31
    days has 10, 10 and 11. None for a span that cannot be cut like that.
    """
    first, last = span
    if (first, last) == months(first.year, first.month, first.month):
        bounds = [round(n * 30 / of) for n in range(of)]
        starts = [first + timedelta(n) for n in bounds if n < last.day]
    elif first.day == 1 and (last + timedelta(1)).day == 1:
        starts = _starts(first, (last.year - first.year) * 12 + last.month - first.month + 1, of)
    else:
        starts = []
    if len(starts) < of:
        return None
    ends = [b - timedelta(1) for _, b in pairwise(starts)] + [last]
    return starts[number - 1], ends[number - 1]


def _starts(first: date, length: int, of: int) -> list[date]:
    """Where the parts of so many months begin; those of whole decades at a year."""
    if length % (12 * DECADE) == 0:
        years = length // 12
        return [date(first.year + -(-n * years // of), 1, 1) for n in range(of)]
    if length % of:
        return []
    return [before(first, -n * length // of, "month") for n in range(of)]
