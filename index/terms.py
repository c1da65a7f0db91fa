"""Which words of a question stand in which passages, and what each of them says.

BM25 as Tantivy counts it (Robertson and Zaragoza 2009), but kept apart by word, so that the parts
of a question can be scored each by itself at the price of a sum.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.forward import Numbers, Rows, number
from index.lexical import stems
from index.translation import expanded

Array = NDArray[np.float64]
Frequency = Callable[[str, str], int]  # of a stem and a field: in how many passages it occurs
K1, B = 1.2, 0.75


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

    @lru_cache(maxsize=256)  # noqa: B019 (it is a value, and each part of a question comes again)
    def weights(self, text: str) -> Mapping[str, float]:
        """All stems to look for: the text's own weigh 1, translations less."""
        own = {stem: 1.0 for language in {*self.all} for stem in stems(text, language)}
        return self.beside(text) | own


class Table:
    """The question's words (T of them) in n passages and in their S sentences."""

    def __init__(
        self, text: str, languages: Languages, rows: Rows, frequency: Frequency, total: int
    ) -> None:
        """rows: the words of the passages; total: passages in the archive."""
        self.languages = languages
        weights = languages.weights(text)
        self._column = {stem: n for n, stem in enumerate(sorted(weights))}
        said = np.array([weights[stem] for stem in self._column], float)
        self._frequency, self._total = frequency, total
        idf = self._idf("body")
        self.idf = said * idf  # (T,)
        self._count(rows)
        self.pairs = self._paired(rows, stems(text, languages.question))  # (n,)
        header = self._cells(rows.header_owner, self._columns(rows.header), len(rows.lengths))
        self.header = said * _bm25(self._idf("header"), header, rows.header_lengths)  # (n, T)
        self.body = said * _bm25(idf, self.counts, rows.lengths)  # (n, T)

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
        scores = self._present @ (self.idf * mask)
        return np.asarray(np.maximum.reduceat(scores, self._first), np.float64)

    def _count(self, rows: Rows) -> None:
        """Fill in what stands where, by passage and by sentence."""
        self._place = self._columns(rows.numbers)
        self.counts = self._cells(rows.owner, self._place, len(rows.lengths))  # (n, T)
        said = self._cells(rows.sentence, self._place, len(rows.sentences))
        self._present = (said > 0).astype(np.float64)  # (S, T)
        self._first = np.searchsorted(rows.sentences, np.arange(len(rows.lengths)))

    def _columns(self, numbers: Numbers) -> NDArray[np.intp]:
        """The column of each word, -1 for one that is not in the question."""
        if not self._column:
            return np.full(len(numbers), -1)
        asked = np.array([number(stem) for stem in self._column], np.uint32)
        order = np.argsort(asked)
        near = order[np.searchsorted(asked, numbers, sorter=order).clip(max=len(order) - 1)]
        return np.where(asked[near] == numbers, near, -1)

    def _cells(self, row: NDArray[np.intp], column: NDArray[np.intp], height: int) -> Array:
        """How often each column (not -1) is in each row, shape (height, T)."""
        width = len(self._column)
        known = column >= 0
        cells = np.bincount(row[known] * width + column[known], minlength=height * width)
        return cells.reshape(height, width).astype(np.float64)

    def _paired(self, rows: Rows, asked: Sequence[str]) -> Array:
        """For each passage what pairs of words it has side by side as the question has them."""
        width = len(self._column)
        worth = np.zeros(width * width)
        columns = [self._column[stem] for stem in asked]
        for a, b in zip(columns, columns[1:], strict=False):
            worth[a * width + b] = min(self.idf[a], self.idf[b])
        one, next_ = self._place[:-1], self._place[1:]
        beside = (one >= 0) & (next_ >= 0) & (rows.owner[:-1] == rows.owner[1:])
        pairs = (one * width + next_)[beside]
        owner = rows.owner[:-1][beside]
        _, each = np.unique(owner * len(worth) + pairs, return_index=True)  # once a passage
        found = np.bincount(owner[each], worth[pairs[each]], minlength=len(rows.lengths))
        return np.asarray(found, np.float64)

    def _idf(self, field: str) -> Array:
        counts = np.array([self._frequency(stem, field) for stem in self._column], float)
        lacking = self._total - np.minimum(counts, self._total)
        return np.asarray(np.log1p((lacking + 0.5) / (counts + 0.5)), np.float64)


def _bm25(idf: Array, counts: Array, lengths: NDArray[np.intp]) -> Array:
    damping = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
    return np.asarray(idf * counts * (K1 + 1) / (counts + damping[:, None]), np.float64)
