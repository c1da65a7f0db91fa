"""What stands before every request, whatever it is mounted on: who asks, from where, how much.

The server has no accounts. That a page elsewhere cannot use it through a visitor's browser rests
on the checks of Host and Origin here.
"""

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.faults import Fault, fault_of, reply

MAX_BODY = 1_000_000  # bytes
MAX_ARTICLES = 20_000_000  # bytes of POST /v1/articles, and of a file
FILES = "/v1/files/"
BODY_TIME = 60.0  # seconds for a body to come in
READING = ("GET", "HEAD", "OPTIONS")
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})  # how the command line comes in
PORTS = {"http": 80, "https": 443}
PROBES = ("/healthz", "/readyz")  # which come by any address the machine has
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # Gradio's page has scripts and styles in line.
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
        "connect-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'; "
        "object-src 'none'"
    ),
}

log = logging.getLogger(__name__)


class Guard:
    """Refuses what no browser or client of ours would send, and marks every reply."""

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str]) -> None:
        """`allowed_hosts`: names without port; `*` for any."""
        self._app = app
        self._allowed = LOCAL | {name.strip().lower() for name in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:  # nothing here speaks over web sockets
            await send({"type": "websocket.close", "code": 1008})

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        reception, reply_to = _Reception(scope, receive), _Reply(send)
        try:
            self._check(scope)
            reception.check_length()
            await self._app(scope, reception, reply_to.unless(reception))
        except Exception as error:
            if reply_to.started:
                raise
            await reply(reception.fault or _told(scope, error))(scope, receive, reply_to)
        else:
            if reception.fault and not reply_to.started:
                await reply(reception.fault)(scope, receive, reply_to)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not (name := _name(hosts[0])):
            raise Fault(400, "invalid_host", "The request names no host, or more than one.")
        known = {name, "*"} & self._allowed or scope["path"] in PROBES
        if not known:
            advice = "add the name to DATELINE_ALLOWED_HOSTS where it is served"
            raise Fault(421, "unknown_host", f"This server is not reached by that name: {advice}.")
        if scope["method"] not in READING:
            _check_origin(headers.getlist("origin"), hosts[0])
            _check_media(scope["path"], headers)


class _Reply:
    """Sends a reply with our headers, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    def unless(self, reception: "_Reception") -> Send:
        """The same, but silent once the body was refused: we say why, not the app inside."""

        async def send(message: Message) -> None:
            if self.started or not reception.fault:
                await self(message)

        return send


class _Reception:
    """Takes in a body, whose bytes are counted as they come, whatever the headers say."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        method, path = scope["method"], scope["path"]
        file = method == "PUT" and path.startswith(FILES)
        articles = file or (method == "POST" and path == "/v1/articles")
        self._limit = MAX_ARTICLES if articles else MAX_BODY
        self._announced = Headers(scope=scope).get("content-length", "")
        self._receive = receive
        self._taken = 0
        self._complete = False
        self._until: float | None = None
        self.fault: Fault | None = None

    async def __call__(self) -> Message:
        if self._complete:  # what still comes is word that the client left, in its own time
            return await self._receive()
        message = await self._in_time()
        self._taken += len(message.get("body", b""))
        self._check_size(self._taken)
        self._complete = not message.get("more_body", False)
        return message

    def check_length(self) -> None:
        """Refuse a body that is said to be too large before any of it comes in."""
        if self._announced.isdecimal() and len(self._announced) < 20:
            self._check_size(int(self._announced))

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            self._refuse(413, "body_too_large", f"The body has more than {self._limit:,} bytes.")

    async def _in_time(self) -> Message:
        self._until = self._until or asyncio.get_running_loop().time() + BODY_TIME
        try:
            async with asyncio.timeout_at(self._until):
                return await self._receive()
        except TimeoutError:
            self._refuse(408, "body_too_slow", f"The body took more than {BODY_TIME:g} seconds.")
            raise AssertionError from None

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.fault = Fault(status, code, message)
        raise self.fault


def _check_origin(origins: list[str], host: str) -> None:
    same = all(_authority(origin) in _authorities(host) for origin in origins)
    if len(origins) > 1 or not same:
        raise Fault(403, "foreign_origin", "A page from elsewhere may not do this.")


def _check_media(path: str, headers: Headers) -> None:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Fault(415, "unsupported_encoding", "Send the body without content-encoding.")
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind, _, rest = headers.get("content-type", "").lower().partition(";")
    charset = rest.replace(" ", "").replace('"', "").partition("charset=")[2] or "utf-8"
    plain = kind.strip() == "application/json" and charset in ("utf-8", "utf8")
    if path.startswith("/v1/") and not path.startswith(FILES) and has_body and not plain:
        raise Fault(415, "unsupported_media_type", "Send JSON in UTF-8, as application/json.")


def _name(host: str) -> str:
    """The host without its port, an IPv6 address in brackets; "" if it is none."""
    try:
        parts, _ = urlsplit(f"//{host}"), _port(host)
    except ValueError:
        return ""
    if parts.path or parts.query or parts.fragment or "@" in host:
        return ""
    name = (parts.hostname or "").rstrip(".")
    return f"[{name}]" if ":" in name else name


def _authority(origin: str) -> str:
    """Host and port in full; "" for `null` and what is no origin."""
    scheme, _, host = origin.partition("://")
    name = _name(host)
    return f"{name}:{_port(host) or PORTS[scheme]}" if name and scheme in PORTS else ""


def _authorities(host: str) -> list[str]:
    # A proxy may speak https for us, so the default port of either will do.
    ports = [_port(host)] if _port(host) else PORTS.values()
    return [f"{_name(host)}:{port}" for port in ports]


def _port(host: str) -> int | None:
    return urlsplit(f"//{host}").port


def _told(scope: Scope, error: Exception) -> Fault:
    fault = fault_of(error)
    if fault.status == 500:
        log.error("%s %r failed.", scope["method"], scope["path"], exc_info=error)
    return fault
