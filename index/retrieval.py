"""From a question to passages: dense and lexical search, combined.

Both scores are put on one scale (z-scores over the candidates) and added, words first: on news,
plain rank fusion with a small encoder falls below words alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.archive import Archive
from index.embedding import Vectors
from index.language import closest
from index.lexical import stems
from index.schema import Article, Filter, Hit
from index.translation import LANGUAGES, expanded
from index.understanding import Window

CANDIDATES = 100  # from each retriever
MORE = 500  # ... where copies fill these
EXACT_LIMIT = 5000  # a filter that admits fewer passages is searched exactly
DENSE_WEIGHT = 0.3  # against 1 for words
TIME_BONUS = 1.0  # standard deviations; a wish for a time is no condition
OUTLET_BONUS = 1.0


def search(
    archive: Archive, text: str, allowed: Filter, k: int, wished: Window | None = None
) -> list[Hit]:
    """The k best passages among the admitted ones, best first; undated articles are admitted.

    Passages published in the wished time, and those of outlets that the question names, move up.
    Of articles that are copies of each other only the one with the best passage is used.
    """
    for many in (CANDIDATES, MORE):
        hits = _found(archive, text, allowed, many, wished)
        different = _without_copies(archive, hits, allowed)
        if len(different) >= k or len(different) == len(hits):  # copies took nobody's place
            break
    return different[:k]


def _found(
    archive: Archive, text: str, allowed: Filter, many: int, wished: Window | None
) -> list[Hit]:
    """All candidates, best first, copies and all; many: from each retriever."""
    spoken = archive.database.languages()
    language = closest(text, [*spoken, *LANGUAGES])
    beside = _translations(text, language, spoken)
    lexical = dict(archive.lexical.search(text, [*spoken, language], allowed, many, beside))
    vector = archive.embedder.embed([text])[0]
    dense = _similarities(archive, vector, {*lexical, *_nearest(archive, vector, allowed, many)})
    known = archive.embedder.languages
    weight = DENSE_WEIGHT if known is None or language in known else 0.0
    combined = _combined(lexical, dense, weight)
    return _ranked(archive, combined, lexical, dense, text.casefold(), wished)


def _translations(text: str, language: str | None, spoken: Sequence[str]) -> dict[str, float]:
    """What the words of the question are in the other languages of the archive, with weights."""
    own = stems(text, language)
    return {s: w for other in spoken for s, w in expanded(own, language, other).items()}


def _nearest(archive: Archive, vector: Vectors, allowed: Filter, many: int) -> list[str]:
    """The nearest admitted passages: exactly where few are admitted, else by over-fetching.

    Chroma's own filters cost more than a hundred times the search itself.
    """
    if allowed == Filter():
        return [i for i, _ in archive.vectors.search(vector, many)]
    admitted = archive.database.admitted(allowed, EXACT_LIMIT + 1)
    if len(admitted) <= EXACT_LIMIT:
        scores = _similarities(archive, vector, admitted)
        return sorted(scores, key=lambda i: (-scores[i], i))[:many]
    wide = [i for i, _ in archive.vectors.search(vector, 10 * many)]
    passing = archive.database.admitted_among(wide, allowed)
    return [i for i in wide if i in passing][:many]


def _similarities(
    archive: Archive, vector: Vectors, ids: Sequence[str] | set[str]
) -> dict[str, float]:
    """Cosine of each passage with the question, in [-1, 1], from the vectors in SQL."""
    stored = archive.database.vectors(sorted(ids))
    return {i: float(stored[i] @ vector) for i in stored}


def _combined(
    lexical: Mapping[str, float], dense: Mapping[str, float], weight: float
) -> dict[str, float]:
    ids = sorted(dense)
    words = _z_scores([lexical.get(i, 0.0) for i in ids])
    meaning = _z_scores([dense[i] for i in ids])
    return dict(zip(ids, (words + weight * meaning).tolist(), strict=True))


def _z_scores(values: Sequence[float]) -> Vectors:
    array = np.asarray(values, np.float32)
    spread = float(array.std()) if array.size else 0.0
    return (array - array.mean()) / spread if spread > 1e-9 else np.zeros_like(array)


def _ranked(
    archive: Archive,
    combined: Mapping[str, float],
    lexical: Mapping[str, float],
    dense: Mapping[str, float],
    question: str,
    wished: Window | None,
) -> list[Hit]:
    hits = []
    for i, (passage, article) in archive.database.load(list(combined)).items():
        parts = {
            "lexical": lexical.get(i, 0.0),
            "dense": dense[i],
            "time": TIME_BONUS * _in_window(article, wished),
            "outlet": OUTLET_BONUS * _named(article, question),
        }
        score = combined[i] + parts["time"] + parts["outlet"]
        hits.append(Hit(passage, article, score, parts))
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))


def _without_copies(archive: Archive, hits: Sequence[Hit], allowed: Filter) -> list[Hit]:
    """The hits less those of articles of which a copy is ahead, each with its admitted copies."""
    copies = archive.database.copies([hit.article.id for hit in hits])
    first: dict[str, str] = {}  # the article that stands for a group
    kept = []
    for hit in hits:
        group, others = copies.get(hit.article.id, (hit.article.id, ()))
        if first.setdefault(group, hit.article.id) == hit.article.id:
            also = tuple(c for c in others if allowed.admits(c.published, c.outlet))
            kept.append(replace(hit, also=also))
    return kept


def _in_window(article: Article, wished: Window | None) -> bool:
    day = article.published
    return bool(wished and day and wished.since <= day <= wished.until)


def _named(article: Article, question: str) -> bool:
    outlet = (article.outlet or "").casefold()
    return bool(outlet) and bool(re.search(rf"(?<!\w){re.escape(outlet)}(?!\w)", question))
