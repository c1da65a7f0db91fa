"""Why a search found what it found: read off the trace of that very search, never computed anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from index.archive import Archive
from index.ranking import NAMES, contributions
from index.retrieval import By, Seen, Trace, hits
from index.schema import Article, Candidate, Filter, Hit
from index.terms import Array

MOST_FEATURES = 5
SMALLEST = 0.005  # a feature that adds less is not worth naming

T = TypeVar("T", Hit, Candidate)
Stage = Literal["filter", "search", "copy", "rank", "reranker", "used"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one search had a passage."""

    by: By
    text: str  # what was searched for
    outlets: tuple[str, ...]  # the only ones looked among; empty means all
    rank: int  # from 1
    score: float  # BM25, or the cosine for "meaning"


@dataclass(frozen=True, slots=True)
class Weight:
    """What one feature adds to a score."""

    feature: str  # see `index.ranking.NAMES`
    value: float
    adds: float  # the value times its weight in the linear model


@dataclass(frozen=True, slots=True)
class Reasons:
    """The part that each stage played for a passage."""

    places: tuple[Place, ...]  # of the searches that found it
    features: tuple[Weight, ...]  # those that count most, the strongest first
    score: float  # of all features together
    rank: int  # by that score, from 1, among all candidates
    in_article: int  # ... among those of its article
    without_copies: int | None  # rank when copies had gone; None if it went with them


@dataclass(frozen=True, slots=True)
class Fate:
    """How far an article came, and why no further."""

    article: Article
    stage: Stage  # at which it fell out, or "used"
    detail: str  # one or two sentences
    best: Hit | None  # its best passage, if a search found one
    reasons: Reasons | None
    behind: tuple[Weight, ...]  # where that is behind the last passage used: the differences


def reasons(trace: Trace, hit: Hit | Candidate) -> Reasons:
    """The part that each stage played for a hit or a candidate of the trace."""
    row = _row(trace.seen, hit)
    adds = contributions(trace.seen.features)[row]
    ranked = [each.passage.id for each in trace.ranked]
    of_article = [h.passage.id for h in trace.ranked if h.article.id == hit.article.id]
    different = [each.passage.id for each in trace.different]
    return Reasons(
        tuple(_places(trace.seen, hit.passage.id)),
        _strongest(trace.seen.features[row], adds),
        float(adds.sum()),
        ranked.index(hit.passage.id) + 1,
        of_article.index(hit.passage.id) + 1,
        different.index(hit.passage.id) + 1 if hit.passage.id in different else None,
    )


def fate(archive: Archive, trace: Trace, article: Article) -> Fate:
    """How far this article of the archive came in the trace."""
    best = _best(trace.ranked, article)
    stage, detail = _stage(archive, trace, article, best)
    if best is None:
        return Fate(article, stage, detail, None, None, ())
    behind = () if stage == "used" else _behind(trace, best)
    ordered = _best(trace.ordered, article)  # with what the reranker gave it
    hit = ordered or next(iter(hits(archive, [best])), None)
    return Fate(article, stage, detail, hit, reasons(trace, best), behind)


def _stage(
    archive: Archive, trace: Trace, article: Article, best: Candidate | None
) -> tuple[Stage, str]:
    if not trace.allowed.admits(article.published, article.outlet, article.last):
        return "filter", _refusal(article, trace.allowed)
    if best is None:
        return "search", _unfound(archive, trace.seen, article)
    before = _rank(trace.different, article)
    if before is None:
        return "copy", _copied(archive, trace, article)
    after = _rank(trace.ordered, article) or (before if trace.whole else None)
    if after is None:
        return "reranker", f"The reranker '{trace.reranker}' left it out; before it was {before}."
    used = len(trace.hits)
    if after <= used:
        return "used", f"Its best passage has place {after} of {used}."
    if before <= used:
        return "reranker", (
            f"The reranker '{trace.reranker}' moved its best passage from place {before} to "
            f"{after}; the first {used} are used."
        )
    return "rank", f"Its best passage has place {after}; the first {used} are used."


def _refusal(article: Article, allowed: Filter) -> str:
    if allowed.admits(None, article.outlet):
        days = f"{allowed.since or 'the beginning'} to {allowed.until or 'today'}"
        on = "on" if article.precision in ("day", "minute") else "in"
        return f"It was published {on} {article.written}; only {days} was asked for."
    asked = ", ".join(allowed.outlets)
    return f"Its outlet is {article.outlet or 'not known'}; only {asked} was asked for."


def _unfound(archive: Archive, seen: Seen, article: Article) -> str:
    ids = archive.database.passages_of(article.id)
    if not ids:
        return "It has no passages: there is no text in it."
    searches = [f"{len(s.found)} by {s.by}" for s in seen.searches if s.found]
    told = f"Of its passages ({len(ids)}) none is among the first {_listed(searches)}."
    nearest = max(float(v @ seen.vector) for v in archive.database.vectors(ids).values())
    taken = [min(s.found.values()) for s in seen.searches if s.by == "meaning" and s.found]
    last = f", the last one taken {taken[0]:.2f}" if taken else ""
    return f"{told} The nearest has a cosine of {nearest:.2f}{last}."


def _copied(archive: Archive, trace: Trace, article: Article) -> str:
    copies = {copy.id for copy in archive.copies(article)}
    first = archive.get(next(c.article.id for c in trace.different if c.article.id in copies))
    known = [first.outlet, first.written]
    where = f" ({', '.join(part for part in known if part)})" if any(known) else ""
    return f"It is a copy of '{first.title or first.name}'{where}, of which a passage fits better."


def _behind(trace: Trace, hit: Candidate) -> tuple[Weight, ...]:
    """What the last passage used has more of, by what it adds."""
    if not trace.hits:
        return ()
    own, other = _row(trace.seen, hit), _row(trace.seen, trace.hits[-1])
    values = trace.seen.features[own] - trace.seen.features[other]
    adds = contributions(trace.seen.features)
    lacking = np.minimum(adds[own] - adds[other], 0.0)
    return _strongest(values, lacking)


def _strongest(values: Array, adds: Array) -> tuple[Weight, ...]:
    rows = zip(NAMES, values, adds, strict=True)
    every = [Weight(name, float(value), float(added)) for name, value, added in rows]
    told = [weight for weight in every if abs(weight.adds) >= SMALLEST]
    return tuple(sorted(told, key=lambda weight: -abs(weight.adds))[:MOST_FEATURES])


def _places(seen: Seen, passage_id: str) -> Iterable[Place]:
    for search in seen.searches:
        if passage_id in search.found:
            rank = list(search.found).index(passage_id) + 1
            score = search.found[passage_id]
            yield Place(search.by, search.text, search.outlets, rank, score)


def _row(seen: Seen, hit: Hit | Candidate) -> int:
    return [passage.id for passage, _ in seen.found].index(hit.passage.id)


def _best(hits: Sequence[T], article: Article) -> T | None:
    return next((hit for hit in hits if hit.article.id == article.id), None)


def _rank(hits: Sequence[Hit | Candidate], article: Article) -> int | None:
    """The place of the article's best passage, from 1."""
    return next((n for n, hit in enumerate(hits, 1) if hit.article.id == article.id), None)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
