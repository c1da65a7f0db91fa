"""Passages and their vectors in SQL. Every function is part of its caller's transaction.

`pending` lists what the derived stores still have to do; it is written in the same transaction as
the change itself, so no kill can leave them behind without a trace. `embedded` says what each
vector was made of, so that the same is never embedded twice.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index import forward
from index.articles import conditions, from_row
from index.schema import Article, ArticleStub, Filter, Passage, PassageStub
from index.tables import articles, embedded, pages, pending, words
from index.tables import passages as table

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stubs:
    """What ranking needs of n passages."""

    found: Sequence[tuple[PassageStub, ArticleStub]]
    vectors: Vector  # shape (n, dimension); (0, 0) if there are none
    words: Sequence[bytes]  # see `index.forward`


# The ids as one text: a statement with a mark for each of them takes longer to make than to run.
_ASKED = sql.func.json_each(sql.bindparam("ids", type_=sql.String)).table_valued("value")
_OWN = table.c.id == _ASKED.c.value
_PLACES = sql.select(table.c.id, table.c.article_id, table.c.start, table.c.end).join_from(
    _ASKED, table, _OWN
)
_VECTORS = sql.select(table.c.id, table.c.vector).join_from(_ASKED, table, _OWN)
_ARTICLES = sql.select(articles).join_from(_ASKED, articles, articles.c.id == _ASKED.c.value)
_STUBS = (
    sql.select(
        *(table.c.id, table.c.article_id, table.c.start, table.c.end, table.c.vector, words.c.row),
        *(articles.c.outlet, articles.c.published, articles.c.published_as, articles.c.language),
    )
    .join_from(_ASKED, table, _OWN)
    .join(words, words.c.passage_id == table.c.id)
    .join(articles, articles.c.id == table.c.article_id)
)
# Decided here: SQLite would go through all articles of an outlet rather than these few.
_DECISIVE = (
    sql.select(table.c.id, articles.c.published, articles.c.outlet, articles.c.published_last)
    .join_from(_ASKED, table, _OWN)
    .join(articles, articles.c.id == table.c.article_id)
)


def insert(
    connection: sql.Connection,
    article: Article,
    passages: Sequence[Passage],
    vectors: Sequence[Vector],
    digests: Sequence[str],
) -> None:
    """Store the article's new passages with their vectors.

    digests: of what was embedded for each.
    """
    if not passages:
        return
    ids = [passage.id for passage in passages]
    made_of = [{"passage_id": i, "digest": d} for i, d in zip(ids, digests, strict=True)]
    connection.execute(sql.insert(table), list(_rows(passages, vectors)))
    connection.execute(sql.insert(embedded), made_of)
    number(connection, [(passage, article) for passage in passages])
    _note(connection, ids, delete=False)


def delete(connection: sql.Connection, article_id: str) -> None:
    """Remove the passages of an article."""
    of_article = table.c.article_id == article_id
    old = list(connection.execute(sql.select(table.c.id).where(of_article)).scalars())
    _note(connection, old, delete=True)
    for page in pages(old):
        connection.execute(sql.delete(embedded).where(embedded.c.passage_id.in_(page)))
    connection.execute(sql.delete(table).where(of_article))


def made_of(connection: sql.Connection, digests: Sequence[str]) -> dict[str, Vector]:
    """The vectors there are of what has these digests."""
    found = {}
    for page in pages(dict.fromkeys(digests)):
        query = (
            sql.select(embedded.c.digest, table.c.vector)
            .join_from(embedded, table, table.c.id == embedded.c.passage_id)
            .where(embedded.c.digest.in_(page))
        )
        for digest, blob in connection.execute(query):
            found[digest] = np.frombuffer(blob, np.float32)
    return found


def awaited(connection: sql.Connection, limit: int) -> list[tuple[str, bool]]:
    """Ids that the derived stores have yet to add, or to delete (True)."""
    query = sql.select(pending.c.passage_id, pending.c.delete).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(query)]


def settle(connection: sql.Connection, passage_ids: Sequence[str]) -> None:
    """The derived stores have done what was pending for these."""
    for page in pages(passage_ids):
        connection.execute(sql.delete(pending).where(pending.c.passage_id.in_(page)))


def count(connection: sql.Connection) -> int:
    """How many there are."""
    return connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one()


def ids(connection: sql.Connection) -> list[str]:
    """The ids of all."""
    return list(connection.execute(sql.select(table.c.id)).scalars())


def of(connection: sql.Connection, article_id: str) -> list[str]:
    """The ids of the article's own, in its order."""
    query = sql.select(table.c.id).where(table.c.article_id == article_id).order_by(table.c.start)
    return list(connection.execute(query).scalars())


