"""From a question to passages: candidates by words and by meaning, then ranked by a linear model.

Words are searched for the whole question, for each of its clauses, and among the articles of each
outlet that it names for what it asks of that outlet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.archive import Archive
from index.clauses import Parts, parts
from index.embedding import Vectors
from index.features import FEATURES, Pool, feature_matrix, within
from index.language import closest
from index.ranking import scores
from index.schema import Article, Filter, Hit, Passage
from index.terms import Array, Languages, Table
from index.translation import LANGUAGES
from index.understanding import Window

CANDIDATES = 100  # from each retriever
OF_PART = 20  # for each part of the question
MORE = 500  # ... where copies fill these
EXACT_LIMIT = 5000  # a filter that admits fewer passages is searched exactly


@dataclass(frozen=True, slots=True)
class Seen:
    """The candidates of a question, n of them, and what speaks for each."""

    found: Sequence[tuple[Passage, Article]]
    features: Array  # shape (n, len(FEATURES))
    parts: Sequence[dict[str, float]]  # what each retriever gave


def search(
    archive: Archive, text: str, allowed: Filter, k: int, wished: Window | None = None
) -> list[Hit]:
    """The k best passages among the admitted ones, best first; undated articles are admitted.

    Passages published in the wished time, and those of outlets that the question names, move up.
    Of articles that are copies of each other only the one with the best passage is used.
    """
    for many in (CANDIDATES, MORE):
        hits = _ranked(look(archive, text, allowed, wished, many))
        different = _without_copies(archive, hits, allowed)
        if len(different) >= k or len(different) == len(hits):  # copies took nobody's place
            break
    return different[:k]


def look(
    archive: Archive,
    text: str,
    allowed: Filter,
    wished: Window | None = None,
    many: int = CANDIDATES,
) -> Seen:
    """The passages that may answer, not yet ranked, copies and all; many: from each retriever."""
    asked = parts(text, [outlet.casefold() for outlet in archive.database.outlets()])
    spoken = tuple(archive.database.languages())
    languages = Languages(closest(text, [*spoken, *LANGUAGES]), spoken)
    lexical = dict(_lexical(archive, text, languages, allowed, many))
    vector = archive.embedder.embed([text])[0]
    ids = {*lexical, *_of_parts(archive, asked, languages, allowed)}
    loaded = archive.database.load(sorted(ids | {*_nearest(archive, vector, allowed, many)}))
    found = list(loaded.values())
    if not found:
        return Seen([], np.zeros((0, len(FEATURES))), [])
    pool = _pool(archive, found, vector, languages.question)
    table = Table(
        text, languages, found, archive.lexical.document_frequency, archive.database.counts()[1]
    )
    matrix = feature_matrix(asked, table, pool, wished)
    named = matrix[:, FEATURES.index("outlet")]
    given = [
        {
            "lexical": lexical.get(passage.id, 0.0),
            "dense": float(cosine),
            "time": float(within(article, wished)),
            "outlet": float(named),
        }
        for (passage, article), cosine, named in zip(found, pool.dense, named, strict=True)
    ]
    return Seen(found, matrix, given)


def _ranked(seen: Seen) -> list[Hit]:
    ranked = zip(seen.found, scores(seen.features).tolist(), seen.parts, strict=True)
    hits = [Hit(passage, article, score, given) for (passage, article), score, given in ranked]
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))


def _lexical(
    archive: Archive, text: str, languages: Languages, allowed: Filter, k: int
) -> list[tuple[str, float]]:
    return archive.lexical.search(text, languages.all, allowed, k, languages.beside(text))


def _of_parts(
    archive: Archive, asked: Parts, languages: Languages, allowed: Filter
) -> Iterator[str]:
    """The best passages for each clause, and for what is asked of each outlet among its own."""
    wanted = {outlet.casefold() for outlet in allowed.outlets}
    searches = [(text, allowed) for text in (asked.bare, *asked.clauses)]
    for mention in asked.mentions:
        if outlets := mention.outlets & wanted if wanted else mention.outlets:
            searches.append((mention.text, replace(allowed, outlets=tuple(sorted(outlets)))))
    for text, among in searches:
        yield from (i for i, _ in _lexical(archive, text, languages, among, OF_PART))


def _pool(
    archive: Archive,
    found: Sequence[tuple[Passage, Article]],
    vector: Vectors,
    language: str | None,
) -> Pool:
    stored = archive.database.vectors([passage.id for passage, _ in found])
    vectors = np.stack([stored[passage.id] for passage, _ in found])
    read = archive.embedder.languages
    known = [
        read is None or {language, article.language or language} <= read for _, article in found
    ]
    return Pool(found, (vectors @ vector).astype(float), vectors, np.array(known, bool))


def _nearest(archive: Archive, vector: Vectors, allowed: Filter, many: int) -> list[str]:
    """The nearest admitted passages: exactly where few are admitted, else by over-fetching.

    Chroma's own filters cost more than a hundred times the search itself.
    """
    if allowed == Filter():
        return [i for i, _ in archive.nearest(vector, many)]
    admitted = archive.database.admitted(allowed, EXACT_LIMIT + 1)
    if len(admitted) <= EXACT_LIMIT:
        scores = _similarities(archive, vector, admitted)
        return sorted(scores, key=lambda i: (-scores[i], i))[:many]
    wide = [i for i, _ in archive.nearest(vector, 10 * many)]
    passing = archive.database.admitted_among(wide, allowed)
    return [i for i in wide if i in passing][:many]


def _similarities(
    archive: Archive, vector: Vectors, ids: Sequence[str] | set[str]
) -> dict[str, float]:
    """Cosine of each passage with the question, in [-1, 1], from the vectors in SQL."""
    stored = archive.database.vectors(sorted(ids))
    return {i: float(stored[i] @ vector) for i in stored}


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
