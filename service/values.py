"""What a bare answer says, in a form in which two answers can be compared: amount, day or name.

Whether two amounts are the same is decided kindly ("about 300" and 312 are, so are "71 kilometers"
and "44 miles"), since to see a difference where there is none is the worse mistake.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from service.dates import CALENDAR
from service.measures import UNITS
from service.quantities import Quantity, figures, placed
from service.wording import names, years

ROUNDED = 0.05  # share by which a rounded figure may be off
ABOUT = 0.1  # ... one that is said to be inexact
HEDGE = 24  # characters before a number in which its hedge stands
BOUND = 1.25  # times as much as "at least" so many
_INEXACT = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|some|approximately|up to|close to|just under|"
    r"omkring|cirka|ca|ungefär|nästan|runt|uppemot)\s+(?:\w+\s+)?[$£€]?$",
    re.I,
)
_AT_LEAST = re.compile(
    r"\b(?:more than|over|at least|above|fler än|mer än|över|minst|drygt)\s+[$£€]?$", re.I
)
_RATE = re.compile(
    r" (?:an?|per|i|om) (?:hour|day|week|month|year|timmen|dagen|veckan|månaden|året)\b", re.I
)
_JOINS = re.compile(r"(?:in|at|to|by|on|from|i|på|till|av|från)\s+", re.I)
_PEOPLE = frozenset("people person persons personer människor".split())


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, and what stands before it."""

    quantity: Quantity
    inexact: bool
    at_least: bool

    @property
    def number(self) -> float:
        """The number as it is written."""
        return float(self.quantity.value)

    @property
    def measure(self) -> tuple[str, float]:
        """What it measures and in which unit; ("", 1) for a count."""
        return UNITS.get(self.quantity.noun, ("", 1.0))


@dataclass(frozen=True, slots=True)
class Days:
    """Days, months or weekdays, and years, as far as they are told."""

    days: frozenset[str]  # as in `service.dates`
    years: frozenset[str]
    published: date | None


Value = Amount | Days | frozenset[str]  # the last: names


def value(
    quote: str, bare: tuple[int, int], language: str | None, kind: str | None, day: date | None
) -> tuple[Value, tuple[int, int]] | None:
    """What the bare answer in a quote says, and where it stands, its unit included.

    kind: what the question asks for (`service.kinds`); day: of publication.
    """
    said = quote[slice(*bare)]
    if kind == "when":
        told = Days(figures(f"in {said}", language).dates, years(said), day)
        return (told, bare) if told.days or told.years else None
    if kind in ("who", "where"):
        return _named(said, bare)
    inside = [each for each in placed(quote, language) if each[0] < bare[1] and bare[0] < each[1]]
    if not inside:
        return _named(said, bare) if kind is None else None
    start, end, quantity = inside[0]
    if any(q.unit == quantity.unit and q.noun == quantity.noun for _, _, q in inside[1:]):
        return None  # a range, or a change from one to the other
    first = hedged(quote, start) if bare[0] < start else start
    rate = _RATE.match(quote, end)
    return amount(quote, start, quantity), (first, rate.end() if rate else end)


def amount(quote: str, start: int, quantity: Quantity) -> Amount:
    """The number that begins at a place."""
    before = quote[max(0, start - HEDGE) : start]
    return Amount(quantity, bool(_INEXACT.search(before)), bool(_AT_LEAST.search(before)))


def hedged(quote: str, start: int) -> int:
    """Where the hedge before the number begins ("more than", "about"), or the number itself."""
    at = max(0, start - HEDGE)
    hedge = _INEXACT.search(quote[at:start]) or _AT_LEAST.search(quote[at:start])
    return at + hedge.start() if hedge else start


def _named(said: str, bare: tuple[int, int]) -> tuple[Value, tuple[int, int]] | None:
    found = names(said).difference(*CALENDAR)
    joins = _JOINS.match(said)
    return (found, (bare[0] + (joins.end() if joins else 0), bare[1])) if found else None


def same(one: Value, other: Value, asked: frozenset[str]) -> bool | None:
    """Whether the two say the same; None if they cannot be compared. asked: stems of the question.

    Symmetric: `same(a, b, asked) == same(b, a, asked)`.
    """
    match one, other:
        case Amount(), Amount():
            return _same_amount(one, other, asked)
        case Days(), Days():
            return _same_days(one, other)
        case frozenset(), frozenset():
            return bool(one & other)
    return None


def _same_amount(one: Amount, other: Amount, asked: frozenset[str]) -> bool | None:
    a, b = one.number, other.number
    if one.quantity.unit != other.quantity.unit:
        return None
    if not one.quantity.unit:
        (measured, factor), (too, by) = one.measure, other.measure
        if measured != too or not (measured or _alike(one, other, asked)):
            return None
        a, b = a * factor, b * by
        if factor != by:  # converted, and rounded then
            return abs(a - b) <= ABOUT * max(a, b)
    low, high = min(a, b), max(a, b)
    if one.at_least or other.at_least:
        both = one.at_least and other.at_least
        bound, actual = (low, high) if both else (a, b) if one.at_least else (b, a)
        if bound <= actual <= BOUND * bound:
            return True
    if one.inexact or other.inexact:
        return high - low <= ABOUT * high
    return high - low <= min(ROUNDED * high, max(_grain(one), _grain(other)) / 2)


def _alike(one: Amount, other: Amount, asked: frozenset[str]) -> bool:
    """Whether both count the same things, or what the question asks for."""
    first, second = one.quantity, other.quantity
    if first.counted == second.counted:
        return True
    return all(q.counted in asked or not q.counted or q.noun in _PEOPLE for q in (first, second))


def _grain(amount: Amount) -> float:
    """The value of a whole number's last digit that is not 0, in its measure; else 0."""
    digits = amount.quantity.value
    if "." in digits or "e" in digits:
        return 0.0
    return float(10 ** (len(digits) - len(digits.rstrip("0")))) * amount.measure[1]


def _same_days(one: Days, other: Days) -> bool | None:
    if one.years and other.years and not one.years & other.years:
        return False
    first, second = _calendar(one), _calendar(other)
    if first and second:
        return any(_within(a, b) or _within(b, a) for a in first for b in second)
    weekdays = one.days and other.days and not first and not second
    if weekdays and one.published and other.published:
        if abs(one.published - other.published) <= timedelta(1):
            return bool(one.days & other.days)
    return True if one.years & other.years else None


def _calendar(told: Days) -> set[str]:
    """Its days and months; weekdays are none."""
    return {day for day in told.days if day[0].isdecimal()}


def _within(day: str, other: str) -> bool:
    return day == other or day.split("-")[0] == other
