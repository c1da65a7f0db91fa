"""One page by its address, or one sentence that says why not. Nothing is sent to where it may not.

Redirects are followed by hand, each checked as the first address was.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from time import monotonic
from urllib.parse import urljoin

import httpcore
import httpx

from index.errors import SourceError
from index.web import kinds
from index.web.addresses import checked, same_site, shown
from index.web.inflating import Body, too_large
from index.web.kinds import Kind
from index.web.networks import Permission
from index.web.robots import MAX_SIZE, Reply, Robots
from index.web.wire import Clock, Resolver, Wire, resolve

TOTAL = 20.0  # seconds for one page with all its redirects
PAUSE = 1.0  # seconds between two requests to one host
REDIRECTS = 5
LONGEST_WAIT = 60.0  # seconds, when a server asks to come again later
BUSY = (429, 503)
MOVED = (301, 302, 303, 307, 308)
HEADERS = {
    "User-Agent": "Dateline (news archive; one reader)",
    "Accept": "text/html, application/rss+xml, application/atom+xml, */*;q=0.5",
    "Accept-Encoding": "identity",
}
ADVICE = {
    401: "it wants a login: save the page as a file and ingest that file",
    403: "the server refuses it: save the page as a file and ingest that file",
    404: "there is no such page: check the address",
    410: "the page is gone for good",
    429: "the server has had too many requests: try again later",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What came from an address."""

    address: str  # where it was in the end
    data: bytes
    kind: Kind
    charset: str | None
    etag: str | None
    modified: str | None  # the Last-Modified header, as it was
    fetched: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; tests have less patience."""

    total: float = TOTAL
    pause: float = PAUSE
    wait: float = LONGEST_WAIT


class Fetcher:
    """Fetches pages, one at a time, politely."""

    def __init__(
        self,
        permission: Permission,
        limits: Limits | None = None,
        resolver: Resolver = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust`: what certificates are checked against; those of certifi if None."""
        self._permission = permission
        self._limits = limits or Limits()
        self._resolver = resolver
        self._trust = trust or httpx.create_ssl_context(trust_env=False)
        self._asked: dict[str, float] = {}  # when each host was
        self._robots = Robots(self._read_robots)
        self._stop = Event()

    def stop(self) -> None:
        """Let what is being fetched fail soon, and all that follows at once."""
        self._stop.set()

    def fetch(self, address: str, known: Mapping[str, str] | None = None) -> Page | None:
        """The page, or None if it is still the one whose `known` validators are given.

        Raises SourceError, which names the address.
        """
        try:
            return self._follow(checked(address), known or {})
        except SourceError as error:
            raise SourceError(f"could not fetch {shown(address)}: {error}") from None

    def _follow(self, address: str, known: Mapping[str, str]) -> Page | None:
        first, clock = address, Clock(self._limits.total, self._stop)
        moves, waits = REDIRECTS, 1
        while moves >= 0:
            headers = dict(known) if same_site(first, address) else {}
            self._await_turn(address)
            with self._asking(address, headers, clock) as response:
                if response.status in MOVED:
                    address, moves = _next(address, response), moves - 1
                    continue
                pause = _pause(response)
                if not waits or pause is None or pause > self._limits.wait:
                    return _page(address, response)
            self._rest(pause)
            waits, clock = 0, Clock(self._limits.total, self._stop)
        raise SourceError(f"it leads on more than {REDIRECTS} times: give the last address")

    @contextmanager
    def _asking(
        self, address: str, headers: Mapping[str, str], clock: Clock
    ) -> Iterator[httpcore.Response]:
        url = httpx.URL(address)
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        if port not in self._permission.ports:
            raise SourceError(f"port {port} is not allowed: add it to DATELINE_FETCH_PORTS")
        wire = Wire(self._permission, self._resolver, clock)
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path
        )
        sent = {"Host": url.netloc.decode(), **HEADERS, **headers, "Connection": "close"}
        with (
            _told(self._limits.total),
            httpcore.ConnectionPool(self._trust, network_backend=wire) as pool,
            pool.stream("GET", target, headers=list(sent.items())) as response,
        ):
            yield response

    def _await_turn(self, address: str) -> None:
        """Wait until the site may be asked again. Raises SourceError if it may not be at all."""
        url = httpx.URL(address)
        own = self._permission.names(url.host)
        delay = 0.0 if own else self._robots.check(address)
        asked = self._asked.get(url.netloc.decode())
        if asked is not None:
            self._rest(asked + max(delay, self._limits.pause) - monotonic())
        self._asked[url.netloc.decode()] = monotonic()

    def _read_robots(self, address: str) -> Reply:
        clock = Clock(self._limits.total, self._stop)
        for _ in range(1 + REDIRECTS):
            with self._asking(address, {}, clock) as response:
                if response.status not in MOVED:
                    return Reply(response.status, _start(response))
                address = _next(address, response)
        return Reply(404, b"")

    def _rest(self, seconds: float) -> None:
        if seconds > 0 and self._stop.wait(seconds):
            raise SourceError("stopped")


