"""An archive of any size, made up by a seed: words by Zipf's law, vectors in clusters.

For measuring speed alone. Words and vectors have nothing to do with each other, so nothing can be
said about quality; how long the lists of a word are and how near vectors lie is as in real ones.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.database import ARCHIVE
from index.embedding import Embedder, Vectors
from index.schema import Article

VOCABULARY = 40_000
ZIPF = 1.07
SENTENCES = (30, 45)  # of an article: about five passages
WORDS = (9, 24)  # of a sentence
OUTLETS = 120  # their sizes follow Zipf's law too
FIRST_DAY, DAYS = date(2014, 1, 1), 3652  # ten years of articles
UNDATED = 0.02  # of the articles
CLUSTERS, NOISE = 500, 0.8  # length of what is added to a cluster's unit vector
_BREAK = re.compile(r"(?:[^.]+\. ){8}(?=[^.]+\.)")  # a passage is eight sentences
_PARTS = "ba de fi go ku la me ni po ra se ti vu an el or us in ar est".split()


class SyntheticEmbedder:
    """Made-up unit vectors, after the real embedder has done its work for nothing."""

    def __init__(self, real: Embedder, seed: int) -> None:
        self.name, self.languages = f"synthetic-{seed}", real.languages
        self.prompts = real.prompts
        self.dimension, self.max_tokens = real.dimension, real.max_tokens
        self._real, self._random = real, np.random.default_rng(seed)
        self._centres = _unit(self._random.standard_normal((CLUSTERS, self.dimension)))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), dimension)."""
        self._real.embed(texts)
        return self.made(len(texts))

    def embed_question(self, text: str) -> Vectors:
        """A unit vector, float32, shape (dimension,)."""
        self._real.embed_question(text)
        vector: Vectors = self.made(1)[0]
        return vector

    def made(self, many: int) -> Vectors:
        """So many vectors, without the real embedder."""
        near = self._centres[self._random.integers(CLUSTERS, size=many)]
        noise = _unit(self._random.standard_normal((many, self.dimension)))
        return _unit(near + NOISE * noise).astype(np.float32)

    def count(self, text: str) -> int:
        """Word pieces in the text, as good as: its words."""
        return text.count(" ") + 1


class Writer:
    """Writes articles and questions, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._words = np.array([_word(rank) for rank in range(VOCABULARY)])
        weights = 1 / np.arange(1, VOCABULARY + 1) ** ZIPF
        self._cumulative = np.cumsum(weights / weights.sum())
        self._outlets = np.cumsum(1 / np.arange(1, OUTLETS + 1))

    def articles(self) -> Iterator[Article]:
        """Articles without end."""
        number = 0
        while True:
            yield self._article(number)
            number += 1

    def question(self, words: int = 12) -> str:
        """A question of so many words, names and a figure among them."""
        said = self._text(words - 3)
        rare = self._words[self._random.integers(300, 20_000, size=2)]
        return f"{said.capitalize()} {rare[0].title()} {rare[1].title()} {words * 7}?"

    def _article(self, number: int) -> Article:
        sizes = self._random.integers(*WORDS, size=self._random.integers(*SENTENCES))
        text = " ".join(f"{self._text(int(size)).capitalize()}." for size in sizes)
        day = FIRST_DAY + timedelta(int(self._random.integers(DAYS)))
        return Article(
            key=f"k{number}",
            name=f"{number}.txt",
            text=text,
            title=self._text(8).title(),
            published=None if self._random.random() < UNDATED else day,
            outlet=self._outlet(),
            language="en",
        )

    def _outlet(self) -> str:
        at = np.searchsorted(self._outlets, self._random.random() * self._outlets[-1])
        return f"The {self._words[2000 + int(at)].title()} Post"

    def _text(self, words: int) -> str:
        return " ".join(self._words[np.searchsorted(self._cumulative, self._random.random(words))])


def fill(folder: Path, embedder: SyntheticEmbedder, writer: Writer, passages: int) -> None:
    """Write so many passages, and their articles, into an archive that is empty and closed.

    Straight into its SQL, without splitting and grouping, which would take hours; the archive
    builds its other stores from that when it is opened.
    """
    with closing(sqlite3.connect(folder / ARCHIVE)) as connection:
        meta = (("embedder", embedder.name), ("dimension", str(embedder.dimension)))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
        held = 0
        for article in writer.articles():
            held += _put(connection, article, embedder)
            if held >= passages:
                break
        connection.commit()


def _put(connection: sqlite3.Connection, article: Article, embedder: SyntheticEmbedder) -> int:
    row: dict[str, str | None] = {
        "id": article.id,
        "fingerprint": article.fingerprint,
        "fetched": "2025-01-01 00:00:00",
    }
    row |= {name: getattr(article, name) for name in ("key", "name", "text", "title", "language")}
    row["published"] = article.published.isoformat() if article.published else None
    row |= {"outlet": article.outlet, "outlet_folded": (article.outlet or "").casefold()}
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO articles ({names}) VALUES ({marks})", row)
    sketch = (article.id, article.id, article.outlet, b"")  # a group by itself
    connection.execute("INSERT INTO sketches VALUES (?, ?, ?, ?)", sketch)
    bounds = [0, *(match.end() for match in _BREAK.finditer(article.text)), len(article.text)]
    spans = list(pairwise(bounds))
    vectors = embedder.made(len(spans))
    rows = [
        (f"{article.id}-{start}", article.id, start, end, vector.tobytes())
        for (start, end), vector in zip(spans, vectors, strict=True)
    ]
    connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?)", rows)
    return len(spans)


def _word(rank: int) -> str:
    """A word of its own for each rank, frequent ones short."""
    said = ""
    rank += 1
    while rank:
        rank, part = divmod(rank, len(_PARTS))
        said += _PARTS[part]
    return said


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float64)
