"""How long to wait for a model server."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from service.models.replies import Failure

T = TypeVar("T")
ENDING = 1.0  # seconds between the end of a reply and the count of its tokens


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait: for a connection, the first text, each further text, and in all."""

    connect: float = 5
    first_token: float = 60
    between: float = 30
    total: float = 300


class Clock:
    """Keeps the limits over one question, counting only the time spent waiting for the server.

    A server that sends a byte now and then (headers, comments, empty events) is as silent as
    one that sends nothing: only `progressed` starts the wait anew.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = monotonic() + limits.total
        self.start()

    def start(self) -> None:
        """A new attempt: the wait for the first text begins."""
        self._left = self._limits.first_token
        self._what = f"sent no text within {self._left:g} s"

    def progressed(self) -> None:
        """Text came: the wait for the next begins."""
        self._left = self._limits.between
        self._what = f"paused for more than {self._left:g} s in the middle of its reply"

    def ending(self) -> None:
        """The reply is whole; what may yet come is waited for, but not for long."""
        self._left = ENDING

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await; `Failure` names the limit that ran out."""
        began = monotonic()
        in_all = self._end - began
        try:
            async with asyncio.timeout(min(self._left, in_all)):
                return await awaitable
        except TimeoutError:
            total = f"took longer than {self._limits.total:g} s in all"
            raise Failure(total if in_all <= self._left else self._what) from None
        finally:
            self._left -= monotonic() - began