def _next(address: str, response: httpcore.Response) -> str:
    to = checked(urljoin(address, _header(response, "location")))
    if address.startswith("https:") and to.startswith("http:"):
        raise SourceError(f"it leads from https to {shown(to)}, which anyone could change")
    if to == address:
        raise SourceError("it leads to itself")
    return to


def _pause(response: httpcore.Response) -> float | None:
    """Seconds after which the server says to come again."""
    after = _header(response, "retry-after")
    if response.status not in BUSY or not after:
        return None
    if after.isascii() and after.isdecimal():
        return float(after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: it has no zone
        return None


def _page(address: str, response: httpcore.Response) -> Page | None:
    if response.status == 304:
        return None
    if response.status != 200:
        advice = ADVICE.get(response.status, "try again later")
        raise SourceError(f"the server said {response.status}: {advice}")
    media, charset = kinds.media(_header(response, "content-type"))
    limit = kinds.limit(media)
    announced = _header(response, "content-length")
    if announced.isascii() and announced.isdecimal() and int(announced[:18]) > limit:
        raise too_large(limit)
    body = Body(_header(response, "content-encoding").lower(), limit)
    for chunk in response.iter_stream():
        body.take(chunk)
    data = body.whole()
    return Page(
        address=address,
        data=data,
        kind=kinds.sniff(media, data),
        charset=charset,
        etag=_header(response, "etag") or None,
        modified=_header(response, "last-modified") or None,
        fetched=datetime.now(UTC),
    )


def _start(response: httpcore.Response) -> bytes:
    """The first bytes of a robots.txt, as many as are read."""
    if response.status != 200:
        return b""
    body = Body(_header(response, "content-encoding").lower(), 2 * MAX_SIZE)
    for chunk in response.iter_stream():
        body.take(chunk[:MAX_SIZE])
        if len(body) >= MAX_SIZE:
            break
    return body.so_far()


def _header(response: httpcore.Response, name: str) -> str:
    values = [value for key, value in response.headers if key.lower() == name.encode()]
    return b", ".join(values).decode("latin-1").strip()[:2000]


@contextmanager
def _told(seconds: float) -> Iterator[None]:
    """What can go wrong on the way, as a SourceError."""
    try:
        yield
    except httpcore.TimeoutException:
        raise SourceError(f"it took longer than {seconds:g} seconds: try again later") from None
    except httpcore.ConnectError as error:
        raise SourceError(_unreached(error)) from None
    except httpcore.ProtocolError as error:
        reason = "broke off" if "without" in str(error) else "is no valid HTTP"
        raise SourceError(f"the reply {reason}: try again later") from None
    except httpcore.NetworkError:
        raise SourceError("the connection broke: try again later") from None


def _unreached(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message}): ask whose site it is"
        if isinstance(cause, ssl.SSLError):
            return "it speaks no TLS that can be trusted: try http://, if that is good enough"
        cause = cause.__cause__ or cause.__context__
    return "it cannot be reached: check the address, or try again later"
