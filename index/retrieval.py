"""From a question to passages: candidates by words and by meaning, then ranked by a linear model.

Words are searched for the whole question, for each of its clauses, and among the articles of each
outlet that it names for what it asks of that outlet, and among those of its days that it names.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np

from index.archive import Archive
from index.clauses import Parts, parts
from index.embedding import Vectors
from index.features import FEATURES, Pool, feature_matrix, within
from index.forward import rows
from index.glossing import known, readable
from index.language import closest
from index.loading import Stubs
from index.narrowing import Narrowed
from index.ranking import NAMES, complete, scores
from index.reranking import Reranker, reranked
from index.schema import ArticleStub, Candidate, Filter, Hit, PassageStub
from index.terms import Array, Languages, Table
from index.times import Window, named_days
from index.translation import LANGUAGES
from index.understanding import Part

CANDIDATES = 100  # from each retriever
OF_PART = 20  # for each part of the question
MORE = 500  # ... where copies fill these
LOOKED_AT = 3  # times k: among so many of the best there are mostly k that are no copies


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

    found: Sequence[tuple[PassageStub, ArticleStub]]
    features: Array  # shape (n, len(NAMES))
    parts: Sequence[dict[str, float]]  # what each retriever gave
    searches: Sequence[Search]
    vector: Vectors  # of the question, shape (dimension,)


@dataclass(frozen=True, slots=True)
class Trace:
    """How the hits came about: the passages after each stage, best first."""

    seen: Seen
    ranked: Sequence[Candidate]  # all of them
    different: Sequence[Candidate]  # less those of copies, as far down as that matters
    ordered: Sequence[Hit]  # the first ones, after the reranker, if there is one
    whole: bool  # whether the reranker left none of them out
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
    without: Collection[Part] = (),
) -> list[Hit]:
    """The k best passages among the admitted ones, best first; undated articles are admitted.

    Passages published in the wished time, and those of outlets that the question names, move up.
    Of articles that are copies of each other only the one with the best passage is used.
    without: "time" and "outlets" keep what the question says of them from moving anything.
    """
    return list(trace(archive, text, allowed, k, wished, reranker, without).hits)


def trace(
    archive: Archive,
    text: str,
    allowed: Filter,
    k: int,
    wished: Window | None = None,
    reranker: Reranker | None = None,
    without: Collection[Part] = (),
) -> Trace:
    """What `search` finds, and the way to it."""
    with archive.searching():
        # What the reranker may move up has to be free of copies too.
        wanted = max(LOOKED_AT * k, reranker.first if reranker else 0)
        seen, ranked, different = _looked(archive, text, allowed, k, wanted, wished, without)
        first = hits(archive, different[: max(k, reranker.first if reranker else 0)])
    ordered = reranked(text, first, reranker)
    whole = len(ordered) == len(first)
    name = reranker.name if reranker else None
    return Trace(seen, ranked, different, ordered, whole, ordered[:k], allowed, name)


def hits(archive: Archive, candidates: Sequence[Candidate]) -> list[Hit]:
    """The candidates with their texts, in the same order."""
    loaded = archive.database.load([candidate.passage.id for candidate in candidates])
    return [
        Hit(*loaded[c.passage.id], c.score, c.parts, c.also)
        for c in candidates
        if c.passage.id in loaded  # it may have been deleted in between
    ]


def _looked(
    archive: Archive,
    text: str,
    allowed: Filter,
    k: int,
    wanted: int,
    wished: Window | None,
    without: Collection[Part],
) -> tuple[Seen, list[Candidate], list[Candidate]]:
    """What was seen, ranked, and less the copies, which are made up for.

    wanted: how many of the best are looked at for copies, at least.
    """
    for many in (CANDIDATES, MORE):
        seen = look(archive, text, allowed, wished, many, without)
        ranked = _ranked(seen)
        head, rest = ranked[:wanted], ranked[wanted:]
        different = _without_copies(archive, head, allowed)
        if len(different) >= k:
            different += rest
        else:
            different = _without_copies(archive, ranked, allowed)
        if len(different) >= k or len(different) == len(ranked):  # copies took nobody's place
            break
    return seen, ranked, different


def look(
    archive: Archive,
    text: str,
    allowed: Filter,
    wished: Window | None = None,
    many: int = CANDIDATES,
    without: Collection[Part] = (),
) -> Seen:
    """The passages that may answer, not yet ranked, copies and all; many: from each retriever."""
    outlets = [] if "outlets" in without else archive.database.outlets()
    asked = parts(text, [outlet.casefold() for outlet in outlets])
    asked = replace(asked, days=()) if "time" in without else asked
    spoken = tuple(archive.database.languages())
    languages = Languages(closest(text, [*spoken, *LANGUAGES]), spoken)
    embedder = archive.embedder
    vector = embedder.embed_question(readable(text, languages.question, embedder.languages))
    narrowed = Narrowed(archive, allowed)
    words = Search("words", text, narrowed.words(text, languages, many))
    meaning = Search("meaning", text, narrowed.nearest(vector, many))
    of_clauses = _of_clauses(narrowed, asked, languages, words)
    of_outlets = _of_outlets(archive, asked, languages, allowed)
    searches = [words, *of_clauses, *of_outlets, meaning]
    stubs = archive.database.stubs(sorted({i for search in searches for i in search.found}))
    if not stubs.found:
        return Seen([], np.zeros((0, len(NAMES))), [], searches, vector)
    pool = _pool(archive, stubs, vector, languages.question)
    table = Table(
        text,
        languages,
        rows(stubs.words),
        archive.lexical.document_frequency,
        archive.database.counts()[1],
    )
    matrix = complete(feature_matrix(asked, table, pool, wished), stubs.found)
    named = matrix[:, FEATURES.index("outlet")]
    given = [
        {
            "lexical": words.found.get(passage.id, 0.0),
            "dense": float(cosine),
            "time": float(within(article, wished)),
            "outlet": float(named),
        }
        for (passage, article), cosine, named in zip(stubs.found, pool.dense, named, strict=True)
    ]
    return Seen(stubs.found, matrix, given, searches, vector)


def _ranked(seen: Seen) -> list[Candidate]:
    ranked = zip(seen.found, scores(seen.features).tolist(), seen.parts, strict=True)
    found = [
        Candidate(passage, article, score, given) for (passage, article), score, given in ranked
    ]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.passage.id))


def _of_clauses(
    narrowed: Narrowed, asked: Parts, languages: Languages, whole: Search
) -> Iterator[Search]:
    """The best passages for each clause."""
    for text in (asked.bare, *asked.clauses):
        if text == whole.text:  # it has been searched for
            yield Search("clause", text, dict(islice(whole.found.items(), OF_PART)))
        else:
            yield Search("clause", text, narrowed.words(text, languages, OF_PART))


def _of_outlets(
    archive: Archive, asked: Parts, languages: Languages, allowed: Filter
) -> Iterator[Search]:
    """The best passages for what is asked of each outlet, among its own.

    Where it is asked of one of its days ("The Age's report of October 2, 2023"), among those too.
    """
    wanted = {outlet.casefold() for outlet in allowed.outlets}
    for mention in asked.mentions:
        if outlets := mention.outlets & wanted if wanted else mention.outlets:
            among = replace(allowed, outlets=tuple(sorted(outlets)))
            days = named_days(mention.text) if asked.days else []
            dated = [(asked.bare, _of_day(among, day)) for day in days]
            for text, where in ((mention.text, among), *dated):
                beside = languages.beside(text)
                found = archive.lexical.search(text, languages.all, where, OF_PART, beside)
                yield Search("outlet", text, dict(found), among.outlets)


def _of_day(allowed: Filter, day: Window) -> Filter:
    """What is admitted and may be of that time."""
    since = max(filter(None, (allowed.since, day.since)), default=None)
    until = min(filter(None, (allowed.until, day.until)), default=None)
    return replace(allowed, since=since, until=until)


def _pool(archive: Archive, stubs: Stubs, vector: Vectors, language: str | None) -> Pool:
    own = archive.embedder.languages
    read = known(own)
    spoken = [article.language or language for _, article in stubs.found]
    told = [read is None or {language, each} <= read for each in spoken]
    same = read is not None and language in read and language not in (own or ())
    glossed = [same and each == language for each in spoken]
    dense = (stubs.vectors @ vector).astype(float)
    return Pool(stubs.found, dense, stubs.vectors, np.array(told, bool), np.array(glossed, bool))


def _without_copies(
    archive: Archive, ranked: Sequence[Candidate], allowed: Filter
) -> list[Candidate]:
    """Those of articles of which no copy is ahead, each with its admitted copies."""
    copies = archive.database.copies([each.article.id for each in ranked])
    first: dict[str, str] = {}  # the article that stands for a group
    kept = []
    for each in ranked:
        group, others = copies.get(each.article.id, (each.article.id, ()))
        if first.setdefault(group, each.article.id) == each.article.id:
            also = tuple(c for c in others if allowed.admits(c.published, c.outlet, c.last))
            kept.append(replace(each, also=also) if also else each)
    return kept
