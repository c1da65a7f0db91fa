"""What speaks for a passage, as numbers: the features that `index.ranking` weighs.

Scores are z-scores over the candidates of the question, so that they mean the same in every
archive; a feature that does not apply is 0 for all of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.clauses import Parts
from index.embedding import Vectors
from index.lexical import HEADER_BOOST, stems
from index.schema import ArticleStub, PassageStub
from index.standing import ranks
from index.terms import Array, Table
from index.times import Window, named_days

DENSE_WEIGHT = 0.3  # against 1 for words, where a first order is needed
FEEDBACK = 5  # best passages that others are compared with
_NAME = re.compile(r"(?<=[\w,;:(’'\"] )[^\W\d_a-zà-öø-ÿ][\w’'-]*|\d[\d.,]*")

OWN = (
    "body",  # BM25 over the passage's words
    "header",  # ... over title, outlet and date
    "sentence",  # the most of the question's words that one sentence has
    "pairs",  # words that stand side by side in both
    "coverage",  # the question's words that it has, each counted once
    "coverage with header",
    "names",  # ... of capitalised words and figures
    "dense",  # cosine with the question
    "feedback",  # cosine with the best passages of the first order (Rocchio 1971)
    "clause",  # BM25 of the clause that suits it best
    "clauses",  # ... of all clauses, on average
    "clause body",
    "clause sentence",
    "outlet",  # is its outlet named
    "asked of outlet",  # BM25 of what is asked of its outlet
    "asked of outlet, body",
    "asked of outlet, sentence",
    "date",  # was it published in a time that the question names
    "outlet and date",  # ... that it names together with its outlet
    "article",  # the best passage of its article by the first order
    "article, three",  # the best three
    "rank in article",
    "best of article",
    "lead",  # is it the beginning of its article
    "rank for a clause",  # its place by the clause that suits it best
    "clause, least",  # BM25 of the clause that suits it least
)
_ANYWHERE = {"date", "outlet", "outlet and date", *(n for n in OWN if n.startswith("asked"))}
_BOTH = tuple(name for name in OWN if name not in _ANYWHERE)
_MEANING = ("dense", "feedback")
# What else counts for less, or more: where the question says in which outlets to look, and where
# question and passage are in one language that the embedder reads word by word (`index.glossing`).
FEATURES = (
    *OWN,
    *(f"{name}, outlet named" for name in _BOTH),
    *(f"{name}, glossed" for name in _MEANING),
)


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of a question, n of them."""

    found: Sequence[tuple[PassageStub, ArticleStub]]
    dense: Array  # cosines with the question, shape (n,)
    vectors: Vectors  # shape (n, dimension)
    known: NDArray[
        np.bool_
    ]  # (n,): where the embedder knows both the question's and the passage's language
    glossed: NDArray[np.bool_]  # (n,): where these are one language, and glossed for it


def feature_matrix(parts: Parts, table: Table, pool: Pool, wished: Window | None) -> Array:
    """Shape (n, len(FEATURES)); n is at least 1."""
    words = _words(parts, table)
    dense = z_scores(pool.dense, pool.known)
    everything = (table.body + HEADER_BOOST * table.header).sum(axis=1)
    first = z_scores(everything) + DENSE_WEIGHT * dense
    top = np.argsort(-first, kind="stable")[:FEEDBACK]
    feedback = (pool.vectors @ pool.vectors[top].mean(axis=0)).astype(float)
    columns = {
        **words,
        "dense": dense,
        "feedback": z_scores(feedback, pool.known),
        **_clauses(parts, table),
        **_outlets(parts, table, pool),
        **_dates(parts, pool, wished),
        **_articles(pool, first),
    }
    named = float(bool(parts.mentions))
    own = [columns[name] for name in OWN]
    where_named = [named * columns[name] for name in _BOTH]
    glossed = [pool.glossed * columns[name] for name in _MEANING]
    return np.stack([*own, *where_named, *glossed], axis=1)


def z_scores(values: Array, among: NDArray[np.bool_] | None = None) -> Array:
    """Standard deviations from the mean; with `among`, over those alone and 0 for the others."""
    chosen = np.ones(len(values), bool) if among is None else among
    if not chosen.any() or (spread := float(values[chosen].std())) < 1e-9:
        return np.zeros(len(values))
    return np.where(chosen, (values - values[chosen].mean()) / spread, 0.0)


