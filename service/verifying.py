"""A second look at close cases: a small language model reads the best sentences and the question.

It goes on with the number of the sentence that answers or with `none`, and the chances of these
tell how sure it is and which sentence it prefers; nothing that it writes is shown. Read, then
verify: Hu et al. 2019, "Read + Verify: Machine Reading Comprehension with Unanswerable Questions".
The model is the packaged one with an adapter; `weights/verifier.md` tells how that was made.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from index.errors import ModelError
from service.models.gguf import PACKAGED_SHA256, check_gguf, packaged_gguf
from service.models.limits import Limits
from service.models.llama import LlamaModel
from service.models.llama_child import Loaded

ADAPTER = Path(__file__).with_name("weights") / "verifier.gguf"
NONE = "none"
SENTENCES = 3  # that it reads
CONTEXT = 1024  # tokens of sentences and question
UNLIKELY = -12.0  # log-chance of what is not among the likeliest tokens
PATIENCE = 20  # seconds, its start included
_MARKS = re.compile(r"[\[\]]|\b(Question|Answer)\s*:", re.IGNORECASE)
_INSTEAD = {"[": "(", "]": ")"}
LIMITS = Limits(connect=2, first_token=8, total=8)


class Chances(NamedTuple):
    """How likely it is, in natural logarithms."""

    each: tuple[float, ...]  # that this sentence answers
    none: float  # that none does

    @property
    def odds(self) -> float:
        """Log-odds that a sentence answers, against that none does."""
        return float(np.logaddexp.reduce(self.each)) - self.none


class Verifies(Protocol):
    """Tells which of a few sentences answers, if any."""

    async def chances(self, question: str, sentences: Sequence[str]) -> Chances:
        """The chances, in the order of the sentences, all in English words. Raises
        `ModelError`."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class Verifier:
    """The packaged language model with the adapter, in a child process from the first question."""

    def __init__(
        self, gguf: Path | None = None, adapter: Path = ADAPTER, limits: Limits = LIMITS
    ) -> None:
        """Raises `ModelError` if the packaged model is not installed, or there is no adapter."""
        check_gguf(adapter)
        loaded = Loaded(gguf or packaged_gguf(), CONTEXT, parallel=1, adapter=adapter)
        self._model = LlamaModel(loaded, limits, None if gguf else PACKAGED_SHA256)
        self.name = self._model.name

    @property
    def pid(self) -> int | None:
        """Its process, None while there is none."""
        return self._model.pid

    async def chances(self, question: str, sentences: Sequence[str]) -> Chances:
        """Which of the sentences answers, if any. Raises `ModelError`."""
        try:
            async with asyncio.timeout(PATIENCE):
                following = await self._model.following(told(sentences) + asked(question))
        except TimeoutError:
            raise ModelError(f"The verifier took longer than {PATIENCE} s.") from None
        return chances(following, len(sentences))

    async def close(self) -> None:
        """End the child."""
        await self._model.close()


def told(sentences: Sequence[str]) -> str:
    """The sentences as the model reads them, numbered from 1."""
    return "\n".join(f"[{n}] {_text(sentence)}" for n, sentence in enumerate(sentences, 1))


def asked(question: str) -> str:
    """The question after them; a number or `NONE` is to follow."""
    return f"\nQuestion: {_text(question)}\nAnswer: ["


def _text(text: str) -> str:
    """In one line, and without the marks by which the model tells sentences, question and answer:
    an article may hold them to be taken for a question that was answered."""
    return _MARKS.sub(lambda mark: _INSTEAD.get(mark[0], mark[1]), " ".join(text.split()))


def chances(following: Mapping[str, float], count: int) -> Chances:
    """What the likeliest next tokens say of the numbers from 1 to `count` and of `NONE`."""
    numbers = [following.get(str(n), UNLIKELY) for n in range(1, count + 1)]
    return Chances(tuple(numbers), following.get(NONE, UNLIKELY))
