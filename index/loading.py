"""What SQL holds of given passages. Every function is part of its caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index.articles import conditions, from_row
from index.schema import Article, ArticleStub, Filter, Passage, PassageStub
from index.tables import ASKED, articles, asked, words
from index.tables import passages as table

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stubs:
    """What ranking needs of n passages."""

    found: Sequence[tuple[PassageStub, ArticleStub]]
    vectors: Vector  # shape (n, dimension); (0, 0) if there are none
    words: Sequence[bytes]  # see `index.forward`


_OWN = table.c.id == ASKED.c.value
_PLACES = sql.select(table.c.id, table.c.article_id, table.c.start, table.c.end).join_from(
    ASKED, table, _OWN
)
_VECTORS = sql.select(table.c.id, table.c.vector).join_from(ASKED, table, _OWN)
_ARTICLES = sql.select(articles).join_from(ASKED, articles, articles.c.id == ASKED.c.value)
_STUBS = (
    sql.select(
        *(table.c.id, table.c.article_id, table.c.start, table.c.end, table.c.vector, words.c.row),
        *(articles.c.outlet, articles.c.published, articles.c.published_as, articles.c.language),
    )
    .join_from(ASKED, table, _OWN)
    .join(words, words.c.passage_id == table.c.id)
    .join(articles, articles.c.id == table.c.article_id)
)
# Decided here: SQLite would go through all articles of an outlet rather than these few.
_DECISIVE = (
    sql.select(table.c.id, articles.c.published, articles.c.outlet, articles.c.published_last)
    .join_from(ASKED, table, _OWN)
    .join(articles, articles.c.id == table.c.article_id)
)


def load(
    connection: sql.Connection, passage_ids: Sequence[str]
) -> dict[str, tuple[Passage, Article]]:
    """Those that exist under these ids, each with its article."""
    places = connection.execute(_PLACES, asked(passage_ids)).all()
    own = list(dict.fromkeys(row.article_id for row in places))
    whole = connection.execute(_ARTICLES, asked(own)).all()
    of = {row.id: from_row(row) for row in whole}  # each once, however many passages it has
    return {
        i: (Passage(i, article_id, start, end, of[article_id].text[start:end]), of[article_id])
        for i, article_id, start, end in places
        if article_id in of  # it may have been deleted in between
    }


def stubs(connection: sql.Connection, passage_ids: Sequence[str]) -> Stubs:
    """Those that exist under these ids, in their order."""
    rows = connection.execute(_STUBS, asked(passage_ids)).all()
    found = [
        (PassageStub(i, article_id, start, end), ArticleStub(article_id, *known))
        for i, article_id, start, end, _, _, *known in rows
    ]
    return Stubs(found, _stacked([row.vector for row in rows]), [row.row for row in rows])


def vectors(connection: sql.Connection, passage_ids: Sequence[str]) -> dict[str, Vector]:
    """The vectors of those that exist under these ids."""
    rows = connection.execute(_VECTORS, asked(passage_ids)).all()
    return {passage_id: np.frombuffer(blob, np.float32) for passage_id, blob in rows}


def admitted(connection: sql.Connection, allowed: Filter) -> tuple[list[str], Vector]:
    """Ids of the passages whose articles pass the filter, n of them, and their vectors.

    Shape (n, dimension); (0, 0) if there are none.
    """
    of_article = articles.c.id == table.c.article_id
    query = sql.select(table.c.id, table.c.vector).join(articles, of_article)
    rows = connection.execute(query.where(*conditions(allowed))).all()
    return [i for i, _ in rows], _stacked([blob for _, blob in rows])


def admitted_among(
    connection: sql.Connection, passage_ids: Sequence[str], allowed: Filter
) -> set[str]:
    """Those of the passages whose articles pass the filter."""
    rows = connection.execute(_DECISIVE, asked(passage_ids)).all()
    return {i for i, published, outlet, last in rows if allowed.admits(published, outlet, last)}


def _stacked(blobs: Sequence[bytes]) -> Vector:
    flat = np.frombuffer(b"".join(blobs), np.float32)
    return flat.reshape(len(blobs), -1) if blobs else flat.reshape(0, 0)
