"""What a site asks in its robots.txt is done, but for the sites that someone says are theirs."""

import time
from collections.abc import Iterator

import pytest

from index.errors import SourceError
from index.web.fetching import Fetcher, Limits
from index.web.gathering import Gatherer
from index.web.networks import Permission
from index.web.robots import Reply, Robots, parse
from tests.test_web import Shelf
from tests.web import Site, drip, fetcher, moved, reply, site, zipped

PAGE = "<html><body><article><p>" + "The ferry leaves at noon, they say. " * 9
RULES = "User-agent: *\nDisallow: /private/\n\nUser-agent: dateline\nDisallow: /archive/\n"


@pytest.fixture
def here() -> Iterator[Site]:
    with site({"/": reply(PAGE), "/archive/1": reply(PAGE), "/private/1": reply(PAGE)}) as opened:
        opened["/robots.txt"] = reply(RULES, "text/plain")
        yield opened


def fault(visitor: Fetcher, address: str) -> str:
    with pytest.raises(SourceError) as error:
        visitor.fetch(address)
    return str(error.value)


def test_a_page_that_is_not_for_programs_is_not_asked_for(here: Site) -> None:
    said = fault(fetcher(here), here.url("/archive/1?page=2"))
    assert said == (
        f"could not fetch http://127.0.0.1:{here.port}/archive/1: its robots.txt asks programs not "
        "to read it: save the page as a file and ingest that file. If the site is yours, name it "
        "in DATELINE_FETCH_ALLOW=127.0.0.1"
    )
    assert here.heads == []


def test_rules_for_others_do_not_count_where_there_are_some_for_this_program(here: Site) -> None:
    assert fetcher(here).fetch(here.url("/private/1")) is not None


def test_the_rules_are_asked_for_once_and_under_our_name(here: Site) -> None:
    visitor = fetcher(here)
    for path in ("/", "/private/1", "/"):
        visitor.fetch(here.url(path))
    assert len(here.robots) == 1 and "User-Agent: Dateline" in here.robots[0]


def test_whoever_owns_a_site_may_read_all_of_it(here: Site) -> None:
    own = Permission(frozenset({"127.0.0.1"}), ports=frozenset({here.port}))
    assert Fetcher(own, Limits(pause=0)).fetch(here.url("/archive/1")) is not None
    assert here.robots == []


def test_where_a_redirect_leads_is_checked_too(here: Site) -> None:
    with site({"/": moved(here.url("/archive/1"))}) as other:
        assert "its robots.txt asks" in fault(fetcher(here, other), other.url())
    assert here.heads == []


def test_a_feed_brings_what_it_may(here: Site) -> None:
    items = "".join(f"<item><link>{here.url(path)}</link></item>" for path in ("/", "/archive/1"))
    here["/feed"] = reply(f'<rss version="2.0"><channel>{items}</channel></rss>', "text/xml")
    found = list(Gatherer(fetcher(here), Shelf()).gather(here.url("/feed")))
    (error,) = (item for item in found if isinstance(item, SourceError))
    assert "/archive/1: its robots.txt asks programs" in str(error)
    assert here.asked == ["/feed", "/"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_rules_may_be_read(here: Site, status: int) -> None:
    here["/robots.txt"] = reply("Disallow: /", status=status)
    assert fetcher(here).fetch(here.url()) is not None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_whose_rules_cannot_be_had_is_left_alone(here: Site, status: int) -> None:
    here["/robots.txt"] = reply(status=status)
    visitor = fetcher(here)
    assert f"its robots.txt cannot be had (the server said {status}): try again later" in fault(
        visitor, here.url()
    )
    here["/robots.txt"] = reply("", "text/plain")
    assert visitor.fetch(here.url()) is not None  # a fault is not kept


def test_rules_may_have_moved_but_not_to_where_nothing_may(here: Site) -> None:
    here["/robots.txt"] = moved("/rules")
    here["/rules"] = reply("User-agent: *\nDisallow: /", "text/html")
    assert "its robots.txt asks" in fault(fetcher(here), here.url())
    here["/robots.txt"] = moved("http://169.254.169.254/robots.txt")
    assert "not allowed" in fault(fetcher(here), here.url())
    here["/robots.txt"] = moved("/a")
    here["/a"], here["/b"] = moved("/b"), moved("/a")
    assert fetcher(here).fetch(here.url()) is not None


def test_rules_that_never_end_cost_little(here: Site) -> None:
    started = time.monotonic()
    here["/robots.txt"] = drip(reply("", Content_Length="99999999"), b"# x\n" * 9, 0.01)
    assert "longer than 1.5 seconds" in fault(fetcher(here), here.url())
    here["/robots.txt"] = zipped(b"User-agent: *\nDisallow: /\n" + b"#" * 50_000_000)
    fault(fetcher(here), here.url())
    long = b"User-agent: *\nDisallow: /archive/\n" + b"# x\n" * 500_000
    here["/robots.txt"] = reply(long, "text/plain")
    visitor = fetcher(here)
    assert visitor.fetch(here.url()) is not None
    assert "its robots.txt asks" in fault(visitor, here.url("/archive/1"))
    assert time.monotonic() - started < 15


def test_a_delay_is_kept(here: Site) -> None:
    here["/robots.txt"] = reply("User-agent: *\nCrawl-delay: 1\n", "text/plain")
    visitor, started = fetcher(here), time.monotonic()
    visitor.fetch(here.url())
    visitor.fetch(here.url())
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"\0" * 99, b"<html>no rules</html>", b"Disallow: /",
     b"User-agent: *\nDisallow:", b"User-agent: *\nDisallow: http://[\nCrawl-delay: soon\n",
     b"User-agent: other\nDisallow: /"],
)  # fmt: skip
def test_what_forbids_nothing_forbids_nothing(data: bytes) -> None:
    assert parse(data).can_fetch("Dateline", "https://example.org/a")


def test_the_longest_delay_has_an_end() -> None:
    rules = Robots(lambda address: Reply(200, b"\xef\xbb\xbfUser-agent: *\nCrawl-delay: 86400\n"))
    assert rules.check("https://example.org/a") == 30
