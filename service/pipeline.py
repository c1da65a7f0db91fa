"""The way of one question. Read this file first.

question -> understand -> retrieve -> answer and check -> cited answer
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from time import perf_counter

from index import retrieval
from index.archive import Archive
from index.errors import UsageError
from index.reranking import Reranker
from index.retrieval import LOOKED_AT, Trace
from index.schema import Article, Filter, Hit
from index.understanding import Understanding, understand
from service.answering import (
    Accounts,
    Answerer,
    Checked,
    Dropped,
    Note,
    Restart,
    Span,
    Used,
    Verdict,
)
from service.reading import changed_after
from service.reasons import Reasons
from service.schema import MAX_QUESTION, Account, Answer, Citation, Question, Sentence
from service.spread import spread

SHOWN = 10  # hits that every answer carries, at least
WARM_UP = "Who said what, and when?"
SEARCHES = 2  # at once; more would only wait for the same cores


@dataclass(frozen=True, slots=True)
class Said:
    """One checked sentence of the answer, with the citations that are new with it."""

    sentence: Sentence
    citations: tuple[Citation, ...]


Event = Said | Restart | Answer


class Pipeline:
    """Answers questions from one archive."""

    def __init__(
        self,
        archive: Archive,
        answerer: Answerer,
        passages: int = 12,
        reranker: Reranker | None = None,
    ) -> None:
        self.archive = archive
        self.answerer = answerer
        self._reranker = reranker
        self._passages = max(passages, SHOWN)
        self._reasons = Reasons(archive)
        self._gate = asyncio.Semaphore(SEARCHES)

    async def ask(self, question: Question) -> Answer:
        """The whole answer. Raises UsageError for a question that cannot be asked."""
        async with aclosing(self.stream(question)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    return event
        raise AssertionError("the last event is the answer")

    async def retrieve(self, question: Question, k: int | None = None) -> tuple[Hit, ...]:
        """The passages that may hold the answer, best first; all that is retrieved if k is None."""
        return (await self.searched(question, k))[0]

    async def searched(
        self, question: Question, k: int | None = None
    ) -> tuple[tuple[Hit, ...], Understanding]:
        """The same, and what was understood of the question."""
        check(question)
        async with self._gate:
            return await asyncio.to_thread(self.find, question, k)

    async def trace(self, question: Question, k: int | None = None) -> tuple[Trace, Understanding]:
        """The k best passages with the way to them, and what was understood of the question."""
        check(question)
        async with self._gate:
            return await asyncio.to_thread(self._trace, question, k)

    def warm_up(self) -> None:
        """Load, in this thread, what the first question would wait for."""
        retrieval.search(self.archive, WARM_UP, Filter(), SHOWN, reranker=self._reranker)
        self.answerer.warm_up(WARM_UP)

    async def understood(self, question: Question) -> tuple[tuple[Hit, ...], Understanding]:
        """The passages that the answer is made from, and what was understood of the question."""
        check(question)
        async with self._gate:
            return await asyncio.to_thread(self._understood, question)

    def _understood(self, question: Question) -> tuple[tuple[Hit, ...], Understanding]:
        trace, asked = self._trace(question, None)
        near = list(trace.ordered)
        if trace.whole:
            further = trace.different[len(near) : LOOKED_AT * self._passages]
            near += retrieval.hits(self.archive, further)
        return tuple(spread(near, self._passages)), asked

    def find(
        self, question: Question, k: int | None = None
    ) -> tuple[tuple[Hit, ...], Understanding]:
        """The k best passages and what was understood, in this thread and unchecked."""
        trace, asked = self._trace(question, k)
        return tuple(trace.hits), asked

    def _trace(self, question: Question, k: int | None) -> tuple[Trace, Understanding]:
        database = self.archive.database
        asked = understand(
            question.text,
            question.history,
            question.now,
            database.outlets(),
            database.languages(),
            question.without,
            database.span(),
        )
        trace = retrieval.trace(
            self.archive,
            asked.text,
            question.filter,
            k or self._passages,
            asked.window,
            self._reranker,
            question.without,
        )
        return trace, asked

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """Each sentence as soon as it is checked; the answer as a whole, which counts, at last."""
        started = perf_counter()
        hits, asked = await self.understood(question)
        found = perf_counter()
        draft, tokens = _Draft(hits), {"prompt": 0, "reply": 0}
        steps_of = self.answerer.steps(asked.text, hits)
        async with aclosing(steps_of) as steps:  # ends a model's work too
            async for step in steps:
                match step:
                    case Checked():
                        said = draft.say(step)
                        await asyncio.to_thread(self.archive.cite, draft.cited)
                        yield said
                    case Restart():
                        draft = _Draft(hits, draft.dropped)
                        yield step
                    case Dropped():
                        draft.dropped.append(step.text)
                    case Accounts():
                        draft.compare(step)
                    case Note():
                        draft.notes.append(step.text)
                    case Used():
                        tokens = asdict(step.usage) if step.usage else {}
                    case Verdict():
                        if question.as_of:
                            cited, day = draft.cited, question.as_of
                            draft.notes += await asyncio.to_thread(
                                changed_after, self.archive, cited, day
                            )
                        await asyncio.to_thread(self.archive.cite, draft.cited)
                        answer = await asyncio.to_thread(
                            self._explained, question, asked, draft.finish(step, asked)
                        )
                        seconds = {"retrieve": found - started, "answer": perf_counter() - found}
                        yield replace(answer, seconds=seconds, tokens=tokens)

    def _explained(self, question: Question, asked: Understanding, answer: Answer) -> Answer:
        """The answer with why it is none, or what it lacks."""
        text = asked.text
        if answer.status == "not_in_articles":
            reason = self._reasons.why(question, text, answer.hits, asked.window)
            return replace(answer, reason=reason)
        lacks = self._reasons.lacks(question, text, answer.hits, answer.citations)
        return replace(answer, status="partial", lacks=lacks) if lacks else answer


def check(question: Question) -> None:
    """Raises UsageError, with what to do, for a question that cannot be asked."""
    if not question.text.strip():
        raise UsageError("The question is empty: write what you want to know.")
    if len(question.text) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(question.text):,} characters: ask in at most {MAX_QUESTION:,}."
        )
    if not _is_text(question.text):
        raise UsageError("The question holds characters that are no text: type it anew.")
    if question.since and question.until and question.since > question.until:
        raise UsageError(
            f"The window ends ({question.until}) before it begins ({question.since}): swap them."
        )


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class _Draft:
    """An answer in the making: numbers each cited place once, in order of first use."""

    def __init__(self, hits: Sequence[Hit], dropped: Sequence[str] = ()) -> None:
        self._hits = tuple(hits)
        self._also = {hit.article.id: hit.also for hit in hits}
        self._sentences: list[Sentence] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._accounts: tuple[Account, ...] = ()
        self.notes: list[str] = []
        self.dropped = list(dropped)

    def say(self, step: Checked) -> Said:
        before = len(self._citations)
        numbers = tuple(dict.fromkeys(self._cite(span).number for span in step.spans))
        sentence = Sentence(step.text, numbers, step.direct)
        self._sentences.append(sentence)
        return Said(sentence, tuple(self._citations.values())[before:])

    def compare(self, step: Accounts) -> None:
        """Note what several articles say, each with its citation."""
        self._accounts = tuple(Account(self._cite(a.span), a.direct, a.relation) for a in step.each)

    def _cite(self, span: Span) -> Citation:
        place = (span.article.id, span.start, span.end)
        number = len(self._citations) + 1
        also = self._also.get(span.article.id, ())
        new = Citation(number, span.article, span.quote, span.start, span.end, also)
        return self._citations.setdefault(place, new)

    @property
    def cited(self) -> list[Article]:
        """The articles cited so far, each once."""
        return list({c.article.id: c.article for c in self._citations.values()}.values())

    def finish(self, verdict: Verdict, asked: Understanding) -> Answer:
        """The whole answer, but for how long it took."""
        return Answer(
            status=verdict.status,
            sentences=tuple(self._sentences),
            citations=tuple(self._citations.values()),
            hits=self._hits,
            answerer=verdict.answerer,
            notes=tuple(self.notes),
            dropped=tuple(self.dropped),
            accounts=self._accounts,
            confidence=verdict.confidence,
            decision=verdict.decision,
            understood=asked,
        )
