"""What strangers reply: known by what it is, and left when it is bad or takes too long."""

import resource
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from index.web.fetching import Fetcher, Limits
from index.web.networks import Permission
from tests.web import PAGE, Reply, Site, drip, fetcher, hang, reply, site, told, zipped


def test_a_page_that_has_not_changed_is_not_sent_again() -> None:
    with site({"/": reply(status=304)}) as here:
        assert fetcher(here).fetch(here.url(), {"If-None-Match": '"a"'}) is None


BROKEN: list[tuple[str, Reply, str]] = [
    ("many layers as told", zipped(b"x", 3, "gzip, gzip, gzip"), "'gzip, gzip, gzip'"),
    ("brotli", reply(b"\x0b\x02\x80x\x03", Content_Encoding="br"), "packed as 'br'"),
    ("gzip that is none", reply(b"plain text", Content_Encoding="gzip"), "data is broken"),
    ("gzip cut off", reply(zipped(PAGE.encode())[-40:-20], Content_Encoding="gzip"), "broken"),
    ("too much, and said", reply(b"", Content_Length="5000001"), "larger than 5 MB"),
    ("too much, not said",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>" + b"a" * 5_100_000,
     "larger than 5 MB"),
    ("cut off", reply(PAGE, Content_Length="9999"), "broke off"),
    ("cut off in chunks",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
     "broke off"),
    ("not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n", "no valid HTTP|broke off"),
    ("nothing at all", b"", "broke off"),
    ("a header of 1 MB", reply(PAGE, X_Long="a" * 1_000_000), "no valid HTTP|broke"),
    ("100,000 headers",
     b"HTTP/1.1 200 OK\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(100_000)) + b"\r\n",
     "no valid HTTP|broke"),
    ("a length that is none", reply(PAGE, Content_Length="-5"), "no valid HTTP|broke"),
    ("two lengths", reply(PAGE, content_length="7"), "no valid HTTP|broke"),
    ("silence", hang, "longer than 1.5 seconds"),
    ("a slow head", drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), "longer than 1.5 seconds"),
    ("a slow body", drip(reply(PAGE, Content_Length="99999")), "longer than 1.5 seconds"),
    ("endless chunks",
     drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n",
          b"1\r\na\r\n", 0.02), "longer than 1.5 seconds"),
    ("first replies for ever", drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "longer than 1.5"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "says"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_bad_reply_ends_in_time_and_costs_little(name: str, said: Reply, says: str) -> None:
    with costing_little(said) as here:
        message = told(fetcher(here), here.url())
        assert any(part in message for part in says.split("|")), message


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": zipped,
    "deflate": lambda page: reply(zlib.compress(page), Content_Encoding="deflate"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_not_unpacked(name: str) -> None:
    page = huge()  # stays beside what is unpacked of it, or that would not show
    with costing_little(BOMBS[name](page)) as here:
        message = told(fetcher(here), here.url())
        assert "unpacks to more than 100 times" in message or "larger than 5 MB" in message


def test_of_a_bomb_in_many_layers_one_is_taken_off() -> None:
    page = huge()
    with costing_little(zipped(page, 50)) as here:
        got = fetcher(here).fetch(here.url())
        assert got is not None and len(got.data) < 5_000_000


def huge() -> bytes:
    return b"<p>" + b"a" * 50_000_000


@contextmanager
def costing_little(said: Reply) -> Iterator[Site]:
    """A site that says this; it must not take long to be done with it, or much memory."""
    with site({"/": said}) as here:
        started, before = time.monotonic(), peak()
        yield here
        assert time.monotonic() - started < 15
        assert peak() - before < 50_000_000


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "wants a login"), (403, "refuses it"), (404, "no such page"), (410, "gone"),
     (429, "too many requests"), (500, "said 500: try again"), (503, "said 503")],
)  # fmt: skip
def test_what_the_server_says_is_told(status: int, says: str) -> None:
    with site({"/": reply("no", status=status)}) as here:
        assert says in told(fetcher(here), here.url())


@pytest.mark.parametrize(
    "media",
    ["image/png", "video/mp4", "audio/mpeg", "application/zip", "application/x-tar", "text/css",
     "application/javascript", "application/json", "font/woff2", "application/msword",
     "multipart/form-data", "model/x"],
)  # fmt: skip
def test_what_is_no_article_is_not_even_loaded(media: str) -> None:
    endless = drip(f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\n".encode(), b"a" * 1000, 0.01)
    with site({"/": endless}) as here:
        assert f"it is {media!r}: only pages" in told(fetcher(here), here.url())


@pytest.mark.parametrize(
    ("media", "body", "kind"),
    [
        ("text/html", PAGE, "html"),
        ("application/xml", f'<?xml version="1.0"?>\n{PAGE}', "html"),
        ("text/html", "<rss version='2.0'></rss>", "feed"),
        ("text/plain", "\ufeff<?xml version='1.0'?><feed xmlns='a'></feed>", "feed"),
        ("application/octet-stream", "%PDF-1.7", "pdf"),
        ("text/html", "%PDF-1.7", "pdf"),
        (None, PAGE, "html"),
        ("text/plain", "Just words.", "text"),
    ],
)
def test_things_are_known_by_what_they_are(media: str | None, body: str, kind: str) -> None:
    with site({"/": reply(body, media)}) as here:
        page = fetcher(here).fetch(here.url())
        assert page is not None and page.kind == kind
        here["/"] = reply("\0\1\2", None)
        assert "does not say what it is" in told(fetcher(here), here.url())


def test_a_busy_server_is_waited_for_once() -> None:
    with site({"/": reply("busy", status=429, Retry_After="1")}) as here:
        started = time.monotonic()
        assert "too many requests" in told(fetcher(here), here.url())
        assert time.monotonic() - started >= 1 and len(here.heads) == 2
        for after in ("99999999999", "junk", "Wed, 01 Jan 2031 00:00:00 GMT"):
            here["/"] = reply("busy", status=503, Retry_After=after)
            told(fetcher(here), here.url())
        assert len(here.heads) == 5


def test_one_host_is_not_asked_again_at_once() -> None:
    with site({"/": reply(PAGE)}) as here:
        polite = Fetcher(Permission(networks=("127.0.0.1",), ports=frozenset({here.port})),
                         Limits(pause=0.3))  # fmt: skip
        started = time.monotonic()
        for _ in range(3):
            polite.fetch(here.url())
        assert time.monotonic() - started >= 0.6


def test_a_stop_ends_what_is_being_fetched() -> None:
    with site({"/": reply(PAGE)}) as here:
        stopped = fetcher(here)
        stopped.stop()
        told(stopped, here.url())
        assert here.heads == []


def test_what_cannot_be_reached_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = Fetcher(Permission(networks=("127.0.0.1",), ports=frozenset({port})))
    assert "cannot be reached" in told(nobody, f"http://127.0.0.1:{port}/")

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("Name or service not known")

    assert "no such host" in told(Fetcher(Permission(), resolver=unknown), "http://a.invalid/")

    def slow(host: str, port: int) -> list[str]:
        time.sleep(5)
        return []

    started = time.monotonic()
    told(Fetcher(Permission(), Limits(total=0.2), resolver=slow), "http://a.invalid/")
    assert time.monotonic() - started < 4
