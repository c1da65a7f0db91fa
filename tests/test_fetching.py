"""Fetching from strangers: where it goes, and where it never goes.

Each refusal is one sentence that names the address, and a listener that must not be reached sees
no packet at all.
"""

import ssl
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

from index.errors import UsageError
from index.web.addresses import MAX_ADDRESS
from index.web.fetching import Fetcher, Limits
from index.web.networks import Permission, is_public, permission
from tests.web import PAGE, TRUST, Site, answering, fetcher, moved, reply, site, told

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


def everywhere(port: int) -> Permission:
    """As in production, but with one port more."""
    return Permission(ports=frozenset({80, 443, port}))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_off_the_public_internet_is_reached(address: str) -> None:
    plain = Permission()
    assert not plain.admits("news.example.org", address)
    literal = f"[{address}]" if ":" in address else address
    strict = Fetcher(plain, resolver=answering(address), trust=TRUST)
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
    strict = Fetcher(everywhere(canary.port), Limits(pause=0), trust=TRUST)
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

    assert "secret" not in told(Fetcher(Permission(), resolver=resolver, trust=TRUST), address)


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
            trust=TRUST,
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
            trust=TRUST,
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
