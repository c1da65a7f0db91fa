"""Fetching from strangers: where it goes, where it never goes, and when it has had enough.

Each refusal is one sentence that names the address, and a listener that must not be reached sees
no packet at all.
"""

import resource
import socket
import ssl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError, UsageError
from index.web.addresses import MAX_ADDRESS, canonical, clean, fold
from index.web.fetching import Fetcher, Limits
from index.web.networks import Permission, is_public, permission
from index.web.wire import Resolver
from tests.web import Reply, Site, drip, fetcher, hang, moved, reply, site, zipped

PAGE = "<html><body><p>The ferry leaves at noon.</p></body></html>"

# Loopback, private, link-local, metadata, multicast, documentation, and the ways round to them.
FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1
198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1
2001::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1
fe80::1%eth0 fec0::1 ff02::1
""".split()
OPEN = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:400f:80d::200e"]


@pytest.fixture
def canary() -> Iterator[Site]:
    with site({"/": reply(PAGE)}) as here:
        yield here


def told(fetch: Fetcher, address: str) -> str:
    with pytest.raises(SourceError) as error:
        fetch.fetch(address)
    message = str(error.value)
    assert message.startswith("could not fetch ") and len(message) < 500
    return message


def answering(*answers: str) -> Resolver:
    """A name server that knows one host."""
    return lambda host, port: answers


def everywhere(port: int) -> Permission:
    """As in production, but with one port more."""
    return Permission(ports=frozenset({80, 443, port}))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_off_the_public_internet_is_reached(address: str) -> None:
    plain = Permission()
    assert not plain.admits("news.example.org", address)
    literal = f"[{address}]" if ":" in address else address
    strict = Fetcher(plain, resolver=answering(address))
    for url in (f"http://{literal}/", "http://news.example.org/"):
        message = told(strict, url)
        assert "not allowed" in message or "no web address" in message


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))
    assert Permission().admits("news.example.org", address)


SPELLINGS = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f.1 0x7f000001 0177.0.0.1 017700000001 0 0.0.0.0
[::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] localhost LOCALHOST localhost.
１２７.０.０.１ 127。0。0。1 127.0.0.1. ①②⑦.0.0.1
evil.com\\@127.0.0.1 a@127.0.0.1 a:b@127.0.0.1 %31%32%37.0.0.1 127.0.0.1%00.evil.com
""".split()


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_loopback_gets_through(canary: Site, host: str) -> None:
    strict = Fetcher(everywhere(canary.port), Limits(pause=0))
    told(strict, f"http://{host}:{canary.port}/")
    assert canary.heads == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.org/",
        "http:///x",
        "http://",
        "//example.org/",
        "example.org",
        "http://example.org/\r\nHost: other",
        "http://exa mple.org/",
        "http://[bad/",
        "http://example.org:99999/",
        "http://example.org:22/",
        "https://user:secret@example.org/",
        "http://example.org/" + "a" * MAX_ADDRESS,
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise AssertionError("it was looked up")

    assert "secret" not in told(Fetcher(Permission(), resolver=resolver), address)


def test_one_private_answer_among_public_ones_is_enough_to_refuse(canary: Site) -> None:
    answers = ["93.184.216.34", "127.0.0.1"]
    for order in (answers, answers[::-1]):
        strict = Fetcher(everywhere(canary.port), resolver=answering(*order))
        assert "DATELINE_FETCH_ALLOW=news.example.org" in told(
            strict, canary.url(host="news.example.org")
        )
    assert canary.heads == []


def test_a_name_that_changes_its_address_is_asked_for_once(canary: Site) -> None:
    for _ in range(50):
        answers = iter([["192.0.2.1"], ["127.0.0.1"]])

        def rebinding(host: str, port: int, left: Iterator[list[str]] = answers) -> list[str]:
            return next(left)

        visitor = Fetcher(
            Permission(networks=("192.0.2.0/24",), ports=frozenset({canary.port})),
            Limits(total=0.02, pause=0),
            resolver=rebinding,
        )
        told(visitor, canary.url(host="news.example.org"))
        assert next(answers) == ["127.0.0.1"]  # nobody has asked for it
    assert canary.heads == []


def test_hosts_and_networks_can_be_allowed_by_name(canary: Site) -> None:
    ports = f"80,443,{canary.port}"
    for allow in ("127.0.0.1", "127.0.0.0/8, 10.0.0.0/8", "intranet.example.org"):
        opened = Fetcher(permission(allow, ports), Limits(pause=0), resolver=answering("127.0.0.1"))
        page = opened.fetch(canary.url(host="intranet.example.org"))
        assert page is not None and page.data == PAGE.encode()
        assert f"Host: intranet.example.org:{canary.port}" in canary.heads[-1]
    assert "DATELINE_FETCH_PORTS" in told(Fetcher(permission("127.0.0.1", "80")), canary.url())


