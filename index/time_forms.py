"""The forms in which questions name points in time, and the days that each stands for.

A form is a pattern and what reads it. Relative forms count from the present day; those without a
year may be given one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from index import calendars
from index.calendars import Span
from index.dates import MONTHS
from index.time_words import (
    COUNT,
    COUNTS,
    DAY,
    FULL_MONTH,
    MONTH,
    SEASON,
    SEASONS,
    UNIT,
    UNITS,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
)

RECENT = 92  # days
Read = Callable[[re.Match[str], date, int | None], Span | None]


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern, what reads it, and what `Point` tells of it."""

    pattern: re.Pattern[str]
    read: Read
    kind: str = ""
    alone: bool = True
    dated: bool = True


def _latest(make: Callable[[int], Span], now: date, year: int | None) -> Span:
    """That of the given year, else the latest one that has begun."""
    if year:
        return make(year)
    span = make(now.year)
    return span if span[0] <= now else make(now.year - 1)


def _day(match: re.Match[str], now: date, year: int | None) -> Span:
    month, number = MONTHS[match["month"].lower()], int(match["day"])
    return _latest(lambda y: calendars.day(y, month, number), now, _year(match) or year)


def _month(match: re.Match[str], now: date, year: int | None) -> Span:
    month = MONTHS[match["month"].lower()]
    return _latest(lambda y: calendars.months(y, month, month), now, _year(match) or year)


def _year(match: re.Match[str]) -> int | None:
    named = match.groupdict().get("year")
    return int(named) if named else None


def _iso(match: re.Match[str], _: date, __: int | None) -> Span | None:
    try:
        return (date.fromisoformat(match[0]),) * 2
    except ValueError:
        return None


def _years(match: re.Match[str], _: date, __: int | None) -> Span | None:
    first, last = int(match["year"]), match["last"] or match["year"]
    end = int(last) if len(last) == 4 else first // 100 * 100 + int(last)
    return (date(first, 1, 1), date(end, 12, 31)) if first <= end else None


def _decade(match: re.Match[str], _: date, __: int | None) -> Span:
    digits = match["decade"]
    first = int(digits) if len(digits) == 4 else 1900 + int(digits)
    return date(first, 1, 1), date(first + calendars.DECADE - 1, 12, 31)


def _quarter(match: re.Match[str], _: date, __: int | None) -> Span:
    last = 3 * int(match["quarter"])
    return calendars.months(int(match["year"]), last - 2, last)


def _season(match: re.Match[str], _: date, __: int | None) -> Span:
    return calendars.season(_season_name(match), int(match["year"]) + bool(match["next"]))


def _season_name(match: re.Match[str]) -> str:
    return SEASONS[match["season"].lower()]


def _last_season(match: re.Match[str], now: date, _: int | None) -> Span:
    return calendars.last_season(_season_name(match), now)


def _this_season(match: re.Match[str], now: date, _: int | None) -> Span:
    return calendars.season(_season_name(match), now.year)


def _weekday(match: re.Match[str], now: date, _: int | None) -> Span:
    back = (now.weekday() - WEEKDAYS[match["weekday"].lower()]) % 7 or 7
    return (now - timedelta(back),) * 2


def _weekend(_: re.Match[str], now: date, __: int | None) -> Span:
    monday = now - timedelta(now.weekday())
    return monday - timedelta(2), monday - timedelta(1)


def _week_of(match: re.Match[str], now: date, year: int | None) -> Span:
    return calendars.week(_day(match, now, year)[0])


def _week_number(match: re.Match[str], now: date, _: int | None) -> Span | None:
    try:
        monday = date.fromisocalendar(_year(match) or now.year, int(match["week"]), 1)
    except ValueError:
        return None
    return calendars.week(monday)


def _rolling(match: re.Match[str], now: date, _: int | None) -> Span | None:
    since = _back(match, now)
    return (since, now) if since else None


def _ago(match: re.Match[str], now: date, _: int | None) -> Span | None:
    then = _back(match, now)
    return calendars.whole(then, _unit(match)) if then else None


def _back(match: re.Match[str], now: date) -> date | None:
    said = (match.groupdict().get("count") or "1").lower()
    try:
        return calendars.before(now, COUNTS.get(said) or int(said), _unit(match))
    except ValueError:  # before the year 1
        return None


def _last(match: re.Match[str], now: date, _: int | None) -> Span:
    unit = _unit(match)
    return calendars.whole(calendars.before(now, 1, unit), unit)


def _this(match: re.Match[str], now: date, _: int | None) -> Span:
    return calendars.whole(now, _unit(match))[0], now


def _unit(match: re.Match[str]) -> str:
    said = match["unit"]
    return next(u for u, words in UNITS.items() if re.fullmatch(words, said, re.IGNORECASE))


def _days_ago(number: int) -> Read:
    return lambda _, now, __: (now - timedelta(number),) * 2


def _last_year(_: re.Match[str], now: date, __: int | None) -> Span:
    return calendars.months(now.year - 1, 1, 12)


def _this_year(_: re.Match[str], now: date, __: int | None) -> Span:
    return date(now.year, 1, 1), now


def _recent(_: re.Match[str], now: date, __: int | None) -> Span:
    return now - timedelta(RECENT), now


def _form(pattern: str, read: Read, kind: str = "", *flags: str) -> Form:
    compiled = re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)
    return Form(compiled, read, kind, "weak" not in flags, "undated" not in flags)


