"""Pages and feeds of our own making: the right day, told with where it was found, or no day.

They mark dates in every way we know of, in eight time zones, and lay traps: a copyright, today's
date above the page, comments, events, other stories, clocks at zero. {today} in them is today.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from index.schema import Article
from index.web.gathering import Gatherer
from tests.test_web import MEDIA, Shelf
from tests.web import Site, fetcher, reply, site

DATA = Path(__file__).parent / "data"
FOLDERS = ("dates", "web")
NOW = datetime.now(UTC)
LINE = "by-line"
Expected = tuple[str | None, str | None]

# What is known of the date, as exactly as it is, and where that was found.
PAGES: dict[str, Expected] = {
    "opengraph": ("2024-03-11T06:10+01:00", "meta"),
    "graph": ("2022-08-25T14:00+00:00", "JSON-LD"),
    "related-first": ("2021-11-30T18:45+00:00", "JSON-LD"),
    "late-evening": ("2023-05-16T23:40-06:00", "JSON-LD"),
    "pubdate": ("2019-07-21", "time element"),
    "microdata": ("2023-02-09", "microdata"),
    "dublin-core": ("2022-12-14", "meta"),
    "parsely": ("2024-01-18T07:00+00:00", "meta"),
    "sailthru": ("2020-06-05T11:20", "meta"),
    "rfc": ("2023-11-07T22:15-05:00", "meta"),
    "entry-date": ("2021-04-24T20:00+03:00", "time element"),
    "address": ("2021-02-08", "web address"),
    "byline": ("2023-11-07", LINE),
    "svensk": ("2023-03-14", LINE),
    "amp": ("2025-09-10", "meta"),
    "hidden": ("2024-10-01", "meta"),
    "changed-only": (None, None),
    "undated": (None, None),
    "feed-only": (None, None),
    "foreign-canonical": (None, None),
    "latin": (None, None),
    "month-byline": ("2021-03", LINE),
    "year-citation": ("1998", "meta"),
    "month-meta": ("2021-03", "meta"),
    "month-address": ("2019-07", "web address"),
    "year-line": ("1987", LINE),
    "hatom": ("2018-05-06T21:00-03:00", "microformat"),
    "h-entry": ("2022-10-04T08:15+02:00", "time element"),
    "rdfa": ("2022-02-28T23:50+09:00", "microdata"),
    "citation": ("2020-11-03", "meta"),
    "utc-and-offset": ("2024-03-11T21:30-05:00", "meta"),
    "utc-zone-named": ("2023-08-15T07:05+10:00", "meta"),
    "utc-and-update": ("2023-06-02T01:40+05:30", "JSON-LD"),
    "utc-and-byline": ("2022-07-01", LINE),
    "utc-and-shown": ("2022-12-31", "time element"),
    "utc-alone": ("2021-09-15T11:00+00:00", "meta"),
    "copyright-year": (None, None),
    "related-data": ("2020-09-17T07:00+02:00", "JSON-LD"),
    "related-times": (None, None),
    "updated-time-only": (None, None),
    "today-in-header": (None, None),
    "today-in-header-dated": ("2019-09-03T06:00+02:00", "JSON-LD"),
    "comments": (None, None),
    "events": (None, None),
    "event-and-byline": ("2019-05-02", LINE),
    "conflict-general": ("2017-10-09T12:00+02:00", "JSON-LD"),
    "conflict-updated": ("2016-08-30T09:00+03:00", "meta"),
    "relative": (None, None),
    "slashes": (None, None),
    "slashes-clear": ("2023-12-25", LINE),
    "clock-at-zero": (None, None),
    "to-come": (None, None),
    "deutsch": ("2023-10-03T17:40", LINE),
    "francais": ("2022-07-14T08:30", LINE),
    "wire": ("2024-02-06T19:20-03:00", "meta"),
    "dateline": ("2020-03-09", "dateline"),
    "source-foot": ("2022-04-02", "meta"),
    "today-indeed": (NOW.date().isoformat(), "meta"),
    "live": ("2020-02-09T08:00+00:00", "JSON-LD"),
    "video-first": ("2021-05-19T23:10-04:00", "JSON-LD"),
    "address-named": ("2017-03-04", "web address"),
    "address-compact": ("2016-02-29", "web address"),
    "wordpress": ("2022-03-04T22:05-05:00", "JSON-LD"),
    "spans": ("2018-05-01", LINE),
    "kicker": ("2017-11-20", "time element"),
    "clock-first": ("2024-05-01T21:15-04:00", "meta"),
    "teasers": (None, None),
    "two-headlines": (None, None),
    "script-date": ("2019-05-01T23:30+05:30", "meta"),
}
# Of the articles that a feed leads to, in its order.
FEEDS: dict[str, list[Expected]] = {
    "plain.rss": [
        ("2024-04-20T23:30-04:00", "feed"),
        ("2021-02-08T08:00+02:00", "feed"),
        ("2024-03-11T06:10+01:00", "meta"),
        ("2024-05-02T06:00-04:00", "feed"),  # the feed's other dates are of that zone
    ],
    "atom.xml": [("2024-01-18T08:00+01:00", "feed"), (None, None)],
    "old.rdf": [("2024-04-21T01:30+09:00", "feed")],
    "broken.rss": [("2023-11-07T22:15-05:00", "meta")],
    "feeds.opml": [
        ("2024-01-18T08:00+01:00", "feed"),
        (None, None),
        ("2024-04-21T01:30+09:00", "feed"),
    ],
    "pacific.rss": [("2023-02-14T21:30-08:00", "feed")],
    "tokyo.xml": [("2022-11-04T01:30+09:00", "feed")],
    "monthly.rss": [("2018-10", "feed")],
    "changes-only.xml": [(None, None)],
    "dateless.rss": [(None, None)],
    "same-moment.rss": [("2021-09-16T00:00+13:00", "feed")],
    "issued.rss": [("2023-05-02T22:40-04:00", "feed")],
}
UPDATED: dict[str, Expected] = {
    "opengraph": ("2024-03-12T09:00+01:00", "meta"),
    "graph": ("2022-09-30T08:00+00:00", "JSON-LD"),
    "changed-only": ("2024-02-02", "JSON-LD"),
    "h-entry": ("2022-10-06T17:00+02:00", "time element"),
    "updated-time-only": ("2024-02-14T10:00+02:00", "time element"),
    "conflict-general": ("2017-10-10T08:00+02:00", "JSON-LD"),
    "conflict-updated": ("2016-09-02T18:00+03:00", "meta"),
    "utc-and-update": ("2023-06-03T09:15+05:30", "JSON-LD"),
    "deutsch": ("2023-10-04", LINE),
    "byline": (None, None),
    "utc-alone": (None, None),
}


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with site() as opened:
        for path in (path for folder in FOLDERS for path in (DATA / folder).iterdir()):
            charset = "; charset=iso-8859-1" if path.name == "latin.html" else ""
            opened[f"/{path.name}"] = reply(filled(path, opened), MEDIA[path.suffix] + charset)
        yield opened


def filled(path: Path, here: Site) -> bytes:
    marks = {
        "port": str(here.port),
        "today": NOW.date().isoformat(),
        "today_long": f"{NOW:%A}, {NOW.day} {NOW:%B} {NOW.year}",
        "today_mail": format_datetime(NOW),
    }
    data = path.read_bytes()
    for mark, value in marks.items():
        data = data.replace(f"{{{mark}}}".encode(), value.encode())
    return data


def articles(here: Site, name: str) -> list[Article]:
    items = Gatherer(fetcher(here), Shelf()).gather(here.url(f"/{name}"))
    return [item for item in items if isinstance(item, Article)]


@pytest.fixture(scope="module")
def read(here: Site) -> dict[str, list[Article]]:
    """What comes of every fixture."""
    return {name: articles(here, name) for name in (*(f"{page}.html" for page in PAGES), *FEEDS)}


def dated(article: Article) -> Expected:
    return article.published_as or article.written, article.published_from


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_dated_at_its_outlet(name: str, read: dict[str, list[Article]]) -> None:
    (article,) = read[f"{name}.html"]
    assert dated(article) == PAGES[name]


@pytest.mark.parametrize("name", FEEDS)
def test_the_articles_of_a_feed_are_dated_at_their_outlet(
    name: str, read: dict[str, list[Article]]
) -> None:
    assert [dated(article) for article in read[name]] == FEEDS[name]


@pytest.mark.parametrize("name", UPDATED)
def test_a_change_is_no_publication(name: str, read: dict[str, list[Article]]) -> None:
    (article,) = read[f"{name}.html"]
    assert (article.updated, article.updated_from) == UPDATED[name]


def test_only_a_feed_that_says_when_something_changed_dates_a_change(
    read: dict[str, list[Article]],
) -> None:
    (article,) = read["changes-only.xml"]
    assert (article.updated, article.updated_from) == ("2021-02-03T10:00+01:00", "feed")


def test_agencies_are_told_apart_from_who_printed_them(read: dict[str, list[Article]]) -> None:
    for name, outlet, agency in (
        ("wire", "Port Gazette", "Reuters"),
        ("source-foot", "Corner Post", "AP"),
        ("dateline", None, "AP"),
        ("opengraph", "City Courier", None),
    ):
        (article,) = read[f"{name}.html"]
        assert (article.outlet, article.agency) == (outlet, agency), name


def test_at_least_58_of_60_are_right_and_none_is_dated_by_its_arrival(
    read: dict[str, list[Article]],
) -> None:
    wanted = {f"{name}.html": [expected] for name, expected in PAGES.items()} | FEEDS
    right = sum(
        [dated(a)[0] for a in read[name]] == [e[0] for e in wanted[name]] for name in wanted
    )
    exact = sum([dated(article) for article in read[name]] == wanted[name] for name in wanted)
    every = [article for found in read.values() for article in found]
    undated = sum(article.published is None for article in every)
    print(
        f"\n{len(wanted)} fixtures ({len(PAGES)} pages, {len(FEEDS)} feeds): {right} right to the "
        f"day, {exact} with the right origin; {undated} of {len(every)} articles undated"
    )
    assert len(wanted) >= 60 and right >= 0.97 * len(wanted) and exact == right
    assert sum(expected == (None, None) for expected in PAGES.values()) >= 10
    today = {NOW.date(), NOW.date() + timedelta(1)}
    arrived = [article for article in every if article.published in today]
    assert [article.title for article in arrived] == ["Bridge lifts for a swan"]


def test_the_fixtures_cover_what_they_should() -> None:
    expected = [*PAGES.values(), *(each for found in FEEDS.values() for each in found)]
    written = [each for each, _ in expected if each]
    assert len({origin for _, origin in expected if origin}) >= 7
    assert len({each[16:] for each in written if len(each) > 16}) >= 8  # offsets
    assert {len(each) for each in written} == {4, 7, 10, 16, 22}
    assert all(date.fromisoformat(each) for each in written if len(each) == 10)