def _words(parts: Parts, table: Table) -> dict[str, Array]:
    bare = table.mask(parts.bare)
    written = _NAME.findall(parts.bare)
    names = table.among({s for lang in table.languages.all for s in stems(" ".join(written), lang)})
    told, under = table.counts > 0, table.counts + table.header > 0
    scores = {
        "body": table.body @ bare,
        "header": table.header @ bare,
        "sentence": table.best_sentence(bare),
        "pairs": table.pairs,
        "coverage": told @ (table.idf * bare),
        "coverage with header": under @ (table.idf * bare),
        "names": under @ (table.idf * names),
    }
    return {name: z_scores(values) for name, values in scores.items()}


def _clauses(parts: Parts, table: Table) -> dict[str, Array]:
    masks = [table.mask(clause) for clause in parts.clauses or (parts.bare,)]
    body = [z_scores(table.body @ mask) for mask in masks]
    both = [z_scores((table.body + HEADER_BOOST * table.header) @ mask) for mask in masks]
    sentence = [z_scores(table.best_sentence(mask)) for mask in masks]
    found = {
        "clause": np.max(both, axis=0),
        "clauses": np.mean(both, axis=0),
        "clause body": np.max(body, axis=0),
        "clause sentence": np.max(sentence, axis=0),
        "rank for a clause": np.zeros(len(table.body)),
        "clause, least": np.zeros(len(table.body)),
    }
    if parts.clauses:
        places = [ranks(scores, np.zeros(len(scores), np.intp)) for scores in both]
        found |= {
            "rank for a clause": np.log1p(np.min(places, axis=0)),
            "clause, least": np.min(both, axis=0),
        }
    return found


def _outlets(parts: Parts, table: Table, pool: Pool) -> dict[str, Array]:
    named, best = np.zeros(len(pool.found)), np.full((3, len(pool.found)), -np.inf)
    bare = table.mask(parts.bare)
    for mention in parts.mentions:
        own = np.array([_outlet(article) in mention.outlets for _, article in pool.found])
        mask = table.mask(mention.text) * bare
        body, header = table.body @ mask, table.header @ mask
        scores = (body + HEADER_BOOST * header, body, table.best_sentence(mask))
        asked = np.stack([z_scores(values) for values in scores])
        best = np.where(own, np.maximum(best, asked), best)
        named[own] = 1
    best[:, named == 0] = 0
    names = ("asked of outlet", "asked of outlet, body", "asked of outlet, sentence")
    return {"outlet": named, **dict(zip(names, best, strict=True))}


def _dates(parts: Parts, pool: Pool, wished: Window | None) -> dict[str, Array]:
    windows = [*parts.days, *([wished] if wished else [])]
    if not windows:
        return {name: np.zeros(len(pool.found)) for name in ("date", "outlet and date")}
    together = [(m.outlets, day) for m in parts.mentions for day in named_days(m.text)]
    articles = [article for _, article in pool.found]
    both = [any(_outlet(a) in o and within(a, day) for o, day in together) for a in articles]
    return {
        "date": np.array([any(within(a, day) for day in windows) for a in articles], float),
        "outlet and date": np.array(both, float),
    }


def _outlet(article: ArticleStub) -> str:
    return (article.outlet or "").casefold()


def within(article: ArticleStub, window: Window | None) -> bool:
    """Whether the article was published in that time."""
    return window is not None and window.meets(article.published, article.last)


def _articles(pool: Pool, first: Array) -> dict[str, Array]:
    best, three, rank = (np.zeros(len(first)) for _ in range(3))
    ids = [passage.article_id for passage, _ in pool.found]
    _, own = np.unique(ids, return_inverse=True)
    order = np.lexsort((-first, own))  # by article, the best of each first
    starts = np.flatnonzero(np.diff(own[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    ranks = np.arange(len(order)) - np.repeat(starts, sizes)
    thirds = np.where(ranks < 3, first[order], 0.0) / 3
    rank[order], best[order] = ranks, np.repeat(first[order][starts], sizes)
    three[order] = np.repeat(np.add.reduceat(thirds, starts), sizes)
    return {
        "article": best,
        "article, three": three,
        "rank in article": np.log1p(rank),
        "best of article": (rank == 0).astype(float),
        "lead": np.array([float(passage.start == 0) for passage, _ in pool.found]),
    }
