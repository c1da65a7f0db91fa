"""Dates as exact as they are known, in ISO 8601: 2021, 2021-03, 2021-03-04, 2021-03-04T10:15+01:00.

The day is the one at the outlet. A time with an offset of its own is dated by that offset. A time
in UTC ("Z", "GMT", "+00:00") says nothing of where the outlet is, for most systems write that
whatever the place: it is dated by the zone that the page or the feed states elsewhere, and by UTC
where none is stated.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, final

Precision = Literal["year", "month", "day", "minute"]
LENGTHS: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}
FORM = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?:[+-]\d\d:\d\d)?)?)?)?")


@final
@dataclass(frozen=True, slots=True)
class Dated:
    """A date, and where it was found: "meta", "JSON-LD", "feed", "by-line (line 2)", ..."""

    written: str
    origin: str

    @property
    def first(self) -> date:
        """The day; of a month or a year, the first one."""
        return first(self.written)

    @property
    def moment(self) -> datetime | None:
        """The moment, if the time and its offset are known."""
        return moment(self.written)


def check(written: str) -> str:
    """The same, if it is a date as this module writes it. Raises ValueError."""
    if not FORM.fullmatch(written):
        raise ValueError(f"{written!r} is no date")
    datetime.fromisoformat(written + "-01-01"[len(written) - 4 :] if len(written) < 10 else written)
    return written


def first(written: str) -> date:
    """The day; of a month or a year, the first one."""
    return date.fromisoformat((written + "-01-01")[:10] if len(written) < 10 else written[:10])


def last(written: str) -> date:
    """The day; of a month or a year, the last one."""
    day = first(written)
    match precision(written):
        case "year":
            return day.replace(month=12, day=31)
        case "month":
            return day.replace(day=monthrange(day.year, day.month)[1])
        case _:
            return day


def precision(written: str) -> Precision:
    """How much of it is known."""
    return LENGTHS.get(len(written), "minute")


def day_of(written: str) -> str:
    """The date without the time of day."""
    return written[:10]


def moment(written: str) -> datetime | None:
    """The moment, if the time and its offset are known."""
    if precision(written) != "minute":
        return None
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else None


def of_moment(found: datetime) -> str:
    """The time to the minute, with its offset if it has one."""
    return found.replace(second=0, microsecond=0).isoformat(timespec="minutes")[:22]


def is_universal(written: str) -> bool:
    """Whether this is a time in UTC, so that the day at the outlet may be another one."""
    return written.endswith("+00:00")


def at(written: str, zone: tzinfo | None) -> str:
    """A time in UTC as the clocks in the zone have it; anything else as it is."""
    found = moment(written)
    if zone is None or found is None or not is_universal(written):
        return written
    try:
        return of_moment(found.astimezone(zone))
    except OverflowError:  # in the year 1, or 9999
        return written


def same_moment(one: str, other: str) -> bool:
    """Whether both are times, to the minute the same."""
    first_moment, second_moment = moment(one), moment(other)
    return first_moment is not None and first_moment == second_moment


def next_door(one: str, other: str) -> bool:
    """Whether the days are neighbours, as one moment's are in two zones."""
    return abs(first(one) - first(other)) == timedelta(1)


def is_within(exact: str, rough: str) -> bool:
    """Whether `exact` says more than `rough`, and nothing else."""
    return len(rough) < 10 and len(exact) > len(rough) and exact.startswith(rough)


def is_credible(written: str) -> bool:
    """Whether something can have come out then: not tomorrow, nor at a clock's zero."""
    zero = is_universal(written) and written.startswith("1970-01-01T00:00")
    return not zero and first(written) <= datetime.now(UTC).date() + timedelta(1)
