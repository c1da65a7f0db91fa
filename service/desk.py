"""Where every door asks: through one gate, within a time limit, and counted."""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from threading import Thread
from time import perf_counter

from index import finding
from index.errors import DatelineError
from index.schema import Hit
from index.understanding import Understanding
from service.app import Dateline
from service.explained import explained
from service.feedback import Answers
from service.gate import Deadline, Gate
from service.meters import Meters
from service.pipeline import Event, check
from service.schema import Answer, Question
from service.shapes import Shape

LIMIT = 300.0  # seconds for an answer, or for taking in articles
SETTLING = 5.0  # seconds


class Desk:
    """One for the whole server."""

    def __init__(self, dateline: Dateline) -> None:
        self.archive = dateline.archive
        self.meters = Meters()
        self.deadline = Deadline(LIMIT)
        self.answers = Answers()
        self.intake = Gate(running=1, waiting=64, patience=LIMIT)  # for all that writes
        self._questions = Gate(running=4, waiting=16)
        self._pipeline = dateline.pipeline
        # A daemon: it must not keep a server from stopping.
        self._warming = Thread(target=self._load, name="warm-up", daemon=True)
        self.ready = False
        self.fault: str | None = None  # why it will never be ready

    def warm_up(self) -> None:
        """Load in the background, once, what the first question would wait for."""
        if self._warming.ident is None:
            self._warming.start()

    def settle(self) -> None:
        """Wait a little for the loading to end: what it uses is about to be closed."""
        self._warming.join(SETTLING)

    async def ask(self, question: Question) -> Answer:
        """The whole answer."""
        async with self.answering(question) as events, self.deadline():
            async for event in events:
                if isinstance(event, Answer):
                    return event
        raise AssertionError("the last event is the answer")

    async def search(self, question: Question, k: int) -> tuple[tuple[Hit, ...], Understanding]:
        """The passages that fit best, and what the question was understood to ask."""
        check(question)
        async with self.searching():
            started = perf_counter()
            found = await self._pipeline.searched(question, k)
            self.meters.took("retrieve", perf_counter() - started)
            return found

    async def explain(self, question: Question, k: int, reference: str | None) -> Shape:
        """The passages that fit best and why; how far the article that goes by this came."""
        check(question)
        async with self.searching():
            return await explained(self._pipeline, question, k, reference)

    async def find(self, excerpt: str) -> finding.Place | None:
        """Where the excerpt stands, None if nowhere."""
        async with self.searching():
            return await asyncio.to_thread(finding.find, self.archive, excerpt)

    @asynccontextmanager
    async def searching(self) -> AsyncIterator[None]:
        """A place at the gate, for so long as is granted."""
        async with self._questions(), self.deadline():
            yield

    @asynccontextmanager
    async def answering(self, question: Question) -> AsyncIterator[AsyncIterator[Event]]:
        """Events on the way to the answer. A question that is refused is refused on entering."""
        check(question)
        # No time limit here: it belongs round what is done with the events.
        async with self._questions(), aclosing(self._events(question)) as events:
            yield events

    async def _events(self, question: Question) -> AsyncGenerator[Event, None]:
        # Closed by hand: a generator left to itself may go on asking its model for a while.
        async with aclosing(self._pipeline.stream(question)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    self.meters.answered(event)
                    event = self.answers.remember(question, event)
                yield event

    def _load(self) -> None:
        gc.disable()  # looking for rubbish takes a third of the time in which modules load
        try:
            self._pipeline.warm_up()
            self.archive.vectors  # noqa: B018 (opens them even where nothing is stored)
            self.ready = True
        except DatelineError as error:
            self.fault = str(error)
        finally:
            gc.enable()