@pytest.mark.parametrize(
    ("allow", "ports"),
    [("10.0.0.0/33", "80"), ("a:b", "80"), ("10.0.0.1/8", "80"), (None, "http"), (None, "0"),
     (None, "65536"), (None, "²")],
)  # fmt: skip
def test_wrong_permissions_are_told(allow: str | None, ports: str) -> None:
    with pytest.raises(UsageError, match="DATELINE_FETCH_(ALLOW|PORTS): '.+' is no .*write"):
        permission(allow, ports)


# Redirects, each to be refused; {other} stands for another site that must not be reached.
CHAINS: list[tuple[str, dict[str, str], str]] = [
    ("to loopback", {"/": "http://127.0.0.1:{other}/"}, "not allowed"),
    ("to metadata", {"/": "http://169.254.169.254/latest/meta-data/"}, "not allowed"),
    ("to metadata at last", {"/": "/1", "/1": "/2", "/2": "http://[::ffff:a9fe:a9fe]/"},
     "not allowed"),
    ("to a file", {"/": "file:///etc/passwd"}, "no http or https"),
    ("to a password", {"/": "http://a:b@example.org/"}, "user name"),
    ("to another port", {"/": "http://news.example.org:22/"}, "port 22 is not allowed"),
    ("to nowhere", {"/": "http:///"}, "leads to itself"),
    ("to itself", {"/": "/"}, "leads to itself"),
    ("round and round", {"/": "/1", "/1": "/"}, "more than 5 times"),
    ("six times", {"/": "/1", "/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5", "/5": "/6"},
     "more than 5 times"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "hops", "says"), CHAINS, ids=[row[0] for row in CHAINS])
def test_every_redirect_is_checked(
    canary: Site, name: str, hops: dict[str, str], says: str
) -> None:
    with site({path: moved(to.format(other=canary.port)) for path, to in hops.items()}) as here:
        here["/6"] = reply(PAGE)
        allowed = Permission(
            frozenset({"news.example.org"}), ports=frozenset({80, here.port, canary.port})
        )
        strict = Fetcher(
            allowed,
            Limits(pause=0),
            resolver=lambda host, port: ["127.0.0.1" if host == "news.example.org" else host],
        )
        assert says in told(strict, here.url(host="news.example.org"))
        assert canary.heads == []


def test_good_redirects_are_followed_and_told() -> None:
    with site({"/old": moved("/new?utm_source=x", 301), "/new?utm_source=x": reply(PAGE)}) as here:
        page = fetcher(here).fetch(here.url("/old#top"))
        assert page is not None and page.address == here.url("/new?utm_source=x")
        assert (page.kind, page.charset, page.data) == ("html", "utf-8", PAGE.encode())


def test_validators_stay_with_their_site(canary: Site) -> None:
    with site() as here:
        here["/"] = moved(canary.url("/", host="other.example.org"))
        allowed = Permission(frozenset({"news.example.org", "other.example.org"}),
                             ports=frozenset({here.port, canary.port}))  # fmt: skip
        visitor = Fetcher(allowed, Limits(pause=0), resolver=answering("127.0.0.1"))
        visitor.fetch(here.url(host="news.example.org"), {"If-None-Match": '"a"'})
        assert 'If-None-Match: "a"' in here.heads[0]
        assert "If-None-Match" not in canary.heads[0]


def test_a_page_that_has_not_changed_is_not_sent_again() -> None:
    with site({"/": reply(status=304)}) as here:
        assert fetcher(here).fetch(here.url(), {"If-None-Match": '"a"'}) is None


