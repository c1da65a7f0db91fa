"""The time that a question speaks of: days of publication to be preferred. No language model.

Conventions. Early, mid and late are thirds: of a year (January to April, …), a decade (four, three
and three years), a season (a month each) and a month (days 1-10, 11-20, the rest). A month, day or
weekday without a year is the latest one that has begun, by the last day that an article is of; with
"by" or "until" it is none, for it may as well lie ahead. "Last week" is the calendar's, Monday to
Sunday; "the past week" is the seven days up to now; "two weeks ago" is the whole week. "Since" has
no end; "before", "until", "by" and "as of" have no beginning. What lies in the future cannot have
been published and is no window, nor is a time that no article is of; neither is an event without a
date ("before the summit").
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from index import calendars
from index.dates import MONTHS
from index.time_points import BEGINNINGS, Point, Present, point_at
from index.time_words import MONTH, YEAR

_DAY = timedelta(1)
_NTH = r"(?:st|nd|rd|th)?"
_DATED = re.compile(
    rf"\b(?:(?P<before>\d\d?){_NTH}\s+)?{MONTH}\.?(?:\s+(?P<behind>\d\d?){_NTH}\b)?,?\s+{YEAR}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `since` to `until`, both included; None is open. `said`: the words it is from."""

    since: date | None
    until: date | None
    said: str = field(default="", compare=False)
    as_of: bool = field(default=False, compare=False)  # whether it asks for the state at `until`

    def meets(self, first: date | None, last: date | None) -> bool:
        """Whether these days, of which an unknown one is None, have any in common with it."""
        if first is None or last is None or (self.since and last < self.since):
            return False
        return self.until is None or first <= self.until


Days = tuple[date | None, date | None]  # since, until
_Frame = tuple[re.Pattern[str], Callable[[Point, str], Days], frozenset[str]]


def window(text: str, asked_at: date, span: calendars.Span | None = None) -> Window | None:
    """The time that a question speaks of, the first if there are several, or None.

    Relative words count from `asked_at`. span: the first and the last day that articles are of.
    """
    return next(windows(text, asked_at, span), None)


def windows(text: str, asked_at: date, span: calendars.Span | None = None) -> Iterator[Window]:
    """Every time that a question speaks of, in order."""
    now, after = Present(asked_at, span[1] if span else asked_at), 0
    for start in _starts(text):
        if start < after or not _BEGINS.match(text, start):
            continue
        found = _range_at(text, start, now) or _framed_at(text, start, now)
        if found:
            (since, until), after, as_of = found
            told = Window(since, until, text[start:after], as_of)
            if _possible(since, until, asked_at) and (not span or told.meets(*span)):
                yield told


def named_days(text: str) -> list[Window]:
    """Every day and month that a text names together with its year, in order."""
    return [_named(match) for match in _DATED.finditer(text)]


def without_dates(text: str) -> str:
    """The text without what `named_days` finds in it."""
    return _DATED.sub("", text)


def _named(match: re.Match[str]) -> Window:
    year, month = int(match["year"]), MONTHS[match["month"].lower()]
    return Window(*calendars.day(year, month, int(match["before"] or match["behind"] or 0)))


def _starts(text: str) -> Iterator[int]:
    yield from (match.start() for match in re.finditer(r"(?<![\w$€£#-])\w", text))


def _possible(since: date | None, until: date | None, now: date) -> bool:
    """Whether anything could have been published then, and anything but then."""
    if since and until and since > until:
        return False
    return since <= now if since else until is not None and until < now


_Found = tuple[Days, int, bool]  # where its words end; whether it is an as-of
_RANGE = (
    (re.compile(r"(?:between|mellan) ", re.I), re.compile(r" (?:and|och) ", re.I)),
    (
        re.compile(r"(?:from|från) ", re.I),
        re.compile(r" (?:to|until|till|through|fram till|till och med) |\s?[-–]\s?", re.I),
    ),
)
_AND = re.compile(r" (?:and|or|och|eller) (?=\d{4})", re.I)


def _range_at(text: str, at: int, now: Present) -> _Found | None:
    """Two points with words around them that make a range of them."""
    for opening, middle in _RANGE:
        begun = opening.match(text, at)
        first = begun and point_at(text, begun.end(), now)
        joint = first and middle.match(text, first.end)
        last = joint and point_at(text, joint.end(), now)
        if begun and joint and first and last:
            since, until = _ordered(text, begun.end(), joint.end(), first, last, now)
            return (since, until), last.end, False
    return None