# Neither a name ("May Smith", "Mars One"), nor somebody who does something ("May said").
_NO_NAME = (
    r"(?!['’]s|[ ](?-i:[A-ZÅÄÖ])|[ ](?:said|says|took|was|had|has|is|won|lost|\w+ed)\b)(?!\.\w)"
)
# Neither a count of something, nor "2020 års budget".
_NO_COUNT = (
    r"(?![ ]?(?:%|‑|-(?!\d)|års\b|m\b|km|kg|met(?:er|re)s?|percent|procent|people|persons|personer"
    r"|workers|jobs|jobb|cases|fall\b|homes|dollars?|euros?|kronor|pounds|men\b|women|miles|feet"
    r"|times|gånger|deaths|votes|röster|other|more|members|soldiers|troops))(?![.,:]\d)"
)
THE = r"(?:the |den |det |de )?"
FORMS = (
    _form(r"\d{4}-\d\d-\d\d", _iso),
    _form(rf"{THE}{DAY}(?: of)? {MONTH}\.?,? {YEAR}", _day),
    _form(rf"{MONTH}\.? (?:the )?{DAY},? {YEAR}", _day),
    _form(rf"{THE}{DAY}(?: of)? {FULL_MONTH}", _day, "day", "weak", "undated"),
    _form(rf"den {DAY} {FULL_MONTH}", _day, "day", "undated"),
    _form(rf"{FULL_MONTH} {DAY}(?![:.,]\d)", _day, "day", "weak", "undated"),
    _form(rf"{MONTH}\.?,? (?:of )?{YEAR}", _month),
    _form(rf"{FULL_MONTH}{_NO_NAME}", _month, "month", "weak", "undated"),
    _form(rf"{YEAR}(?:\s?[-–/]\s?(?P<last>(?:19|20)?\d\d))?{_NO_COUNT}", _years, "year", "weak"),
    _form(rf"{YEAR}\s?[-–]\s?(?P<last>(?:19|20)\d\d){_NO_COUNT}", _years, "year"),
    _form(r"(?:the |de )?(?P<decade>(?:19|20)\d0)(?:['’]?s|-talet)", _decade),
    _form(r"(?:the ['’]?)(?P<decade>[2-9]0)s", _decade),
    _form(r"(?P<decade>[2-9]0)-talet", _decade),
    _form(rf"q(?P<quarter>[1-4]),? (?:of )?{YEAR}", _quarter),
    _form(rf"{YEAR},? q(?P<quarter>[1-4])", _quarter),
    _form(rf"{THE}{SEASON},?(?: of| år)? {YEAR}(?P<next>[-–/](?:\d\d)?\d\d)?", _season),
    _form(rf"last {SEASON}", _last_season),
    _form(rf"förra {SEASON}", _last_season),
    _form(r"i (?P<season>våras|somras|höstas|vintras)", _last_season),
    _form(r"this (?P<season>spring|summer|autumn|fall|winter)", _this_season),
    _form(r"i (?P<season>sommar|höst|vinter)", _this_season),
    _form(rf"{THE}week of {THE}{DAY}(?: of)? {MONTH}(?:,? {YEAR})?", _week_of, "", "undated"),
    _form(rf"{THE}week of {MONTH} {DAY}(?:,? {YEAR})?", _week_of, "", "undated"),
    _form(rf"veckan (?:kring |runt )?den {DAY} {MONTH}(?: {YEAR})?", _week_of, "", "undated"),
    _form(rf"(?:week|vecka|v\.) ?(?P<week>\d\d?)(?:,| of| år)? {YEAR}", _week_number),
    _form(r"today|tonight|this (?:morning|afternoon|evening)|i ?dag|i kväll|i morse", _days_ago(0)),
    _form(r"yesterday|last night|i ?går", _days_ago(1)),
    _form(r"(?:the )?day before yesterday|i förrgår", _days_ago(2)),
    _form(rf"(?:last|this past) {WEEKDAY}", _weekday),
    _form(rf"i {WEEKDAY}s", _weekday),
    _form(rf"{WEEKDAY}(?:en)?{_NO_NAME}", _weekday, "weekday", "weak", "undated"),
    _form(r"(?:last|this past) weekend|över helgen|i helgen|förra helgen", _weekend),
    _form(rf"{COUNT} {UNIT} ago", _ago),
    _form(rf"för {COUNT} {UNIT} ?sedan", _ago),
    _form(rf"(?:the )?(?:last|past|previous) {COUNT} {UNIT}", _rolling),
    _form(rf"(?:the )?past {UNIT}", _rolling),
    _form(rf"the last {UNIT}(?! of)", _rolling),
    _form(rf"(?:de |den |det )?(?:senaste|sista) {COUNT} {UNIT}", _rolling),
    _form(
        r"(?:de |den |det )?(?:senaste|gångna) (?P<unit>veckan|månaden|kvartalet|året)", _rolling
    ),
    _form(rf"(?:last|previous) {UNIT}", _last, "whole year"),
    _form(r"förra (?P<unit>veckan|månaden|kvartalet|året)", _last, "whole year"),
    _form(r"i fjol|fjolåret", _last_year, "whole year"),
    _form(r"(?:so far )?this (?P<unit>week|month|quarter)(?: so far)?", _this),
    _form(r"(?:so far )?this year(?: so far)?|(?:the )?year to date", _this_year, "this year"),
    _form(r"(?:hittills )?(?:denna|den här) (?P<unit>veckan?|månad(?:en)?)", _this),
    _form(r"(?:hittills )?(?:i år|detta år|det här året)(?: hittills)?", _this_year, "this year"),
    _form(r"recently|lately|latest|nyligen|senaste|på sistone", _recent),
)
