"""The tables of the archive in SQL, and how its file is opened.

What is done with them lies in a file per family: `articles`, `versions`, `passages` (with what is
embedded and pending, and the forward index), `loading` (passages by their ids), `groups`, `visits`
and `feedback`. Their functions take a connection and are part of its transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql

T = TypeVar("T")
PATIENCE = 60  # seconds that a writer waits for another, which may write the whole file anew
MAPPED = 1 << 34  # bytes of the file that are read without being copied; most builds stop at 2 GB
PAGE = 900  # SQLite allows 32,766 variables in one statement, older builds 999

metadata = sql.MetaData()
meta = sql.Table(
    "meta",
    metadata,
    sql.Column("key", sql.String, primary_key=True),
    sql.Column("value", sql.String, nullable=False),
)
articles = sql.Table(
    "articles",
    metadata,
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
    sql.Column("published_last", sql.Date),  # none in rows of before there was this column
    sql.Column("published_as", sql.String),
    sql.Column("updated", sql.String),
    sql.Column("updated_from", sql.String),
    sql.Column("agency", sql.String),
)
# Without these, listing outlets and counting what a filter admits would read every text.
_DAYS = (articles.c.published, articles.c.published_last, articles.c.id)
_COVERING = (
    sql.Index("ix_articles_outlet_language", articles.c.outlet, articles.c.language),
    sql.Index("ix_articles_outlet_days", articles.c.outlet_folded, *_DAYS),
    sql.Index("ix_articles_days", *_DAYS),
)
versions = sql.Table(
    "versions",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True),  # in the order in which they were kept
    sql.Column("id", sql.String, nullable=False, index=True),  # of the article
    sql.Column("version", sql.String, nullable=False),
    sql.Column("key", sql.String, nullable=False),
    sql.Column("name", sql.String, nullable=False),
    sql.Column("text", sql.String, nullable=False),
    sql.Column("title", sql.String, nullable=False),
    sql.Column("published", sql.Date),
    sql.Column("published_from", sql.String),
    sql.Column("outlet", sql.String),
    sql.Column("author", sql.String),
    sql.Column("url", sql.String),
    sql.Column("language", sql.String),
    sql.Column("fetched", sql.DateTime, nullable=False),
    sql.Column("published_as", sql.String),
    sql.Column("updated", sql.String),
    sql.Column("updated_from", sql.String),
    sql.Column("agency", sql.String),
)
cited = sql.Table(  # versions that answers rest on
    "cited",
    metadata,
    sql.Column("article_id", sql.String, primary_key=True),
    sql.Column("version", sql.String, primary_key=True),
    sqlite_with_rowid=False,
)
passages = sql.Table(
    "passages",
    metadata,
    sql.Column("id", sql.String, primary_key=True),
    sql.Column("article_id", sql.ForeignKey("articles.id"), nullable=False, index=True),
    sql.Column("start", sql.Integer, nullable=False),
    sql.Column("end", sql.Integer, nullable=False),
    sql.Column("vector", sql.LargeBinary, nullable=False),
)
pending = sql.Table(
    "pending",
    metadata,
    sql.Column("passage_id", sql.String, primary_key=True),
    sql.Column("delete", sql.Boolean, nullable=False),
)
words = sql.Table(
    "words",
    metadata,
    sql.Column("passage_id", sql.ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    sql.Column("row", sql.LargeBinary, nullable=False),  # see `index.forward`
)
embedded = sql.Table(
    "embedded",
    metadata,
    sql.Column("passage_id", sql.String, primary_key=True),
    sql.Column("digest", sql.String, nullable=False, index=True),  # of what was embedded, by whom
)
sketches = sql.Table(
    "sketches",
    metadata,
    sql.Column("article_id", sql.String, primary_key=True),
    sql.Column("group_id", sql.String, nullable=False, index=True),
    sql.Column("outlet", sql.String, nullable=False),
    sql.Column("shingles", sql.LargeBinary, nullable=False),
)
bands = sql.Table(
    "bands",
    metadata,
    sql.Column("band", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("article_id", sql.String, primary_key=True),
    sqlite_with_rowid=False,
)
visits = sql.Table(
    "visits",
    metadata,
    sql.Column("address", sql.String, primary_key=True),
    sql.Column("checked", sql.DateTime, nullable=False),
    sql.Column("key", sql.String),
    sql.Column("etag", sql.String),
    sql.Column("modified", sql.String),
    sql.Column("fault", sql.String),
)
feedback = sql.Table(
    "feedback",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("id", sql.String, nullable=False, unique=True),
    sql.Column("content", sql.String, nullable=False),
    sql.Column("drafted", sql.Boolean, nullable=False),
    sqlite_autoincrement=True,  # or a number would be given out again
)

# Ids as one text: a statement with a mark for each of them takes longer to make than to run.
ASKED = sql.func.json_each(sql.bindparam("ids", type_=sql.String)).table_valued("value")


def asked(ids: Iterable[str]) -> dict[str, str]:
    """What a statement over `ASKED` is executed with."""
    return {"ids": json.dumps(list(ids))}


def open_engine(path: Path, fail: Callable[[sql.engine.ExceptionContext], None]) -> sql.Engine:
    """The file with all tables in it, made if it is not there; `fail` is told of every error."""
    engine = sql.create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE})
    sql.event.listen(engine, "connect", _make_durable)
    sql.event.listen(engine, "handle_error", fail)
    metadata.create_all(engine)
    _add_columns(engine)
    for index in _COVERING:  # older archives have none
        index.create(engine, checkfirst=True)
    return engine


def pages(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of as many as one statement takes."""
    listed = list(items)
    yield from (listed[at : at + PAGE] for at in range(0, len(listed), PAGE))


def universal(moment: datetime) -> datetime:
    """The moment as it is stored: without a zone, always in universal time."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _add_columns(engine: sql.Engine) -> None:
    """Give the tables of an older archive the columns that have been thought of since."""
    inspector = sql.inspect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            there = {column["name"] for column in inspector.get_columns(table.name)}
            for column in table.columns:
                if column.name not in there:
                    kind = column.type.compile(engine.dialect)
                    add = f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}'
                    connection.execute(sql.text(add))


def _make_durable(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA mmap_size={MAPPED}")
