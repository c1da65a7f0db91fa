"""One request to a model server and its reply, within limits of time and size."""

import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress

import httpx

from service.models.limits import Clock
from service.models.replies import (
    DONE,
    RETRY_PAUSE,
    Failure,
    Piece,
    read_afterword,
    read_piece,
    refusal,
)
from service.models.sse import Event, EventReader, WholeReader

MAX_REPLY = 5_000_000  # bytes
MAX_REFUSAL = 65_536  # bytes: more of a refusal is not looked at


@asynccontextmanager
async def opened(
    client: httpx.AsyncClient, request: httpx.Request, model: str, clock: Clock
) -> AsyncGenerator[httpx.Response, None]:
    """Send the request and hold its response open; `Failure` if it is no reply of a model."""
    with _failures():
        response = await clock.wait(client.send(request, stream=True))
    try:
        kind = _kind(response)
        if response.status_code != 200:
            said = await _beginning(response, clock)
            raise refusal(response.status_code, model, said, response.headers.get("Retry-After"))
        if kind == "text/html":
            raise Failure("sent a web page; check its address")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Failure("sent a compressed reply, which it was not asked for")
        yield response
    finally:
        await response.aclose()


async def pieces(response: httpx.Response, clock: Clock) -> AsyncGenerator[Piece, None]:
    """Yield the pieces of a reply as they come; `Failure` if it ends before it is complete.

    After the piece with the finish reason there may be one more, with the usage.
    """
    whole = _kind(response) == "application/json"  # it did not stream, though asked to
    reader = WholeReader() if whole else EventReader()
    async with aclosing(_events(Body(response, clock), reader)) as events:
        async for event in events:
            if event.name == "error":
                raise Failure("broke off with an error", RETRY_PAUSE)
            piece = read_piece(event.data)
            if piece.text or piece.thinking:
                clock.progressed()
            yield piece
            if piece.finish:
                break
        else:
            raise Failure("cut its reply short")
        clock.ending()
        with suppress(Failure):  # the reply is whole: nothing can be wrong with it any more
            while not (piece.usage or event.data.strip() == DONE):
                event = await anext(events, Event(DONE))
                piece = read_afterword(event.data)
                yield piece


async def _events(body: "Body", reader: EventReader | WholeReader) -> AsyncGenerator[Event, None]:
    while chunk := await body.read():
        for event in reader.feed(chunk):
            yield event
    for event in reader.end():
        yield event


class Body:
    """The bytes of a reply as they came: unpacking could turn 1 MB into 1 GB in one step."""

    def __init__(self, response: httpx.Response, clock: Clock) -> None:
        self._chunks = response.aiter_raw()
        self._clock = clock
        self._size = 0

    async def read(self) -> bytes:
        """Return the next bytes, none at the end; `Failure` if it is late or there are too many."""
        with _failures():
            chunk = await self._clock.wait(anext(self._chunks, b""))
        self._size += len(chunk)
        if self._size > MAX_REPLY:
            raise Failure("sent more than a reply can hold")
        return chunk


async def read_all(response: httpx.Response, clock: Clock) -> bytes:
    """Return the whole body."""
    body, read = Body(response, clock), bytearray()
    while chunk := await body.read():
        read += chunk
    return bytes(read)


async def _beginning(response: httpx.Response, clock: Clock) -> bytes:
    """Return what can be had of a refusal's body: its status says enough without."""
    body, read = Body(response, clock), bytearray()
    try:
        while len(read) < MAX_REFUSAL and (chunk := await body.read()):
            read += chunk
    except Failure:
        pass
    return bytes(read)


def _kind(response: httpx.Response) -> str:
    kind: str = response.headers.get("Content-Type", "")
    return kind.partition(";")[0].strip().lower()


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what httpx raises into a `Failure`."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise Failure("did not take the connection in time", RETRY_PAUSE) from None
    except (httpx.ConnectError, UnicodeError) as error:  # the latter from names that are no names
        raise Failure(_unreachable(error), RETRY_PAUSE) from error
    except httpx.HTTPError as error:
        raise Failure("broke off the connection before its reply was complete") from error


def _unreachable(error: BaseException | None) -> str:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return "could not prove who it is: its certificate or encryption was not accepted"
        error = error.__cause__ or error.__context__
    return "cannot be reached; check that it runs and that its address is right"
