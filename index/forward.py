"""A forward index: the words of each passage as numbers, so that none is analysed while asking.

A word is the CRC-32 of its stem. Kept in SQL beside the passages, it follows from their texts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.lexical import stems
from index.schema import Article, Passage

VERSION = "1"  # of all that is below, the stemmers included: another one makes all rows anew
END = 0  # of a sentence; no word has this number
_SENTENCE = re.compile(r"(?<=[.!?”\"])\s+|\n+")  # quick; a wrong cut costs next to nothing here

Numbers = NDArray[np.uint32]


def number(stem: str) -> int:
    """The number of a stem, from 1."""
    return crc32(stem.encode()) or 1


def row(passage: Passage, article: Article) -> bytes:
    """How many words the header has, these, and those of the text with END between sentences."""
    header = _numbers(article.header, article.language)
    body: list[int] = []
    for sentence in _SENTENCE.split(passage.text):
        body += [*_numbers(sentence, article.language), END]
    return np.array([len(header), *header, *body[:-1]], "<u4").tobytes()


@lru_cache(maxsize=1024)  # a header comes again with every passage of its article
def _numbers(text: str, language: str | None) -> tuple[int, ...]:
    return tuple(number(stem) for stem in stems(text, language))


@dataclass(frozen=True, slots=True)
class Rows:
    """The words of n passages, one after the other."""

    numbers: Numbers  # of all words
    owner: NDArray[np.intp]  # to which passage each belongs, from 0
    sentence: NDArray[np.intp]  # ... and to which sentence, counted through all passages
    sentences: NDArray[np.intp]  # to which passage each sentence belongs
    lengths: NDArray[np.intp]  # words in each passage, shape (n,)
    header: Numbers  # the words of their headers
    header_owner: NDArray[np.intp]
    header_lengths: NDArray[np.intp]  # shape (n,)


def rows(stored: Sequence[bytes]) -> Rows:
    """Read what `row` has written."""
    each = [np.frombuffer(blob, "<u4") for blob in stored]
    header = np.array([read[0] for read in each], np.intp)
    bodies = [read[1 + length :] for read, length in zip(each, header, strict=True)]
    sizes = np.array([len(body) + 1 for body in bodies], np.intp)  # with an END of its own
    numbers = _joined([part for body in bodies for part in (body, _ENDS)])
    owner = np.repeat(np.arange(len(each)), sizes)
    ends = numbers == END
    words = ~ends
    return Rows(
        numbers[words],
        owner[words],
        (np.cumsum(ends) - ends)[words],
        owner[ends],
        np.bincount(owner[words], minlength=len(each)),
        _joined([read[1 : 1 + length] for read, length in zip(each, header, strict=True)]),
        np.repeat(np.arange(len(each)), header),
        header,
    )


_ENDS = np.array([END], np.uint32)


def _joined(parts: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.uint32), *parts])
