"""The model answerer: an open-weight model reads the passages, and every sentence is checked.

The quotes answerer stands under it: it decides whether the passages answer at all, and answers
itself when the model fails or too little of what it says is borne out.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import blake2b
from time import monotonic
from typing import TypeVar

import prompts
from index.errors import ModelError, UsageError
from index.schema import Hit
from index.sentences import sentence_spans
from service.answering import Accounts, Checked, Dropped, Note, Restart, Step, Used, Verdict
from service.checking import without_marks, worded
from service.models import LengthReached, Message, Model, TooLong, Usage
from service.quotes import Choice, QuotesAnswerer
from service.repetition import repeats
from service.strange_words import Close

READ = 6  # passages given to the model: about 1,500 tokens
MAX_TOKENS = 300  # of its reply
MOST_REPEATED = 2  # sentences that say nothing new; then it is not heard to the end
REPEATED = 5  # words in a row, from which a sentence repeats our instructions
WITHHELD = "A sentence that repeats the instructions to the model."
LANGUAGES = {"en": "English", "sv": "Swedish", "de": "German", "fr": "French", "da": "Danish"}
LANGUAGES |= {"nb": "Norwegian", "no": "Norwegian", "es": "Spanish", "it": "Italian"}
T = TypeVar("T")
_HEAD = re.compile(r"^[ \t]*\[(?=\d+\])", re.MULTILINE)  # in a text: it looks like our own number
_LATE_MARK = re.compile(
    r"([.!?]+)\s*((?:\[\d+\]\s*)+)"
)  # "It rained. [2]": the mark belongs before


class ModelAnswerer:
    """Answers in the words of a model, as far as the passages bear them out."""

    def __init__(
        self,
        model: Model,
        floor: QuotesAnswerer,
        seconds: float = 240.0,
        close: Close | None = None,
    ) -> None:
        """`seconds`: how long the model has for all it says; then the quotes answer.

        `close`: how close two words are in meaning, to tell paraphrase from invention.
        """
        self.name = model.name
        self._model = model
        self._floor = floor
        self._seconds = seconds
        self._close = close
        self._prompt = _load_prompt()
        self._instructions = runs(self._prompt.text)

    def warm_up(self, question: str) -> None:
        """Load what the quotes need; the model itself is started by the first question."""
        self._floor.warm_up(question)

    async def close(self) -> None:
        """Stop the model, and what the quotes hold."""
        await self._model.close()
        await self._floor.close()

    async def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """Each sentence once it is checked; the quotes where the model does not do."""
        choice = await self._floor.choose(question, hits)
        if not choice.answers:
            for step in self._floor.said(choice):
                yield step
            return
        read = hits[:READ]
        kept: list[Checked] = []
        dropped: list[Dropped] = []
        repeated = 0
        yield Used()
        try:
            async with aclosing(self._in_time(self._sentences(question, read))) as sentences:
                async for sentence in sentences:
                    if isinstance(sentence, Usage):
                        yield Used(sentence)
                        continue
                    if prompts.NOT_IN_ARTICLES in sentence.upper():
                        break
                    step = await asyncio.to_thread(self._checked, sentence, read, question)
                    if _again(step, kept, dropped):
                        repeated += 1
                        if repeated > MOST_REPEATED:
                            break
                        continue
                    kept += [step] if isinstance(step, Checked) else []
                    dropped += [step] if isinstance(step, Dropped) else []
                    yield step
        except ModelError as error:
            for step in self._fallen_back(str(error), choice):
                yield step
            return
        if kept and len(kept) >= len(dropped):
            if choice.accounts:
                yield Accounts(choice.accounts)
            yield Verdict("answered", self.name, choice.confidence, choice.decision)
            return
        why = (
            "Too little of what the language model said is borne out by the articles."
            if dropped
            else "The language model found no answer in the passages."
        )
        for step in self._fallen_back(why, choice):
            yield step

    def _checked(self, sentence: str, hits: Sequence[Hit], question: str) -> Checked | Dropped:
        text, cited = without_marks(sentence)
        shown, spans = worded(text, cited, hits, self._close, question)
        if spans:
            return Checked(shown, spans)
        return Dropped(text if self._instructions.isdisjoint(runs(text)) else WITHHELD)

    def _fallen_back(self, why: str, choice: Choice) -> list[Step]:
        note = Note(f"{why} These are the articles' own sentences instead.")
        return [Restart(), note, *self._floor.said(choice)]

    async def _in_time(self, items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """The items, all of which must come within the time that the model has."""
        end = monotonic() + self._seconds
        async with aclosing(items):
            while True:
                try:
                    async with asyncio.timeout(max(0.0, end - monotonic())):
                        item = await anext(items)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    late = f"The language model took longer than {self._seconds:g} seconds."
                    raise ModelError(late) from None
                yield item

    async def _sentences(
        self, question: str, hits: Sequence[Hit]
    ) -> AsyncGenerator[str | Usage, None]:
        """What the model says, from half of the passages while they are too many for it."""
        while True:
            try:
                async with aclosing(self._reply(question, hits)) as sentences:
                    async for sentence in sentences:
                        yield sentence
                return
            except TooLong:
                if len(hits) == 1:
                    raise
                hits = hits[: len(hits) // 2]

    async def _reply(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[str | Usage, None]:
        """Whole sentences of the reply; one that `MAX_TOKENS` cut off is left out."""
        pending = ""
        messages = [Message(role, text) for role, text in self._turns(question, hits)]
        async with aclosing(self._model.stream(messages, MAX_TOKENS)) as pieces:
            try:
                async for piece in pieces:
                    if isinstance(piece, Usage):
                        yield piece
                        continue
                    *whole, pending = _split(pending + piece)
                    for sentence in whole:
                        yield sentence
            except LengthReached:
                return
        for sentence in _split(pending):
            if sentence.strip():
                yield sentence

    def _turns(self, question: str, hits: Sequence[Hit]) -> tuple[tuple[prompts.Role, str], ...]:
        passages = "\n\n".join(
            f"[{n}] ({_source(hit)})\n{_HEAD.sub('[ ', hit.passage.text)}"
            for n, hit in enumerate(hits, 1)
        )
        language = LANGUAGES.get(self._floor.language(question) or "en", "English")
        return self._prompt.turns(question=question, passages=fenced(passages), language=language)


def _again(step: Checked | Dropped, kept: Sequence[Checked], dropped: Sequence[Dropped]) -> bool:
    """Whether the sentence says nothing that was not said before."""
    if isinstance(step, Dropped):
        return step in dropped and step.text != WITHHELD
    return repeats(step.text, [other.text for other in kept], step.spans[0].article.language)


def _load_prompt() -> prompts.Prompt:
    try:
        return prompts.load("answer", "question", "passages", "language")
    except prompts.PromptError as error:
        raise UsageError(f"{error} Mend prompts/answer.md, or install Dateline anew.") from error


def _source(hit: Hit) -> str:
    """Title, outlet and day in one line, so that no title can begin a passage of its own."""
    article = hit.article
    day = article.written or "undated"
    told = ", ".join(part for part in (article.title, article.outlet, day) if part)
    return " ".join(told.split())


def fenced(passages: str) -> str:
    """The passages between two lines that no text in them can hold: a digest of them all."""
    fence = f"--- {blake2b(passages.encode('utf-8', 'replace'), digest_size=6).hexdigest()} ---"
    return f"{fence}\n{passages}\n{fence}"


def runs(text: str) -> set[tuple[str, ...]]:
    """Each `REPEATED` words of the text that follow each other."""
    words = re.findall(r"\w+", text.casefold())
    return set(zip(*(words[n:] for n in range(REPEATED)), strict=False))


def _split(text: str) -> list[str]:
    """The text in sentences, each with its citation marks; the last may be unfinished."""
    text = _LATE_MARK.sub(lambda match: f" {match[2].strip()}{match[1]} ", text)
    starts = [start for start, _ in sentence_spans(text) if not text.startswith("[", start)]
    bounds = [0, *starts[1:], len(text)]
    return [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
