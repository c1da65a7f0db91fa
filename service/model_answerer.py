"""The model answerer: an open-weight model reads the passages, and every sentence is checked.

The quotes answerer stands under it: it decides whether the passages answer at all, and answers
itself when the model fails or too little of what it says is borne out.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import prompts
from index.errors import ModelError
from index.schema import Hit
from index.sentences import sentence_spans
from service.answering import Accounts, Checked, Dropped, Note, Restart, Step, Verdict
from service.checking import without_marks, worded
from service.models import LengthReached, Message, Model
from service.quotes import Choice, QuotesAnswerer

READ = 6  # passages given to the model: about 1,500 tokens
MAX_TOKENS = 300  # of its reply
LANGUAGES = {"en": "English", "sv": "Swedish", "de": "German", "fr": "French", "da": "Danish"}
LANGUAGES |= {"nb": "Norwegian", "no": "Norwegian", "es": "Spanish", "it": "Italian"}
_LATE_MARK = re.compile(
    r"([.!?]+)\s*((?:\[\d+\]\s*)+)"
)  # "It rained. [2]": the mark belongs before


class ModelAnswerer:
    """Answers in the words of a model, as far as the passages bear them out."""

    def __init__(self, model: Model, floor: QuotesAnswerer) -> None:
        self.name = model.name
        self._model = model
        self._floor = floor
        self._prompt = prompts.load("answer")

    def warm_up(self, question: str) -> None:
        """Load what the quotes need; the model itself is started by the first question."""
        self._floor.warm_up(question)

    async def close(self) -> None:
        """Stop the model."""
        await self._model.close()

    async def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """Each sentence once it is checked; the quotes where the model does not do."""
        choice = await asyncio.to_thread(self._floor.choose, question, hits)
        if not choice.answers:
            for step in self._floor.said(choice):
                yield step
            return
        read = hits[:READ]
        kept = dropped = 0
        try:
            async with aclosing(self._sentences(question, read)) as sentences:
                async for sentence in sentences:
                    if prompts.NOT_IN_ARTICLES in sentence.upper():
                        break
                    step = await asyncio.to_thread(_checked, sentence, read)
                    kept += isinstance(step, Checked)
                    dropped += isinstance(step, Dropped)
                    yield step
        except ModelError as error:
            for step in self._fallen_back(str(error), choice):
                yield step
            return
        if kept and kept >= dropped:
            if choice.accounts:
                yield Accounts(choice.accounts)
            yield Verdict("answered", self.name, choice.confidence)
            return
        why = (
            "Too little of what the language model said is borne out by the articles."
            if dropped
            else "The language model found no answer in the passages."
        )
        for step in self._fallen_back(why, choice):
            yield step

    def _fallen_back(self, why: str, choice: Choice) -> list[Step]:
        note = Note(f"{why} These are the articles' own sentences instead.")
        return [Restart(), note, *self._floor.said(choice)]

    async def _sentences(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[str, None]:
        """Whole sentences of the reply; one that `MAX_TOKENS` cut off is left out."""
        pending = ""
        messages = [Message(role, text) for role, text in self._turns(question, hits)]
        async with aclosing(self._model.stream(messages, MAX_TOKENS)) as pieces:
            try:
                async for piece in pieces:
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
            f"[{n}] ({_source(hit)})\n{hit.passage.text}" for n, hit in enumerate(hits, 1)
        )
        language = LANGUAGES.get(self._floor.language(question) or "en", "English")
        return self._prompt.turns(question=question, passages=passages, language=language)


def _source(hit: Hit) -> str:
    article = hit.article
    day = article.written or "undated"
    return ", ".join(part for part in (article.title, article.outlet, day) if part)


def _checked(sentence: str, hits: Sequence[Hit]) -> Step:
    text, cited = without_marks(sentence)
    shown, spans = worded(text, cited, hits)
    return Checked(shown, spans) if spans else Dropped(text)


def _split(text: str) -> list[str]:
    """The text in sentences, each with its citation marks; the last may be unfinished."""
    text = _LATE_MARK.sub(lambda match: f" {match[2].strip()}{match[1]} ", text)
    starts = [start for start, _ in sentence_spans(text) if not text.startswith("[", start)]
    bounds = [0, *starts[1:], len(text)]
    return [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
