"""When a page was published and last changed, if its markup says so. Dates in its text, in its
footer, of its comments and of other stories are left alone: a guessed date is worse than none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from functools import reduce
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from index import dates, dating, facts
from index.dating import Dated
from index.facts import Facts
from index.sources import html_marks, linked_data
from index.sources.draft import ADDRESS, better
from index.sources.html_marks import Mark

IN_ADDRESS = re.compile(
    r"/((?:19|20)\d\d)[/-]([01]?\d|[a-z]{3})[/-]([0-3]?\d)(?=[/.-]|$)"
    r"|[_-]((?:19|20)\d\d)-([01]\d)-([0-3]\d)(?=/?$|\.\w+$)"
    r"|/((?:19|20)\d\d)([01]\d)([0-3]\d)(?=[/.-]|$)"
)
MONTH_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/(?!\d+(?:[/.-]|$))\D")
ZONES = frozenset("timezone time-zone time_zone tz article:timezone og:timezone".split())
BY_LINE = "by-line"  # where a date was found
SEASON = timedelta(30)  # for so long an offset may be taken to hold


@dataclass(frozen=True, slots=True)
class Dates:
    """What a page says of itself."""

    published: Dated | None
    updated: Dated | None


def read(tree: Any, url: str | None, headline: str, line: Facts) -> Dates:
    """The dates of the article on the page, at the outlet; `line` is what its by-line says."""
    marks = list(_marks(tree, url, headline))
    published = [_dated(mark) for mark in marks if mark.what == "published"]
    updated = [_dated(mark) for mark in marks if mark.what == "updated"]
    known, changed = [d for d in published if d], [d for d in updated if d]
    zone = _zone(tree)
    others = [*known, *changed, *filter(None, (line.published, line.updated))]
    first, last = (_at_outlet(_best(found), others, zone) for found in (known, changed))
    first = better(first, line.published) if line.published else first
    return Dates(first or in_address(url), last or line.updated)


def by_line(tree: Any) -> Facts:
    """What the lines below the headline say that hold nothing but facts."""
    read = (facts.read_line(line, BY_LINE) for line in html_marks.lines(tree))
    return reduce(facts.merge, filter(None, read), Facts())


def _marks(tree: Any, url: str | None, headline: str) -> Iterator[Mark]:
    """All marks, those first that are to be trusted most."""
    if node := linked_data.read(tree, headline, url):
        yield Mark("published", node.published, "JSON-LD")
        yield Mark("updated", node.updated, "JSON-LD")
    yield from html_marks.metas(tree, html_marks.PUBLISHED, "published")
    yield from html_marks.metas(tree, html_marks.UPDATED, "updated")
    yield from html_marks.items(tree)
    marked = list(html_marks.classes(tree))
    yield from marked
    if not any(mark.what == "published" for mark in marked):
        yield from _unanimous(html_marks.by_lines(tree))
    yield from html_marks.metas(tree, html_marks.GENERAL, "published")


def _unanimous(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Marks that say nothing of themselves count if they agree."""
    listed = list(marks)
    days = {mark.written[:10] for mark in listed if mark.what == "published"}
    yield from (mark for mark in listed if mark.what == "updated" or len(days) == 1)


def _dated(mark: Mark) -> Dated | None:
    written = dates.parse(mark.written)
    if written is None or not dating.is_credible(written):
        return None
    shown = dates.parse(mark.shown)
    # The markup has the time in UTC, but readers see the day at the outlet.
    if shown and dating.is_universal(written) and dating.next_door(shown, written):
        return Dated(shown, mark.place)
    return Dated(written, mark.place)


def _best(found: list[Dated]) -> Dated | None:
    """The first, or a later one that says the same more exactly."""
    if not found:
        return None
    exact = (d for d in found if dating.is_within(d.written, found[0].written))
    return next(exact, found[0])


def _at_outlet(dated: Dated | None, others: list[Dated], zone: tzinfo | None) -> Dated | None:
    if dated is None or not dating.is_universal(dated.written):
        return dated
    for other in others:
        if not dating.is_universal(other.written):
            if dating.same_moment(dated.written, other.written):
                return Dated(other.written, dated.origin)
            moment, near = other.moment, abs(other.first - dated.first) <= SEASON
            zone = zone or (moment.tzinfo if moment and near else None)
    return Dated(dating.at(dated.written, zone), dated.origin)


def _zone(tree: Any) -> tzinfo | None:
    """The time zone that the page names, as in "America/Chicago"."""
    metas = tree.iterfind(".//meta[@content]")
    named = (
        element.get("content")
        for element in metas
        if (element.get("name") or element.get("property") or "").lower() in ZONES
    )
    given = (element.get("data-timezone") for element in tree.iterfind(".//*[@data-timezone]"))
    name = next((name.strip() for name in chain(named, given) if name), None)
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def in_address(url: str | None) -> Dated | None:
    """The day or month in an address such as https://example.org/2024/05/01/bridge."""
    path = (url or "").partition("?")[0]
    if found := IN_ADDRESS.search(path):
        year, month, day = (part for part in found.groups() if part)
        named = f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}"
        written = dates.parse(named)
    elif found := MONTH_IN_ADDRESS.search(path):
        written = "-".join(found.groups())
    else:
        return None
    return Dated(written, ADDRESS) if written and dating.is_credible(written) else None
