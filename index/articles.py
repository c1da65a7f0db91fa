"""Articles in SQL. Every function is part of its caller's transaction."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sql

from index.calendars import Span
from index.schema import Article, Filter
from index.tables import articles as table
from index.tables import universal


def insert(connection: sql.Connection, article: Article) -> None:
    """Store an article that is not there."""
    connection.execute(sql.insert(table).values(to_row(article)))


def delete(connection: sql.Connection, article_id: str) -> None:
    """Remove an article that has no passages."""
    connection.execute(sql.delete(table).where(table.c.id == article_id))


def get(connection: sql.Connection, article_id: str) -> Article | None:
    """The article with this id."""
    row = connection.execute(sql.select(table).where(table.c.id == article_id)).one_or_none()
    return from_row(row) if row else None


def fingerprints(connection: sql.Connection) -> dict[str, str]:
    """The fingerprint of every article, by its id."""
    query = sql.select(table.c.id, table.c.fingerprint)
    return {row[0]: row[1] for row in connection.execute(query)}


def fingerprint(connection: sql.Connection, article_id: str) -> str | None:
    """The fingerprint of the stored article, or None if there is none."""
    query = sql.select(table.c.fingerprint).where(table.c.id == article_id)
    return connection.execute(query).scalar_one_or_none()


def holds(connection: sql.Connection, key: str) -> bool:
    """Whether there is an article with this key."""
    return connection.execute(sql.select(table.c.id).where(table.c.key == key)).first() is not None


def count(connection: sql.Connection) -> int:
    """How many there are."""
    return connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one()


def undated(connection: sql.Connection) -> int:
    """How many have no date of publication."""
    query = sql.select(sql.func.count()).where(table.c.published.is_(None))
    return connection.execute(query).scalar_one()


def page(connection: sql.Connection, limit: int, offset: int) -> list[Article]:
    """Newest first; undated ones last."""
    by_date = (table.c.published.desc().nulls_last(), table.c.name, table.c.id)
    query = sql.select(table).order_by(*by_date).limit(limit).offset(offset)
    return [from_row(row) for row in connection.execute(query)]


def find(connection: sql.Connection, reference: str) -> list[Article]:
    """Those that go by this id, name, key or URL."""
    columns = (table.c.id, table.c.name, table.c.key, table.c.url)
    query = sql.select(table).where(sql.or_(*(c == reference for c in columns)))
    return [from_row(row) for row in connection.execute(query)]


def span(connection: sql.Connection) -> Span | None:
    """The first and the last day that they may be of; None if all are undated."""
    last = sql.func.max(sql.func.coalesce(table.c.published_last, table.c.published))
    first, end = connection.execute(sql.select(sql.func.min(table.c.published), last)).one()
    return (first, end) if first else None


def languages(connection: sql.Connection) -> list[str]:
    """Their languages, the most frequent first."""
    most = sql.func.count().desc()
    column = table.c.language
    query = sql.select(column).where(column.is_not(None)).group_by(column).order_by(most)
    return list(connection.execute(query).scalars())


def outlets(connection: sql.Connection) -> list[str]:
    """Their outlets, in alphabetical order."""
    column = table.c.outlet
    query = sql.select(column).where(column.is_not(None)).distinct().order_by(column)
    return list(connection.execute(query).scalars())


def conditions(allowed: Filter) -> Iterator[sql.ColumnElement[bool]]:
    """What the filter demands of a row."""
    published = table.c.published
    last = sql.func.coalesce(table.c.published_last, published)
    if allowed.since:
        yield sql.or_(published.is_(None), last >= allowed.since)
    if allowed.until:
        yield sql.or_(published.is_(None), published <= allowed.until)
    if allowed.outlets:
        yield table.c.outlet_folded.in_([outlet.casefold() for outlet in allowed.outlets])


def from_row(row: sql.Row[Any]) -> Article:
    """The article of a row that has, among others, all columns of the table."""
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
        published_as=values["published_as"],
        updated=values["updated"],
        updated_from=values["updated_from"],
        agency=values["agency"],
    )


def to_row(article: Article) -> dict[str, object]:
    """The article as the table has it."""
    made = {"outlet_folded", "published_last"}
    names = [column.name for column in table.columns if column.name not in made]
    row = {name: getattr(article, name) for name in names}
    row["published_last"] = article.last
    row["outlet_folded"] = article.outlet and article.outlet.casefold()
    row["fetched"] = universal(article.fetched or datetime.now(UTC))
    return row