def adopt(connection: sql.Connection, schema: str) -> None:
    """Take those of an attached database in place of all that are here; nothing is pending."""
    connection.execute(sql.delete(pending))
    connection.execute(sql.delete(embedded))
    connection.execute(sql.delete(table))  # and with them their words
    for each in (table, embedded, words):
        names = ", ".join(f'"{column.name}"' for column in each.columns)
        copy = f"INSERT INTO main.{each.name} ({names}) SELECT {names} FROM {schema}.{each.name}"
        connection.execute(sql.text(copy))


def load(
    connection: sql.Connection, passage_ids: Sequence[str]
) -> dict[str, tuple[Passage, Article]]:
    """Those that exist under these ids, each with its article."""
    places = connection.execute(_PLACES, {"ids": json.dumps(passage_ids)}).all()
    own = list(dict.fromkeys(row.article_id for row in places))
    whole = connection.execute(_ARTICLES, {"ids": json.dumps(own)}).all()
    of = {row.id: from_row(row) for row in whole}  # each once, however many passages it has
    return {
        i: (Passage(i, article_id, start, end, of[article_id].text[start:end]), of[article_id])
        for i, article_id, start, end in places
        if article_id in of  # it may have been deleted in between
    }


def stubs(connection: sql.Connection, passage_ids: Sequence[str]) -> Stubs:
    """Those that exist under these ids, in their order."""
    rows = connection.execute(_STUBS, {"ids": json.dumps(passage_ids)}).all()
    found = [
        (PassageStub(i, article_id, start, end), ArticleStub(article_id, *known))
        for i, article_id, start, end, _, _, *known in rows
    ]
    return Stubs(found, _stacked([row.vector for row in rows]), [row.row for row in rows])


def number(connection: sql.Connection, found: Sequence[tuple[Passage, Article]]) -> None:
    """Put the passages into the forward index, where they are not."""
    rows = [{"passage_id": p.id, "row": forward.row(p, article)} for p, article in found]
    connection.execute(sql.insert(words), rows)


def unnumbered(connection: sql.Connection) -> list[str]:
    """The ids of those that are not in the forward index."""
    sizes = [sql.select(sql.func.count()).select_from(each) for each in (table, words)]
    if len({connection.execute(size).scalar_one() for size in sizes}) == 1:
        return []
    none = words.c.passage_id.is_(None)
    query = sql.select(table.c.id).outerjoin(words, words.c.passage_id == table.c.id).where(none)
    return list(connection.execute(query).scalars())


def forget_numbers(connection: sql.Connection) -> None:
    """Empty the forward index."""
    connection.execute(sql.delete(words))


def vectors(connection: sql.Connection, passage_ids: Sequence[str]) -> dict[str, Vector]:
    """The vectors of those that exist under these ids."""
    rows = connection.execute(_VECTORS, {"ids": json.dumps(passage_ids)}).all()
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
    rows = connection.execute(_DECISIVE, {"ids": json.dumps(passage_ids)}).all()
    return {i for i, published, outlet, last in rows if allowed.admits(published, outlet, last)}


def _stacked(blobs: Sequence[bytes]) -> Vector:
    flat = np.frombuffer(b"".join(blobs), np.float32)
    return flat.reshape(len(blobs), -1) if blobs else flat.reshape(0, 0)


def _note(connection: sql.Connection, passage_ids: Sequence[str], *, delete: bool) -> None:
    for page in pages(passage_ids):
        connection.execute(sql.delete(pending).where(pending.c.passage_id.in_(page)))
        rows = [{"passage_id": passage_id, "delete": delete} for passage_id in page]
        connection.execute(sql.insert(pending), rows)


def _rows(passages: Sequence[Passage], vectors: Sequence[Vector]) -> Iterator[dict[str, object]]:
    for passage, vector in zip(passages, vectors, strict=True):
        yield {
            "id": passage.id,
            "article_id": passage.article_id,
            "start": passage.start,
            "end": passage.end,
            "vector": np.asarray(vector, np.float32).tobytes(),
        }
