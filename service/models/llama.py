"""A language model in a GGUF file, run by llama.cpp in a child process.

The child serves on loopback and is spoken to like any other server (`openai_api`), so that a
crash in it is a failed answer and not the end of the service. It starts at the first question,
starts again after it has died, and dies with this process.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from time import monotonic

from index.errors import ModelError
from service.models import LengthReached, Message, Usage
from service.models.gguf import check_gguf, packaged_gguf
from service.models.limits import Limits
from service.models.llama_child import Child, Loaded, start_child
from service.models.openai_api import OpenAIModel

__all__ = ["LlamaModel", "packaged_gguf"]

MAX_DEATHS = 5  # within MEMORY: no further start
MEMORY = 600  # seconds
MAX_BACK_OFF = 60  # seconds


class LlamaModel:
    """`sha256` is what the file must have each time it is loaded, if that is known."""

    def __init__(
        self, loaded: Loaded, limits: Limits | None = None, sha256: str | None = None
    ) -> None:
        self.name = loaded.gguf.stem
        self._loaded, self._sha256 = loaded, sha256
        self._limits = limits or Limits()
        self._child: Child | None = None
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS)  # without an answer in between
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is no child."""
        return self._child.process.pid if self._child else None

    async def ready(self) -> None:
        """Load the model if it is not loaded; `ModelError` if that fails."""
        await self._running()

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        """Yield the reply in pieces; see `Model.stream`."""
        async with (
            self._speaking() as client,
            aclosing(client.stream(messages, max_tokens)) as texts,
        ):
            async for text in texts:
                yield text

    async def following(self, prompt: str) -> Mapping[str, float]:
        """The likeliest next tokens; see `OpenAIModel.following`."""
        async with self._speaking() as client:
            return await client.following(prompt)

    async def close(self) -> None:
        """End the child, within 5 s."""
        self._closed = True
        child, self._child = self._child, None
        if child:
            await child.stop()

    @asynccontextmanager
    async def _speaking(self) -> AsyncGenerator[OpenAIModel, None]:
        """What speaks to the child; a child that dies meanwhile is buried, and a `ModelError`."""
        child = await self._running()
        try:
            yield child.client
        except LengthReached:
            self._deaths.clear()
            raise
        except ModelError as error:
            if await child.answers():
                raise
            await self._bury(child)
            raise ModelError(
                "The language model stopped in the middle; the next question starts it again."
            ) from error
        self._deaths.clear()

    async def _running(self) -> Child:
        async with self._starting:
            if self._child and not self._child.alive:
                await self._bury(self._child)
            if self._child is None:
                await asyncio.to_thread(check_gguf, self._loaded.gguf, self._sha256)
                await self._back_off()
                self._child = await self._start()
            if self._closed:  # perhaps while the model was loading
                await self.close()
                raise ModelError("The language model has been closed.")
            return self._child

    async def _start(self) -> Child:
        try:
            return await start_child(self._loaded, self._limits)
        except ModelError:
            self._deaths.append(monotonic())
            raise

    async def _bury(self, child: Child) -> None:
        if self._child is child:  # two answers may see the same death
            self._child = None
            self._deaths.append(monotonic())
        await child.stop()

    async def _back_off(self) -> None:
        """Wait 1, 2, 4, ... seconds from the last death on, or give up after too many."""
        while self._deaths and self._deaths[0] < monotonic() - MEMORY:
            self._deaths.popleft()
        if len(self._deaths) == MAX_DEATHS:
            raise ModelError(
                f"The language model died {MAX_DEATHS} times in {MEMORY // 60} minutes and is "
                "left alone for a while; is there enough memory for it?"
            )
        if self._deaths:
            pause = min(2.0 ** (len(self._deaths) - 1), MAX_BACK_OFF)
            await asyncio.sleep(max(0, self._deaths[-1] + pause - monotonic()))