def _ordered(text: str, at: int, then: int, first: Point, last: Point, now: Present) -> Days:
    """The range from one point to the other; the one without a year takes it from its fellow."""
    if not first.dated and last.dated:
        first = _anew(text, at, now, last.first.year, first)
        if first.first > last.last:
            first = _anew(text, at, now, last.first.year - 1, first)
    elif not last.dated:
        last = _anew(text, then, now, first.first.year, last)
        if last.last < first.first:
            last = _anew(text, then, now, first.first.year + 1, last)
    return first.first, last.last


def _anew(text: str, at: int, now: Present, year: int, otherwise: Point) -> Point:
    return point_at(text, at, now, year) or otherwise


def _framed_at(text: str, at: int, now: Present) -> _Found | None:
    """A point with a word before it that says how it is meant, or one that needs none."""
    for words, days, kinds in _FRAMES:
        if match := words.match(text, at):
            point = point_at(text, match.end(), now)
            suits = point and (point.kind in kinds or (point.alone and words is not _OF))
            if point and suits and not _of_trust(text, at, point):
                point = _joined(text, point, now)
                said = _NEVER if _ahead(days, point) else days(point, text[match.end() :])
                return said, point.end, words is _AS_OF
    point = point_at(text, at, now)
    if point and point.alone:
        return (point.first, point.last), point.end, False
    return None


def _joined(text: str, point: Point, now: Present) -> Point:
    """The point with the year after it, in "2008 and 2009"."""
    joint = _AND.match(text, point.end) if point.kind == "year" else None
    further = joint and point_at(text, joint.end(), now)
    if further and further.kind == "year" and further.first > point.first:
        return Point(point.first, further.last, further.end, "year", alone=False)
    return point


_TRUST = re.compile(r"(?:trust|confidence|faith|belief|believes?|interest(?:ed)?)\s+$", re.I)


def _of_trust(text: str, at: int, point: Point) -> bool:
    """Whether "in May" is rather about a person."""
    return point.kind == "month" and bool(_TRUST.search(text[:at]))


_NEVER: Days = (None, None)


def _ahead(days: Callable[[Point, str], Days], point: Point) -> bool:
    """Whether the point may be one to come: "by March 1"."""
    return days is _until and not point.dated


_END = re.compile(r"(?:the )?end of|slutet (?:av|på)", re.I)


def _during(point: Point, _: str) -> Days:
    return point.first, point.last


def _since(point: Point, _: str) -> Days:
    return point.first, None


def _after(point: Point, _: str) -> Days:
    return point.last + _DAY, None


def _before(point: Point, words: str) -> Days:
    return None, point.last if _END.match(words) else point.first - _DAY


def _until(point: Point, _: str) -> Days:
    return None, point.last


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})\s+", re.IGNORECASE)


_AS_OF = _words(r"as of|as at|per(?= (?:den )?\d)")
_OF = _words(r"of|from|år|within")  # before a year alone: "the talks of last week" needs no word
_ANY = frozenset({"year", "month", "day"})
_FRAMES: tuple[_Frame, ...] = (
    (_AS_OF, _until, _ANY),
    (_words(r"(?:ever )?since|alltsedan|sedan"), _since, _ANY | {"weekday"}),
    (_words(r"after|efter"), _after, _ANY | {"weekday"}),
    (_words(r"before|prior to|före|innan"), _before, _ANY),
    (_words(r"until|till och med|fram till|up to|through|by|senast"), _until, _ANY),
    (_words(r"in|during|throughout|under|i"), _during, frozenset({"year", "month"})),
    (_OF, _during, frozenset({"year"})),
    (_words(r"on"), _during, frozenset({"day", "weekday"})),
)


def _beginnings() -> Iterator[str]:
    """Patterns of all that a time begins with, without names, which no pattern may hold twice."""
    words = (*(opening for opening, _ in _RANGE), *(words for words, _, _ in _FRAMES), *BEGINNINGS)
    yield from (re.sub(r"\(\?P<\w+>", "(?:", each.pattern) for each in words)


_BEGINS = re.compile("|".join(_beginnings()), re.IGNORECASE)  # most words of a question do not
