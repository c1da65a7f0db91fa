"""The truth: articles, passages and their vectors in SQL. The home of SQLAlchemy.

SQLite in write-ahead mode with full synchronisation: what is committed survives a kill and a power
cut. `pending` lists what the derived stores still have to do; it is written in the same
transaction as the change itself, so no kill can leave them behind without a trace.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index import feedback, groups
from index.failing import explained
from index.feedback import Kept
from index.schema import Article, Copy, Filter, Passage, Visit

T = TypeVar("T")
PAGE = 900  # SQLite allows 32,766 variables in one statement, older builds 999

_metadata = sql.MetaData()
_meta = sql.Table(
    "meta",
    _metadata,
    sql.Column("key", sql.String, primary_key=True),
    sql.Column("value", sql.String, nullable=False),
)
_articles = sql.Table(
    "articles",
    _metadata,
    sql.Column("id", sql.String, primary_key=True),
    sql.Column("key", sql.String, nullable=False, unique=True),
    sql.Column("name", sql.String, nullable=False, index=True),
    sql.Column("text", sql.String, nullable=False),
    sql.Column("title", sql.String, nullable=False),
    sql.Column("published", sql.Date, index=True),
    sql.Column("published_from", sql.String),
    sql.Column("outlet", sql.String),
    sql.Column("outlet_folded", sql.String, index=True),  # SQL folds ASCII only
    sql.Column("author", sql.String),
    sql.Column("url", sql.String, index=True),
    sql.Column("language", sql.String),
    sql.Column("fetched", sql.DateTime, nullable=False),
    sql.Column("fingerprint", sql.String, nullable=False),
)
_passages = sql.Table(
    "passages",
    _metadata,
    sql.Column("id", sql.String, primary_key=True),
    sql.Column("article_id", sql.ForeignKey("articles.id"), nullable=False, index=True),
    sql.Column("start", sql.Integer, nullable=False),
    sql.Column("end", sql.Integer, nullable=False),
    sql.Column("vector", sql.LargeBinary, nullable=False),
)
_pending = sql.Table(
    "pending",
    _metadata,
    sql.Column("passage_id", sql.String, primary_key=True),
    sql.Column("delete", sql.Boolean, nullable=False),
)
_embedded = sql.Table(
    "embedded",
    _metadata,
    sql.Column("passage_id", sql.String, primary_key=True),
    sql.Column("digest", sql.String, nullable=False, index=True),  # of what was embedded, by whom
)
_visits = sql.Table(
    "visits",
    _metadata,
    sql.Column("address", sql.String, primary_key=True),
    sql.Column("checked", sql.DateTime, nullable=False),
    sql.Column("key", sql.String),
    sql.Column("etag", sql.String),
    sql.Column("modified", sql.String),
    sql.Column("fault", sql.String),
)


class Database:
    """Articles, passages and vectors; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._engine = sql.create_engine(f"sqlite:///{path}")
        sql.event.listen(self._engine, "connect", _make_durable)
        sql.event.listen(self._engine, "handle_error", partial(_fail, path))
        _metadata.create_all(self._engine)
        groups.metadata.create_all(self._engine)
        feedback.metadata.create_all(self._engine)

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def get_meta(self, key: str) -> str | None:
        """The value noted under the key, or None."""
        with self._engine.connect() as connection:
            query = sql.select(_meta.c.value).where(_meta.c.key == key)
            return connection.execute(query).scalar_one_or_none()

    def set_meta(self, key: str, value: str) -> None:
        """Note a value under the key."""
        with self._engine.begin() as connection:
            connection.execute(sql.delete(_meta).where(_meta.c.key == key))
            connection.execute(sql.insert(_meta).values(key=key, value=value))

    def put(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[NDArray[np.float32]],
        digests: Sequence[str],
    ) -> None:
        """Store the article in place of any earlier one with its key, and group it.

        digests: of what was embedded for each passage.
        """
        with self._engine.begin() as connection:
            _delete(connection, article.id)
            connection.execute(sql.insert(_articles).values(_row(article)))
            if passages:
                ids = [passage.id for passage in passages]
                rows = [{"passage_id": i, "digest": d} for i, d in zip(ids, digests, strict=True)]
                connection.execute(sql.insert(_passages), list(_passage_rows(passages, vectors)))
                connection.execute(sql.insert(_embedded), rows)
                _note(connection, ids, delete=False)
            groups.join(connection, article)

    def delete(self, article_id: str) -> None:
        """Remove the article and its passages; it leaves its group."""
        with self._engine.begin() as connection:
            _delete(connection, article_id)
            groups.leave(connection, article_id)

    def embedded(self, digests: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors there are of what has these digests."""
        found = {}
        with self._engine.connect() as connection:
            for page in _pages(dict.fromkeys(digests)):
                query = (
                    sql.select(_embedded.c.digest, _passages.c.vector)
                    .join_from(_embedded, _passages, _passages.c.id == _embedded.c.passage_id)
                    .where(_embedded.c.digest.in_(page))
                )
                for digest, blob in connection.execute(query):
                    found[digest] = np.frombuffer(blob, np.float32)
        return found

    def copies(self, article_ids: Sequence[str]) -> dict[str, tuple[str, tuple[Copy, ...]]]:
        """For each article its group and the others in it, earliest first, undated last."""
        with self._engine.connect() as connection:
            group_of = {
                article_id: group
                for page in _pages(dict.fromkeys(article_ids))
                for article_id, group in groups.of(connection, page).items()
            }
            members: dict[str, list[Copy]] = {}
            for page in _pages(dict.fromkeys(group_of.values())):
                for group, copy in _members(connection, page):
                    members.setdefault(group, []).append(copy)
        return {
            i: (group, tuple(copy for copy in members[group] if copy.id != i))
            for i, group in group_of.items()
        }

    def forget_groups(self) -> None:
        """Forget all groups; `group` makes them anew."""
        with self._engine.begin() as connection:
            groups.clear(connection)

    def group(self, limit: int) -> int:
        """Group at most `limit` of the articles that are in no group; how many these were."""
        none = groups.sketches.c.article_id.is_(None)
        beside = groups.sketches.c.article_id == _articles.c.id
        query = sql.select(_articles).outerjoin(groups.sketches, beside).where(none).limit(limit)
        with self._engine.begin() as connection:
            missing = [_article(row) for row in connection.execute(query)]
            for article in missing:
                groups.join(connection, article)
        return len(missing)

    def pending(self, limit: int = PAGE) -> list[tuple[str, bool]]:
        """Passage ids that the derived stores have yet to add, or to delete (True)."""
        query = sql.select(_pending.c.passage_id, _pending.c.delete).limit(limit)
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def settle(self, passage_ids: Sequence[str]) -> None:
        """The derived stores have done what was pending for these."""
        with self._engine.begin() as connection:
            for page in _pages(passage_ids):
                connection.execute(sql.delete(_pending).where(_pending.c.passage_id.in_(page)))

    def fingerprint(self, article_id: str) -> str | None:
        """The fingerprint of the stored article, or None if there is none."""
        query = sql.select(_articles.c.fingerprint).where(_articles.c.id == article_id)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def visit(self, address: str) -> Visit | None:
        """What was noted of the address at its last visit."""
        query = sql.select(_visits).where(_visits.c.address == address)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Visit(**{**row._mapping, "checked": row.checked.replace(tzinfo=UTC)})

    def note(self, visit: Visit) -> None:
        """Remember a visit in place of earlier ones to its address."""
        row = {column.name: getattr(visit, column.name) for column in _visits.columns}
        row["checked"] = _universal(visit.checked)
        with self._engine.begin() as connection:
            connection.execute(sql.delete(_visits).where(_visits.c.address == visit.address))
            connection.execute(sql.insert(_visits).values(row))

    def put_feedback(self, id: str, content: str) -> None:
        """Keep what was said of a question, in place of what was said of it before."""
        with self._engine.begin() as connection:
            feedback.put(connection, id, content)

    def feedback(self) -> list[Kept]:
        """What was said last of each question, the newest first."""
        with self._engine.connect() as connection:
            return feedback.kept(connection)

    def mark_drafted(self, numbers: Sequence[int]) -> None:
        """Note that the feedback of these numbers has been handed over as drafts."""
        with self._engine.begin() as connection:
            for page in _pages(numbers):
                feedback.mark(connection, page)

    def holds(self, key: str) -> bool:
        """Whether there is an article with this key."""
        query = sql.select(_articles.c.id).where(_articles.c.key == key)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        with self._engine.connect() as connection:
            articles, passages = (
                connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one()
                for table in (_articles, _passages)
            )
            return articles, passages

    def undated(self) -> int:
        """How many articles have no date of publication."""
        query = sql.select(sql.func.count()).where(_articles.c.published.is_(None))
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        """A page of articles, newest first; undated ones last."""
        by_date = (_articles.c.published.desc().nulls_last(), _articles.c.name, _articles.c.id)
        query = sql.select(_articles).order_by(*by_date).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return [_article(row) for row in connection.execute(query)]

    def find(self, reference: str) -> list[Article]:
        """Articles that go by this id, name, key or URL."""
        columns = (_articles.c.id, _articles.c.name, _articles.c.key, _articles.c.url)
        query = sql.select(_articles).where(sql.or_(*(c == reference for c in columns)))
        with self._engine.connect() as connection:
            return [_article(row) for row in connection.execute(query)]

    def languages(self) -> list[str]:
        """The languages of the articles, the most frequent first."""
        count = sql.func.count().desc()
        column = _articles.c.language
        query = sql.select(column).where(column.is_not(None)).group_by(column).order_by(count)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def outlets(self) -> list[str]:
        """The outlets of the articles, in alphabetical order."""
        column = _articles.c.outlet
        query = sql.select(column).where(column.is_not(None)).distinct().order_by(column)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def load(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
        """The passages that exist under these ids, each with its article."""
        found = {}
        for page in _pages(passage_ids):
            for row in self._joined(_passages.c.id.in_(page)):
                article = _article(row)
                text = article.text[row.start : row.end]
                passage = Passage(row.passage_id, article.id, row.start, row.end, text)
                found[passage.id] = (passage, article)
        return found

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the passages that exist under these ids."""
        found = {}
        columns = (_passages.c.id, _passages.c.vector)
        with self._engine.connect() as connection:
            for page in _pages(passage_ids):
                query = sql.select(*columns).where(_passages.c.id.in_(page))
                for passage_id, blob in connection.execute(query):
                    found[passage_id] = np.frombuffer(blob, np.float32)
        return found

    def passage_ids(self) -> list[str]:
        """The ids of all passages."""
        with self._engine.connect() as connection:
            return list(connection.execute(sql.select(_passages.c.id)).scalars())

    def admitted(self, allowed: Filter, limit: int) -> list[str]:
        """Ids of at most `limit` passages whose articles pass the filter."""
        query = (
            sql.select(_passages.c.id)
            .join(_articles, _articles.c.id == _passages.c.article_id)
            .where(*_conditions(allowed))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def admitted_among(self, passage_ids: Sequence[str], allowed: Filter) -> set[str]:
        """Those of the passages whose articles pass the filter."""
        return {
            row.passage_id
            for page in _pages(passage_ids)
            for row in self._joined(sql.and_(_passages.c.id.in_(page), *_conditions(allowed)))
        }

    def _joined(self, condition: sql.ColumnElement[bool]) -> list[sql.Row[Any]]:
        columns = (_passages.c.id.label("passage_id"), _passages.c.start, _passages.c.end)
        query = sql.select(*columns, _articles).join_from(_passages, _articles).where(condition)
        with self._engine.connect() as connection:
            return list(connection.execute(query))


def _make_durable(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _fail(path: Path, failure: sql.engine.ExceptionContext) -> None:
    error = failure.original_exception
    if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
        raise explained(error, path, "the archive")


def _conditions(allowed: Filter) -> Iterator[sql.ColumnElement[bool]]:
    published = _articles.c.published
    if allowed.since:
        yield sql.or_(published.is_(None), published >= allowed.since)
    if allowed.until:
        yield sql.or_(published.is_(None), published <= allowed.until)
    if allowed.outlets:
        yield _articles.c.outlet_folded.in_([outlet.casefold() for outlet in allowed.outlets])


def _delete(connection: sql.Connection, article_id: str) -> None:
    of_article = _passages.c.article_id == article_id
    old = list(connection.execute(sql.select(_passages.c.id).where(of_article)).scalars())
    _note(connection, old, delete=True)
    for page in _pages(old):
        connection.execute(sql.delete(_embedded).where(_embedded.c.passage_id.in_(page)))
    connection.execute(sql.delete(_passages).where(of_article))
    connection.execute(sql.delete(_articles).where(_articles.c.id == article_id))


def _members(connection: sql.Connection, page: Sequence[str]) -> Iterator[tuple[str, Copy]]:
    columns = ("id", "name", "title", "outlet", "published")
    sketches = groups.sketches
    query = (
        sql.select(sketches.c.group_id, *(_articles.c[name] for name in columns))
        .join_from(sketches, _articles, sketches.c.article_id == _articles.c.id)
        .where(sketches.c.group_id.in_(page))
        .order_by(_articles.c.published.nulls_last(), _articles.c.name, _articles.c.id)
    )
    for group, *values in connection.execute(query):
        yield group, Copy(**dict(zip(columns, values, strict=True)))


def _note(connection: sql.Connection, passage_ids: Sequence[str], *, delete: bool) -> None:
    for page in _pages(passage_ids):
        connection.execute(sql.delete(_pending).where(_pending.c.passage_id.in_(page)))
        rows = [{"passage_id": passage_id, "delete": delete} for passage_id in page]
        connection.execute(sql.insert(_pending), rows)


def _row(article: Article) -> dict[str, object]:
    names = [column.name for column in _articles.columns if column.name != "outlet_folded"]
    row = {name: getattr(article, name) for name in names}
    row["outlet_folded"] = article.outlet and article.outlet.casefold()
    row["fetched"] = _universal(article.fetched or datetime.now(UTC))
    return row


def _universal(moment: datetime) -> datetime:
    """The moment as it is stored: without a zone, always in universal time."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _article(row: sql.Row[Any]) -> Article:
    values = row._mapping
    published: date | None = values["published"]
    return Article(
        key=values["key"],
        name=values["name"],
        text=values["text"],
        title=values["title"],
        published=published,
        published_from=values["published_from"],
        outlet=values["outlet"],
        author=values["author"],
        url=values["url"],
        language=values["language"],
        fetched=values["fetched"].replace(tzinfo=UTC),
    )


def _passage_rows(
    passages: Sequence[Passage], vectors: Sequence[NDArray[np.float32]]
) -> Iterator[dict[str, object]]:
    for passage, vector in zip(passages, vectors, strict=True):
        yield {
            "id": passage.id,
            "article_id": passage.article_id,
            "start": passage.start,
            "end": passage.end,
            "vector": np.asarray(vector, np.float32).tobytes(),
        }


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    listed = list(items)
    yield from (listed[at : at + PAGE] for at in range(0, len(listed), PAGE))
