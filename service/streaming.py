"""Server-sent events, and work that ends when the one who asked for it leaves."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.faults import Fault, fault_of
from service.gate import Deadline
from service.shapes import Shape, to_json

DONE = b"data: [DONE]\n\n"
T = TypeVar("T")
log = logging.getLogger(__name__)


class Gone(Fault):
    """The client has left; nobody reads what it is told."""

    def __init__(self) -> None:
        super().__init__(499, "client_closed_request", "The client has left.")


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to; it is cancelled, and Gone raised, when the client leaves."""
    task, left = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()
        left.cancel()
        await asyncio.gather(task, left, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(data: Shape, name: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + to_json(data) + b"\n\n"


class EventStream(Response):
    """Server-sent events as they come.

    Nothing is sent before there is a first one, so a refusal until then has its own status. Later
    errors are told by `last_words`, as the stream has begun with 200.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        frames: AsyncGenerator[bytes, None],
        deadline: Deadline,
        last_words: Callable[[Fault], bytes],
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._frames = frames
        self._deadline = deadline
        self._last_words = last_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until there are no more, or nobody is left to read them."""
        with suppress(Gone):
            await unless_gone(receive, self._run(send))

    async def _run(self, send: Send) -> None:
        started = False
        try:
            async with self._deadline(), aclosing(self._frames) as frames:
                async for frame in frames:
                    if not started:
                        started = True
                        await send(self._start())
                    await send(_piece(frame))
        except Exception as error:
            if not started:
                raise
            await send(_piece(self._say(error)))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _say(self, error: Exception) -> bytes:
        fault = fault_of(error)
        if fault.status == 500:
            log.error("A stream failed.", exc_info=error)
        return self._last_words(fault)

    def _start(self) -> dict[str, Any]:
        status = self.status_code
        return {"type": "http.response.start", "status": status, "headers": self.raw_headers}


def _piece(frame: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": frame, "more_body": True}
