"""Connections that go where they may and end when they should.

A name is resolved once, every address it has is checked, and the connection is made to one of
those: a second answer of the name server is never asked for. The name itself goes into Host and
into the certificate check, as ever.
"""

import ssl
from collections.abc import Callable, Iterable, Sequence
from socket import SOCK_STREAM, getaddrinfo
from threading import Event, Thread
from time import monotonic
from typing import Any

import httpcore

from index.errors import SourceError
from index.web.networks import Permission

Resolver = Callable[[str, int], Sequence[str]]
STEP = 10.0  # seconds for one connection, one write, one read
TICK = 0.5  # seconds after which a stop is noticed


class Clock:
    """Counts down; a stop ends it early."""

    def __init__(self, seconds: float, stop: Event) -> None:
        self._end = monotonic() + seconds
        self._stop = stop

    def left(self) -> float:
        """Seconds, more than 0. Raises httpcore.ReadTimeout when none are left."""
        left = 0.0 if self._stop.is_set() else self._end - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class Wire(httpcore.NetworkBackend):
    """Makes the connections of one fetch."""

    def __init__(self, permission: Permission, resolve: Resolver, clock: Clock) -> None:
        self._permission = permission
        self._resolve = resolve
        self._clock = clock
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of the host that answers.

        Raises SourceError, before anything is sent, if one of its addresses may not be reached.
        """
        addresses = _in_time(lambda: self._resolve(host, port), self._clock)
        if not all(self._permission.admits(host, address) for address in addresses):
            raise SourceError(
                "its address is not allowed: it is not on the public internet. If it is yours, "
                f"name it in DATELINE_FETCH_ALLOW={host}"
            )
        for number, address in enumerate(addresses, 1):
            try:
                limit = min(STEP, self._clock.left())
                return _Timed(self._backend.connect_tcp(address, port, limit), self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise SourceError("there is no such host: check the spelling")


class _Timed(httpcore.NetworkStream):
    """A connection on which nothing lasts longer than the clock has left."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(STEP, self._clock.left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(STEP, self._clock.left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = min(STEP, self._clock.left())
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, limit), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the order in which they should be tried."""
    found = getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _in_time(work: Callable[[], Sequence[str]], clock: Clock) -> Sequence[str]:
    """What the work gives: the system's resolver has no time limit of its own."""
    answer: list[Sequence[str] | Exception] = []

    def run() -> None:
        try:
            answer.append(work())
        except Exception as error:  # told in the thread that waits
            answer.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(min(TICK, clock.left()))
    match answer[0]:
        case OSError() | UnicodeError():
            raise SourceError("there is no such host: check the spelling")
        case Exception() as error:
            raise error
        case addresses:
            return addresses
