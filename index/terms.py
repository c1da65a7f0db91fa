"""Which words of a question stand in which passages, and what each of them says.

BM25 as Tantivy counts it (Robertson and Zaragoza 2009), but kept apart by word, so that the parts
of a question can be scored each by itself at the price of a sum.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.lexical import stems
from index.schema import Article, Passage
from index.translation import expanded

Array = NDArray[np.float64]
Frequency = Callable[[str, str], int]  # of a stem and a field: in how many passages it occurs
K1, B = 1.2, 0.75
REMEMBERED = 4096  # passages whose stems are kept, about 100 MB
_SENTENCE = re.compile(r"(?<=[.!?”\"])\s+|\n+")  # quick; a wrong cut costs next to nothing here


@dataclass(frozen=True, slots=True)
class Languages:
    """In which languages a question is read: its own, and those of the archive."""

    question: str | None
    archive: tuple[str, ...]

    @property
    def all(self) -> list[str | None]:
        """Each in which the question's words may be stemmed."""
        return [*self.archive, self.question]

    def beside(self, text: str) -> dict[str, float]:
        """What the words of the text are in the archive's other languages, with weights."""
        own = stems(text, self.question)
        others = [language for language in self.archive if language != self.question]
        found = (expanded(own, self.question, other) for other in others)
        return {stem: weight for weights in found for stem, weight in weights.items()}

    def weights(self, text: str) -> dict[str, float]:
        """All stems to look for: the text's own weigh 1, translations less."""
        own = {stem: 1.0 for language in {*self.all} for stem in stems(text, language)}
        return self.beside(text) | own


class Table:
    """The question's words (T of them) in n passages and in their S sentences."""

    def __init__(
        self,
        text: str,
        languages: Languages,
        found: Sequence[tuple[Passage, Article]],
        frequency: Frequency,
        total: int,
    ) -> None:
        """total: passages in the archive."""
        self.languages = languages
        weights = languages.weights(text)
        self._column = {stem: n for n, stem in enumerate(sorted(weights))}
        asked = [self._column[stem] for stem in stems(text, languages.question)]
        self._pairs = {*zip(asked, asked[1:], strict=False)}
        said = np.array([weights[stem] for stem in self._column], float)
        self._frequency, self._total = frequency, total
        self.idf = said * self._idf("body")  # (T,)
        self._count(found)
        headers = [_stems(article.header, article.language) for _, article in found]
        self.header = said * self._bm25("header", *self._counts(headers))  # (n, T)
        self.body = said * self._bm25("body", self.counts, self._lengths)  # (n, T)

    def mask(self, text: str) -> Array:
        """1 for the question's words that stand in this part of it, shape (T,)."""
        return self.among(self.languages.weights(text))

    def among(self, found: Iterable[str]) -> Array:
        """1 for the question's words that are among these stems, shape (T,)."""
        mask = np.zeros(len(self._column))
        mask[[self._column[stem] for stem in found if stem in self._column]] = 1
        return mask

    def best_sentence(self, mask: Array) -> Array:
        """The most that one sentence of each passage has of the masked words, shape (n,)."""
        best = np.zeros(len(self.counts))
        np.maximum.at(best, self._owner, self._present @ (self.idf * mask))
        return best

    def _count(self, found: Sequence[tuple[Passage, Article]]) -> None:
        """Fill in what stands where: words by passage and by sentence, and pairs of words."""
        cells: list[tuple[int, int]] = []  # passage, column
        said: list[tuple[int, int]] = []  # sentence, column
        owner: list[int] = []
        self.pairs, self._lengths = np.zeros(len(found)), np.zeros(len(found))
        for n, (passage, article) in enumerate(found):
            words = _words(passage.text, article.language)
            places: dict[int, list[int]] = {}  # of each column, in words from the beginning
            for place, stem in enumerate(words.stems):
                if stem in self._column:
                    places.setdefault(self._column[stem], []).append(place)
            for column, at in places.items():
                cells += [(n, column)] * len(at)
                said += [(len(owner) + words.sentences[word], column) for word in at]
            owner += [n] * (words.sentences[-1] + 1 if words.sentences else 0)
            self._lengths[n] = len(words.sentences)
            self.pairs[n] = sum(
                min(self.idf[a], self.idf[b])
                for a, b in self._pairs
                if a in places and b in places and {p + 1 for p in places[a]} & {*places[b]}
            )
        self._owner = np.array(owner, int)
        self.counts = self._filled(len(found), cells)
        self._present = self._filled(len(owner), said) > 0

    def _filled(self, height: int, places: list[tuple[int, int]]) -> Array:
        width = len(self._column)
        flat = [row * width + column for row, column in places]
        cells = np.bincount(flat, minlength=height * width)
        return cells.reshape(height, width).astype(np.float64)

    def _counts(self, texts: Sequence[Sequence[str]]) -> tuple[Array, Array]:
        known = [[self._column[s] for s in text if s in self._column] for text in texts]
        rows = [(n, column) for n, columns in enumerate(known) for column in columns]
        return self._filled(len(texts), rows), np.array([len(text) for text in texts], float)

    def _idf(self, field: str) -> Array:
        counts = np.array([self._frequency(stem, field) for stem in self._column], float)
        lacking = self._total - np.minimum(counts, self._total)
        return np.asarray(np.log1p((lacking + 0.5) / (counts + 0.5)), np.float64)

    def _bm25(self, field: str, counts: Array, lengths: Array) -> Array:
        damping = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        return np.asarray(
            self._idf(field) * counts * (K1 + 1) / (counts + damping[:, None]), np.float64
        )


@dataclass(frozen=True, slots=True)
class _Words:
    """The stems of a passage in order, and of each the sentence in which it stands."""

    stems: list[str]
    sentences: list[int]


@lru_cache(maxsize=REMEMBERED)
def _words(text: str, language: str | None) -> _Words:
    words: list[str] = []
    sentences: list[int] = []
    for n, part in enumerate(_SENTENCE.split(text)):
        found = stems(part, language)
        words += found
        sentences += [n] * len(found)
    return _Words(words, sentences)


@lru_cache(maxsize=REMEMBERED)
def _stems(text: str, language: str | None) -> tuple[str, ...]:
    return tuple(stems(text, language))
