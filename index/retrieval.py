"""From a question to passages: candidates by words and by meaning, then ranked by a linear model.

Words are searched for the whole question, for each of its clauses, and among the articles of each
outlet that it names for what it asks of that outlet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from index.archive import Archive
from index.clauses import Parts, parts
from index.embedding import Vectors
from index.features import FEATURES, Pool, feature_matrix, within
from index.language import closest
from index.ranking import scores
from index.reranking import Reranker, reranked
from index.schema import Article, Filter, Hit, Passage
from index.terms import Array, Languages, Table
from index.translation import LANGUAGES
from index.understanding import Window

CANDIDATES = 100  # from each retriever
OF_PART = 20  # for each part of the question
MORE = 500  # ... where copies fill these
EXACT_LIMIT = 5000  # a filter that admits fewer passages is searched exactly


By = Literal["words", "clause", "outlet", "meaning"]


@dataclass(frozen=True, slots=True)
class Search:
    """One of the searches that a question is made of, and what it found."""

    by: By  # "words": of the whole question; "clause", "outlet": of a part of it
    text: str  # what was searched for
    found: Mapping[str, float]  # score of each passage by its id, best first
    outlets: tuple[str, ...] = ()  # the only ones it looked among; empty means all


@dataclass(frozen=True, slots=True)
class Seen:
    """The candidates of a question, n of them, and what speaks for each."""

    found: Sequence[tuple[Passage, Article]]
    features: Array  # shape (n, len(FEATURES))
    parts: Sequence[dict[str, float]]  # what each retriever gave
    searches: Sequence[Search]
    vector: Vectors  # of the question, shape (dimension,)


@dataclass(frozen=True, slots=True)
class Trace:
    """How the hits came about: the passages after each stage, best first."""

    seen: Seen
    ranked: Sequence[Hit]  # all candidates
    different: Sequence[Hit]  # less those of copies
    ordered: Sequence[Hit]  # after the reranker, if there is one
    hits: Sequence[Hit]  # the k that are used
    allowed: Filter
    reranker: str | None  # its name


def search(
    archive: Archive,
    text: str,
    allowed: Filter,
    k: int,
    wished: Window | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """The k best passages among the admitted ones, best first; undated articles are admitted.

    Passages published in the wished time, and those of outlets that the question names, move up.
    Of articles that are copies of each other only the one with the best passage is used.
    """
    return list(trace(archive, text, allowed, k, wished, reranker).hits)


def trace(
    archive: Archive,
    text: str,
    allowed: Filter,
    k: int,
    wished: Window | None = None,
    reranker: Reranker | None = None,
) -> Trace:
    """What `search` finds, and the way to it."""
    with archive.searching():
        seen, hits, different = _looked(archive, text, allowed, k, wished)
    ordered = reranked(text, different, reranker)
    name = reranker.name if reranker else None
    return Trace(seen, hits, different, ordered, ordered[:k], allowed, name)


def _looked(
    archive: Archive, text: str, allowed: Filter, k: int, wished: Window | None
) -> tuple[Seen, list[Hit], list[Hit]]:
    """What was seen, ranked, and less the hits of copies; the copies are made up for."""
    for many in (CANDIDATES, MORE):
        seen = look(archive, text, allowed, wished, many)
        hits = _ranked(seen)
        different = _without_copies(archive, hits, allowed)
        if len(different) >= k or len(different) == len(hits):  # copies took nobody's place
            break
    return seen, hits, different


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
    vector = archive.embedder.embed_question(text)
    words = Search("words", text, dict(_lexical(archive, text, languages, allowed, many)))
    meaning = Search("meaning", text, _nearest(archive, vector, allowed, many))
    searches = [words, *_of_parts(archive, asked, languages, allowed), meaning]
    loaded = archive.database.load(sorted({i for search in searches for i in search.found}))
    found = list(loaded.values())
    if not found:
        return Seen([], np.zeros((0, len(FEATURES))), [], searches, vector)
    pool = _pool(archive, found, vector, languages.question)
    table = Table(
        text, languages, found, archive.lexical.document_frequency, archive.database.counts()[1]
    )
    matrix = feature_matrix(asked, table, pool, wished)
    named = matrix[:, FEATURES.index("outlet")]
    given = [
        {
            "lexical": words.found.get(passage.id, 0.0),
            "dense": float(cosine),
            "time": float(within(article, wished)),
            "outlet": float(named),
        }
        for (passage, article), cosine, named in zip(found, pool.dense, named, strict=True)
    ]
    return Seen(found, matrix, given, searches, vector)


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
) -> Iterator[Search]:
    """The best passages for each clause, and for what is asked of each outlet among its own."""
    wanted = {outlet.casefold() for outlet in allowed.outlets}
    for text in (asked.bare, *asked.clauses):
        yield Search("clause", text, dict(_lexical(archive, text, languages, allowed, OF_PART)))
    for mention in asked.mentions:
        if outlets := mention.outlets & wanted if wanted else mention.outlets:
            among = replace(allowed, outlets=tuple(sorted(outlets)))
            found = dict(_lexical(archive, mention.text, languages, among, OF_PART))
            yield Search("outlet", mention.text, found, among.outlets)


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


def _nearest(archive: Archive, vector: Vectors, allowed: Filter, many: int) -> dict[str, float]:
    """Cosines of the nearest admitted passages: exact where few are admitted, else over-fetched.

    Chroma's own filters cost more than a hundred times the search itself.
    """
    if allowed == Filter():
        return dict(archive.vectors.search(vector, many))
    admitted = archive.database.admitted(allowed, EXACT_LIMIT + 1)
    if len(admitted) <= EXACT_LIMIT:
        scores = _similarities(archive, vector, admitted)
        return _first(sorted(scores.items(), key=lambda each: (-each[1], each[0])), many)
    wide = archive.vectors.search(vector, 10 * many)
    passing = archive.database.admitted_among([i for i, _ in wide], allowed)
    return _first([each for each in wide if each[0] in passing], many)


def _first(scored: Iterable[tuple[str, float]], many: int) -> dict[str, float]:
    return dict(list(scored)[:many])


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
            also = tuple(c for c in others if allowed.admits(c.published, c.outlet, c.last))
            kept.append(replace(hit, also=also))
    return kept
