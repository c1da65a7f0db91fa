"""The truth: articles, passages and their vectors in SQL. Every method is one transaction.

SQLite in write-ahead mode with full synchronisation: what is committed survives a kill and a power
cut. What a transaction is made of lies beside its tables: see `tables`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index import articles, feedback, groups, loading, passages, versions, visits
from index.calendars import Span
from index.failing import explained
from index.feedback import Kept
from index.loading import Stubs
from index.schema import Article, Copy, Filter, Passage, Visit
from index.tables import PAGE, T, meta, open_engine, pages

ARCHIVE = "archive.sqlite"  # its file in the data directory
WIPED = "done"
VERSIONS = 50


class Database:
    """Articles, passages and vectors; every method is one transaction."""

    def __init__(self, path: Path, versions: int = VERSIONS) -> None:
        """versions: how many earlier ones of an article are kept, beside those that have to be."""
        self._versions = versions
        self._engine = open_engine(path, partial(_fail, path))
        self._known: dict[str, Any] = {}  # what every question asks for, until an article changes

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def get_meta(self, key: str) -> str | None:
        """The value noted under the key, or None."""
        with self._engine.connect() as connection:
            query = sql.select(meta.c.value).where(meta.c.key == key)
            return connection.execute(query).scalar_one_or_none()

    def set_meta(self, key: str, value: str) -> None:
        """Note a value under the key."""
        with self._engine.begin() as connection:
            _set(connection, key, value)

    def put(
        self,
        article: Article,
        new: Sequence[Passage],
        vectors: Sequence[NDArray[np.float32]],
        digests: Sequence[str],
    ) -> None:
        """Store the article as the newest version of any with its key, and group it.

        new: its passages; digests: of what was embedded for each of them.
        """
        since = self.cited_since  # before the transaction, for it may need one
        with self._changing() as connection:
            versions.keep(connection, article, self._versions, since)
            passages.delete(connection, article.id)
            articles.delete(connection, article.id)
            articles.insert(connection, article)
            passages.insert(connection, article, new, vectors, digests)
            groups.join(connection, article)

    def delete(self, article: Article) -> None:
        """Remove all versions of the article and its passages; it leaves its group.

        Until `erase` is done, the note "erase" says that traces may be left.
        """
        with self._changing() as connection:
            passages.delete(connection, article.id)
            articles.delete(connection, article.id)
            versions.forget(connection, article.id)
            groups.leave(connection, article.id)
            visits.forget(connection, article.key)
            _set(connection, "erase", uuid4().hex)

    def unwiped(self) -> str | None:
        """A word for what was deleted and may have left traces, another after each deletion."""
        word = self.get_meta("erase")
        return None if word in (None, WIPED) else word

    def cite(self, cited: Sequence[Article]) -> None:
        """Note that an answer rests on these articles as they read in their versions."""
        with self._engine.begin() as connection:
            versions.cite(connection, cited)

    @cached_property
    def cited_since(self) -> datetime:
        """When it began to be noted which versions are cited: at latest now."""
        if noted := self.get_meta("cited_since"):
            return datetime.fromisoformat(noted)
        now = datetime.now(UTC)
        self.set_meta("cited_since", now.isoformat())
        return now

    def erase(self, word: str) -> bool:
        """Wipe what was deleted from this file, when that is done elsewhere; False if not all.

        word: what `unwiped` said before; more may have been deleted since, or a reader be in the
        way. Pages are overwritten as they are freed, but the log of writes holds older ones; so may
        the file of an archive that was made before they were. That one, and one that is to a good
        part empty, is written anew.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.get_meta("secure") is None or _hollow(connection):
                connection.exec_driver_sql("VACUUM")
                self.set_meta("secure", "yes")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            return False
        with self._engine.begin() as connection:
            this = (meta.c.key == "erase") & (meta.c.value == word)
            done = connection.execute(sql.update(meta).where(this).values(value=WIPED))
        return bool(done.rowcount)

    def embedded(self, digests: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors there are of what has these digests."""
        with self._engine.connect() as connection:
            return passages.made_of(connection, digests)

    def copies(self, article_ids: Sequence[str]) -> dict[str, tuple[str, tuple[Copy, ...]]]:
        """For each article its group and the others in it, earliest first, undated last."""
        with self._engine.connect() as connection:
            return groups.beside(connection, article_ids)

    def forget_groups(self) -> None:
        """Forget all groups; `group` makes them anew."""
        with self._engine.begin() as connection:
            groups.clear(connection)

    def group(self, limit: int) -> int:
        """Group at most `limit` of the articles that are in no group; how many these were."""
        with self._engine.begin() as connection:
            missing = groups.without(connection, limit)
            for article in missing:
                groups.join(connection, article)
        return len(missing)

    def forget_numbers(self) -> None:
        """Empty the forward index; `number` fills it anew."""
        with self._engine.begin() as connection:
            passages.forget_numbers(connection)

    def unnumbered(self) -> list[str]:
        """The ids of the passages that are not in the forward index."""
        with self._engine.connect() as connection:
            return passages.unnumbered(connection)

    def number(self, passage_ids: Sequence[str]) -> None:
        """Put these passages, which are not there yet, into the forward index."""
        with self._engine.begin() as connection:
            found = loading.load(connection, passage_ids)
            passages.number(connection, list(found.values()))

    def pending(self, limit: int = PAGE) -> list[tuple[str, bool]]:
        """Passage ids that the derived stores have yet to add, or to delete (True)."""
        with self._engine.connect() as connection:
            return passages.awaited(connection, limit)

    def settle(self, passage_ids: Sequence[str]) -> None:
        """The derived stores have done what was pending for these."""
        with self._engine.begin() as connection:
            passages.settle(connection, passage_ids)

    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of every article, by its id."""
        with self._engine.connect() as connection:
            return articles.fingerprints(connection)

    def adopt(self, path: Path, notes: Mapping[str, str]) -> None:
        """Take the passages and vectors of another such file, which holds the same articles.

        In one transaction with the notes; nothing is pending afterwards.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sql.text("ATTACH DATABASE :path AS next"), {"path": str(path)})
            try:
                connection.execute(sql.text("BEGIN IMMEDIATE"))
                try:
                    passages.adopt(connection, "next")
                    for key, value in notes.items():
                        _set(connection, key, value)
                    connection.execute(sql.text("COMMIT"))
                except BaseException:
                    connection.execute(sql.text("ROLLBACK"))
                    raise
            finally:
                connection.execute(sql.text("DETACH DATABASE next"))

    def fingerprint(self, article_id: str) -> str | None:
        """The fingerprint of the stored article, or None if there is none."""
        with self._engine.connect() as connection:
            return articles.fingerprint(connection, article_id)

    def article(self, article_id: str) -> Article | None:
        """The newest version of the article with this id."""
        with self._engine.connect() as connection:
            return articles.get(connection, article_id)

    def earlier(self, article_id: str) -> list[Article]:
        """The versions of the article before the present one, newest first."""
        with self._engine.connect() as connection:
            return versions.earlier(connection, article_id)

    def visit(self, address: str) -> Visit | None:
        """What was noted of the address at its last visit."""
        with self._engine.connect() as connection:
            return visits.last(connection, address)

    def note(self, visit: Visit) -> None:
        """Remember a visit in place of earlier ones to its address."""
        with self._engine.begin() as connection:
            visits.note(connection, visit)

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
            for page in pages(numbers):
                feedback.mark(connection, page)

    def holds(self, key: str) -> bool:
        """Whether there is an article with this key."""
        with self._engine.connect() as connection:
            return articles.holds(connection, key)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        return self._remembered("articles", articles.count), self._remembered(
            "passages", passages.count
        )

    def undated(self) -> int:
        """How many articles have no date of publication."""
        with self._engine.connect() as connection:
            return articles.undated(connection)

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        """A page of articles, newest first; undated ones last."""
        with self._engine.connect() as connection:
            return articles.page(connection, limit, offset)

    def find(self, reference: str) -> list[Article]:
        """Articles that go by this id, name, key or URL."""
        with self._engine.connect() as connection:
            return articles.find(connection, reference)

    def languages(self) -> list[str]:
        """The languages of the articles, the most frequent first."""
        return list(self._remembered("languages", articles.languages))

    def span(self) -> Span | None:
        """The first and the last day that articles may be of; None if all are undated."""
        return self._remembered("span", articles.span)

    def outlets(self) -> list[str]:
        """The outlets of the articles, in alphabetical order."""
        return list(self._remembered("outlets", articles.outlets))

    def load(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
        """The passages that exist under these ids, each with its article."""
        with self._engine.connect() as connection:
            return loading.load(connection, passage_ids)

    def stubs(self, passage_ids: Sequence[str]) -> Stubs:
        """What ranking needs of the passages that exist under these ids, in their order."""
        with self._engine.connect() as connection:
            return loading.stubs(connection, passage_ids)

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the passages that exist under these ids."""
        with self._engine.connect() as connection:
            return loading.vectors(connection, passage_ids)

    def passage_ids(self) -> list[str]:
        """The ids of all passages."""
        with self._engine.connect() as connection:
            return passages.ids(connection)

    def passages_of(self, article_id: str) -> list[str]:
        """The ids of the article's passages, in its order."""
        with self._engine.connect() as connection:
            return passages.of(connection, article_id)

    def admitted(self, allowed: Filter) -> tuple[list[str], NDArray[np.float32]]:
        """Ids of the passages whose articles pass the filter, n of them, and their vectors.

        Shape (n, dimension); (0, 0) if there are none.
        """
        with self._engine.connect() as connection:
            return loading.admitted(connection, allowed)

    def admitted_among(self, passage_ids: Sequence[str], allowed: Filter) -> set[str]:
        """Those of the passages whose articles pass the filter."""
        with self._engine.connect() as connection:
            return loading.admitted_among(connection, passage_ids, allowed)

    def _remembered(self, name: str, read: Callable[[sql.Connection], T]) -> T:
        """What is read, kept under the name until an article changes."""
        known = self._known  # a change puts another in its place, and what is read now goes with it
        if name not in known:
            with self._engine.connect() as connection:
                known[name] = read(connection)
        found: T = known[name]
        return found

    @contextmanager
    def _changing(self) -> Iterator[sql.Connection]:
        """A transaction after which nothing that was known of the articles need be so."""
        try:
            with self._engine.begin() as connection:
                yield connection
        finally:
            self._known = {}


def _set(connection: sql.Connection, key: str, value: str) -> None:
    connection.execute(sql.delete(meta).where(meta.c.key == key))
    connection.execute(sql.insert(meta).values(key=key, value=value))


def _hollow(connection: sql.Connection) -> bool:
    """Whether more than a quarter of the file is empty."""
    free, whole = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("freelist_count", "page_count")
    )
    return bool(free * 4 > whole)


def _fail(path: Path, failure: sql.engine.ExceptionContext) -> None:
    error = failure.original_exception
    if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
        raise explained(error, path, "the archive")
