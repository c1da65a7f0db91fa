"""Back-pressure and time limits: how many are served at once, how many wait, and how long."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar

from service.faults import Fault

T = TypeVar("T")


class Gate:
    """Lets so many through at once, keeps so many waiting, and refuses the others at once."""

    def __init__(self, running: int, waiting: int, patience: float = 30.0) -> None:
        """`patience`: seconds that one waits at most."""
        self._room = running + waiting
        self._patience = patience
        self._inside = 0
        self._running = asyncio.Semaphore(running)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Hold a place. Raises a Fault (503) when there is none."""
        if self._inside >= self._room:
            raise _overloaded()
        self._inside += 1
        try:
            await self._enter()
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._inside -= 1

    async def _enter(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._running.acquire()
        except TimeoutError:
            raise _overloaded() from None


class Deadline:
    """A time limit for each piece of work, which a stop brings near for all of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: set[asyncio.Timeout] = set()
        self._stopping = False

    @asynccontextmanager
    async def __call__(self, left: float | None = None) -> AsyncIterator[None]:
        """Limit what is done inside. Raises a Fault (503 or 504) when time is up.

        left: seconds that are left of the limit, if what is done is a part of the work.
        """
        seconds = self._seconds if left is None else max(0.0, left)
        limit = asyncio.timeout(0 if self._stopping else seconds)
        try:
            async with limit:
                self._open.add(limit)
                yield
        except TimeoutError:
            if not limit.expired():  # another one's
                raise
            raise self._fault() from None
        finally:
            self._open.discard(limit)

    async def each(self, items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """The items, all of which must come within the limit.

        For who takes them one by one in tasks of his own, in none of which a limit can stay open.
        """
        end = monotonic() + self._seconds
        while True:
            async with self(end - monotonic()):
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            yield item

    def hasten(self, seconds: float) -> None:
        """The server stops: everything has so long to end."""
        self._stopping = True
        soon = asyncio.get_running_loop().time() + seconds
        for limit in self._open:
            if not limit.expired():
                limit.reschedule(soon)

    def _fault(self) -> Fault:
        if self._stopping:
            return Fault(503, "server_is_stopping", "The server is stopping: ask again later.")
        message = f"It took longer than {self._seconds:g} seconds: ask for less at once."
        return Fault(504, "timeout", message)


def _overloaded() -> Fault:
    message = "Too much is asked at once: try again in some seconds."
    return Fault(503, "server_is_overloaded", message, headers={"retry-after": "5"})
