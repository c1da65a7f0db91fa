"""A model server for tests: OpenAI-compatible, on a real socket, and as ill-behaved as told.

    async with ModelServer(body("", status=503), stream("Yes.")) as server:
        model = OpenAIModel(server.url, "any")

Each request to /chat/completions takes the next reply, and the last one again and again; `play`
gives it others. A reply is made of steps: bytes to send, seconds to wait, or RESET to tear the
connection.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, repeat
from time import monotonic
from typing import Any, Literal, Self

from anyio.from_thread import start_blocking_portal

RESET: Literal["reset"] = "reset"
LISTING = '{"object": "list", "data": [{"id": "any"}]}'
Step = bytes | float | Literal["reset"]
Reply = list[Step]


def frame(text: Any = None, finish: str | None = None, **delta: Any) -> bytes:
    """One event of a streamed completion."""
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    """A status line and headers, whose `_` become `-`; the body ends with the connection."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def stream(*texts: str, finish: str = "stop", gap: float = 0) -> Reply:
    """A good reply: these texts, `gap` seconds apart."""
    steps: Iterable[Step] = (step for text in texts for step in (gap, frame(text)))
    return [head(), *steps, frame(finish=finish), b"data: [DONE]\n\n"]


def events(*parts: bytes) -> Reply:
    """A stream of these bytes and no more: without `frame(finish=...)` at its end, a cut one."""
    return [head(), *parts]


def bytewise(*parts: bytes) -> Reply:
    """The same, each byte sent by itself."""
    whole = b"".join(parts)
    return [head(), *(step for n in range(len(whole)) for step in (whole[n : n + 1], 0.0))]


def body(text: str, kind: str = "application/json", status: int = 200, **headers: str) -> Reply:
    """A reply that does not stream, or a refusal."""
    return [head(status, kind, **headers), text.encode()]


def endless(text: str = "and ", gap: float = 0.02) -> Reply:
    """A reply that goes on as long as somebody listens (100,000 pieces)."""
    steps: Reply = [frame(text), gap]
    return [head(), *steps * 100_000]


@dataclass
class Request:
    """What was asked, and when whoever asked hung up before the reply's end (`monotonic`)."""

    path: str
    headers: dict[str, str]
    body: Any
    left: float | None = None


class ModelServer:
    """Serves on a free port of loopback while it is entered; `url` is the base of the interface."""

    def __init__(self, *replies: Reply) -> None:
        self.play(*replies)
        self._tasks: set[asyncio.Task[None]] = set()

    def play(self, *replies: Reply) -> None:
        """Forget what was asked before, and reply with these from now on."""
        self.requests: list[Request] = []
        self._replies = chain(replies, repeat(replies[-1]))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # connections that were torn close in the next turn
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.requests.append(request)
                listing = request.path.endswith("/models")
                reply = body(LISTING) if listing else next(self._replies)
                await _play(reply, request, reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    sent = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, json.loads(sent or b"null"))


async def _play(
    reply: Iterable[Step],
    request: Request,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    gone = asyncio.ensure_future(reader.read())  # a client that waits for us sends nothing more
    try:
        for step in reply:
            if step == RESET:
                return _reset(writer)
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, float | int):
                await asyncio.wait([gone], timeout=step)
            if gone.done():
                request.left = monotonic()
                return
    except OSError:
        request.left = monotonic()
        raise
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)  # closing says RST instead of FIN
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@contextmanager
def running(*replies: Reply) -> Iterator[ModelServer]:
    """The same server in a thread of its own, for tests that are not asynchronous."""
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(ModelServer(*replies)) as server:
            yield server
