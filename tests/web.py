"""A web of our own: a server on a loopback port that says whatever a test wants, byte for byte."""

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest

from index.errors import SourceError
from index.web.fetching import Fetcher, Limits
from index.web.networks import Permission
from index.web.wire import Resolver

Reply = bytes | Callable[[socket.socket], None]
ADDRESS = "127.0.0.1"
TRUST = ssl.create_default_context()  # made once: to read all certificates takes a while
PAGE = "<html><body><p>The ferry leaves at noon.</p></body></html>"


@dataclass
class Site:
    """What the server says, by path, and what it was asked."""

    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    robots: list[str] = field(default_factory=list)  # the same, where its rules were asked for

    def url(self, path: str = "/", host: str = ADDRESS) -> str:
        """The address of a path here."""
        return f"http://{host}:{self.port}{path}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [head.split(" ")[1] for head in self.heads]

    def __setitem__(self, path: str, reply: Reply) -> None:
        self.replies[path] = reply


def reply(
    body: bytes | str = b"",
    media: str | None = "text/html; charset=utf-8",
    status: int = 200,
    **headers: str,
) -> bytes:
    """A whole reply; `_` in the name of a header stands for "-"."""
    data = body.encode() if isinstance(body, str) else body
    told = {"Content-Length": str(len(data)), **({"Content-Type": media} if media else {})}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


def moved(to: str, status: int = 302) -> bytes:
    """A redirect."""
    return reply(status=status, Location=to)


def zipped(body: bytes, times: int = 1, said: str = "gzip") -> bytes:
    """A reply that is packed though nobody asked for that."""
    for _ in range(times):
        body = gzip.compress(body)
    return reply(body, Content_Encoding=said)


def drip(head: bytes, body: bytes = b"x", pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Sends the head, then one body after another for ever."""

    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(body)
            time.sleep(pause)

    return send


def hang(connection: socket.socket) -> None:
    """Says nothing until the other side has had enough."""
    connection.recv(1)


@contextmanager
def site(
    replies: Mapping[str, Reply] | None = None, trust: ssl.SSLContext | None = None
) -> Iterator[Site]:
    """A server in threads; `trust` makes it speak TLS."""
    here = Site(0, dict(replies or {}))

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the other side may leave whenever it likes
                connection = trust.wrap_socket(self.request, True) if trust else self.request
                _answer(here, connection)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            raise AssertionError("a test's own reply failed")

    with Server((ADDRESS, 0), Handler) as server:
        here.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


def _answer(here: Site, connection: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
        head += more
    text = head.decode("latin-1")
    path = text.split(" ")[1]
    (here.robots if path == "/robots.txt" else here.heads).append(text)
    nothing = here.replies.get(path.partition("?")[0], reply("nothing here", status=404))
    said = here.replies.get(path, nothing)
    if isinstance(said, bytes):
        connection.sendall(said)
    else:
        said(connection)
    connection.close()


def fetcher(*sites: Site, **changed: Any) -> Fetcher:
    """A fetcher that may reach these sites, and has little patience."""
    ports = frozenset({80, 443, *(each.port for each in sites)})
    permission = Permission(networks=(f"{ADDRESS}/32",), ports=ports)
    return Fetcher(permission, Limits(total=1.5, pause=0, wait=2), **{"trust": TRUST, **changed})


def answering(*answers: str) -> Resolver:
    """A name server that knows one host."""
    return lambda host, port: answers


def told(fetch: Fetcher, address: str) -> str:
    """Why the address cannot be fetched."""
    with pytest.raises(SourceError) as error:
        fetch.fetch(address)
    message = str(error.value)
    assert message.startswith("could not fetch ") and len(message) < 500
    return message