HUGE = b"<p>" + b"a" * 50_000_000
BROKEN: list[tuple[str, Reply, str]] = [
    ("a gzip bomb", zipped(HUGE), "unpacks to more than 100 times|larger than 5 MB"),
    ("a bomb in many layers", zipped(HUGE, 50), "unpacks|larger|no article|packed"),
    ("many layers as told", zipped(b"x", 3, "gzip, gzip, gzip"), "'gzip, gzip, gzip'"),
    ("a deflate bomb", reply(zlib.compress(HUGE), Content_Encoding="deflate"), "unpacks|larger"),
    ("brotli", reply(b"\x0b\x02\x80x\x03", Content_Encoding="br"), "packed as 'br'"),
    ("gzip that is none", reply(b"plain text", Content_Encoding="gzip"), "data is broken"),
    ("gzip cut off", reply(zipped(PAGE.encode())[-40:-20], Content_Encoding="gzip"), "broken"),
    ("too much, and said", reply(b"", Content_Length="5000001"), "larger than 5 MB"),
    ("too much, not said", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HUGE[:5_100_000],
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
    with site({"/": said}) as here:
        visitor = fetcher(here)
        started, before = time.monotonic(), peak()
        if name == "a bomb in many layers":  # one layer is taken off; the next is no page
            page = visitor.fetch(here.url())
            assert page is not None and len(page.data) < 5_000_000
        else:
            message = told(visitor, here.url())
            assert any(part in message for part in says.split("|")), message
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


@contextmanager
def secure(folder: Path, name: str) -> Iterator[tuple[Site, ssl.SSLContext]]:
    """A site with a certificate for the name, and the context that believes in it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "pem").write_bytes(pem + secret)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "pem")
    with site({"/": reply(PAGE)}, serving) as here:
        yield here, ssl.create_default_context(cadata=pem.decode())


def test_a_pinned_address_is_asked_under_its_own_name(tmp_path: Path) -> None:
    with secure(tmp_path, "news.example.org") as (here, trust):
        visitor = fetcher(here, resolver=answering("127.0.0.1"), trust=trust)
        page = visitor.fetch(f"https://news.example.org:{here.port}/")
        assert page is not None and page.data == PAGE.encode()
        other = f"https://other.example.org:{here.port}/"
        assert "certificate is not valid" in told(visitor, other)
        strangers = fetcher(here, resolver=answering("127.0.0.1"))
        assert "certificate is not valid" in told(strangers, other)
        here["/"] = moved(f"http://news.example.org:{here.port}/plain")
        assert "from https to http" in told(visitor, f"https://news.example.org:{here.port}/")


# Addresses of one article, and how it is known.
ONE = [
    ("https://news.example.org/a/b", [
        "http://news.example.org/a/b", "https://NEWS.example.org:443/a/b/", "news.example.org/a/b",
        "https://www.news.example.org/a/b?utm_source=x&utm_medium=y#top",
        "https://news.example.org/a/b?fbclid=1&gclid=2&mc_eid=3", "https://news.example.org/a/b?",
    ]),
    ("https://news.example.org/a?id=3&p=x", [
        "http://news.example.org:80/a?id=3&utm_campaign=z&p=x", "https://news.example.org/a/?id=3&p=x",
    ]),
    ("https://news.example.org", ["http://www.news.example.org/?utm_id=1", "http://news.example.org"]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "spellings"), ONE)
def test_spellings_of_one_address_are_one(key: str, spellings: list[str]) -> None:
    for spelling in spellings:
        assert fold(spelling if "://" in spelling else f"https://{spelling}") == key


def test_different_articles_stay_different() -> None:
    pairs = [("/a?id=1", "/a?id=2"), ("/a", "/b"), ("/a", "/A"), ("/a?b=1", "/a"), ("/", "/a")]
    for one, two in pairs:
        assert fold(f"https://e.org{one}") != fold(f"https://e.org{two}")
    assert fold("https://e.org:8443/") != fold("https://e.org/")


@given(
    st.from_regex(r"https?://(www\.)?[a-z]{1,9}\.(org|se)(:80|:443|:8080)?", fullmatch=True),
    st.text("abA/.%20é?&=#_-", max_size=30),
    st.sampled_from(["", "?utm_source=a", "&fbclid=1", "#x", "/"]),
)
def test_folding_is_done_once_for_all(host: str, path: str, more: str) -> None:
    try:
        folded = fold(f"{host}/{path}{more}")
    except SourceError:
        return
    assert fold(folded) == folded
    assert fold(clean(f"{host}/{path}{more}")) == folded


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("https://news.example.org/story", "https://news.example.org/story"),
        ("/story?utm_source=x", "https://news.example.org/story"),
        ("https://www.news.example.org/story", "https://www.news.example.org/story"),
        ("https://evil.example.com/story", None),
        ("javascript:alert(1)", None),
        ("http://a:b@news.example.org/", None),
        ("https://news.example.org/", None),
        ("http://[bad", None),
        ("", None),
        (None, None),
    ],
)
def test_a_page_may_name_its_address_on_its_own_site(
    said: str | None, believed: str | None
) -> None:
    fetched = "https://news.example.org/amp/story?utm_medium=y"
    assert canonical(said, fetched) == (believed or "https://news.example.org/amp/story")
