"""Passages and their vectors in SQL. Every function is part of its caller's transaction.

`pending` lists what the derived stores still have to do; it is written in the same transaction as
the change itself, so no kill can leave them behind without a trace. `embedded` says what each
vector was made of, so that the same is never embedded twice.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index import forward
from index.schema import Article, Passage
from index.tables import embedded, pages, pending, words
from index.tables import passages as table

Vector = NDArray[np.float32]


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
