"""A small archive, and a pipeline that says what a test tells it to."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event as Gate
from typing import cast

from index.archive import Archive
from index.schema import Article, Copy, Hit, Passage
from index.understanding import Understanding
from service.answering import Restart
from service.app import Dateline
from service.pipeline import Event, Pipeline, Said, check
from service.schema import Answer, Citation, Question, Sentence
from service.settings import load
from tests.embedders import HashingEmbedder

BUDGET = Article(
    key="budget",
    name="budget.md",
    title="Budget passed at night",
    text="The council passed the budget at night. Taxes rise by 2 percent from March 1.",
    published=date(2024, 2, 20),
    published_from="front matter",
    outlet="The Ledger",
    author="Kim Berg",
    url="https://example.org/budget",
    language="en",
)
LETTER = Article(
    key="letter",
    name="letter.txt",
    title="A letter on <script>alert(1)</script> [taxes](javascript:alert(1))",
    text="Readers ask why taxes rise by 2 percent.",
    language="en",
)


def cite(number: int, article: Article, quote: str) -> Citation:
    """A citation of words that stand in the article."""
    start = article.text.index(quote)
    return Citation(number, article, quote, start, start + len(quote))


def hit(article: Article, score: float = 1.0) -> Hit:
    """The whole article as a passage that was found."""
    passage = Passage(f"{article.id}-0", article.id, 0, len(article.text), article.text)
    return Hit(passage, article, score, {"dense": 0.5})


def copy(article: Article) -> Copy:
    """The article as another one's copy."""
    return Copy(
        article.id,
        article.name,
        article.title,
        article.outlet,
        article.published,
        article.published_as,
    )


RISE = cite(1, BUDGET, "Taxes rise by 2 percent from March 1.")
WHY = cite(2, LETTER, "Readers ask why taxes rise by 2 percent.")
FIRST = Said(Sentence("Taxes rise by 2 percent.", (1,)), (RISE,))
SECOND = Said(Sentence("Readers ask why.", (1, 2)), (WHY,))
ANSWER = Answer(
    status="answered",
    sentences=(FIRST.sentence, SECOND.sentence),
    citations=(RISE, WHY),
    hits=(hit(BUDGET), hit(LETTER, 0.5)),
    answerer="a-model",
    dropped=("The mayor wept.",),
    confidence=0.9,
    seconds={"retrieve": 0.02, "answer": 0.4},
)
REFUSAL = Answer("not_in_articles", (), (), (hit(LETTER),), "quotes", seconds=ANSWER.seconds)
TOLD: tuple[Event, ...] = (FIRST, SECOND, ANSWER)
RETOLD: tuple[Event, ...] = (SECOND, Restart(), *TOLD)


Script = Sequence[Event | Exception | float | Gate]
GATE_SECONDS = 60


@dataclass
class ScriptedPipeline:
    """Plays its script for each question, then those that come later, the last one for ever.

    An error in a script is raised, a number is a pause, and a gate is waited for.
    """

    script: Script = TOLD
    later: list[Script] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    running: int = 0
    closed: int = 0

    def warm_up(self) -> None:
        """Nothing is loaded."""

    async def ask(self, question: Question) -> Answer:
        """The answer at the end of the script."""
        return [event async for event in self.stream(question) if isinstance(event, Answer)][0]

    async def searched(
        self, question: Question, k: int | None = None
    ) -> tuple[tuple[Hit, ...], Understanding]:
        """The hits of the answer."""
        check(question)
        self.asked.append(question)
        async for _ in self._play():
            pass
        return ANSWER.hits[:k], Understanding(question.text)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The script."""
        check(question)
        self.asked.append(question)
        async with aclosing(self._play()) as events:
            async for event in events:
                yield event

    async def _play(self) -> AsyncGenerator[Event, None]:
        script = self.script
        if self.later:
            self.script = self.later.pop(0)
        self.running += 1
        try:
            for step in script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                elif isinstance(step, Gate):
                    assert await asyncio.to_thread(step.wait, GATE_SECONDS), "nobody opened it"
                else:
                    yield step
        finally:
            self.running -= 1
            self.closed += 1


def small_archive(folder: Path) -> Archive:
    """A real archive of two articles."""
    archive = Archive(folder, HashingEmbedder())
    archive.add([BUDGET, LETTER])
    return archive


def dateline(
    archive: Archive, pipeline: ScriptedPipeline | None = None, **changed: object
) -> Dateline:
    """The scripted pipeline over the archive; `changed` are settings."""
    settings = load(data=archive.folder, **changed)
    return Dateline(settings, archive, cast(Pipeline, pipeline or ScriptedPipeline()))
