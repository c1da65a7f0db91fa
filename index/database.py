"""The truth: articles, passages and their vectors in SQL. Every method is one transaction.

SQLite in write-ahead mode with full synchronisation: what is committed survives a kill and a power
cut. What a transaction is made of lies beside its tables: see `tables`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from index import articles, feedback, groups, passages, versions, visits
from index.feedback import Kept
from index.schema import Article, Copy, Filter, Passage, Visit
from index.tables import PAGE, meta, open_engine, pages


class Database:
    """Articles, passages and vectors; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._engine = open_engine(path)

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
        with self._engine.begin() as connection:
            versions.keep(connection, article)
            passages.delete(connection, article.id)
            articles.delete(connection, article.id)
            articles.insert(connection, article)
            passages.insert(connection, new, vectors, digests)
            groups.join(connection, article)

    def delete(self, article: Article) -> None:
        """Remove all versions of the article and its passages; it leaves its group.

        Until `erase` and the like are done, the note "erase" says that traces may be left.
        """
        with self._engine.begin() as connection:
            passages.delete(connection, article.id)
            articles.delete(connection, article.id)
            versions.forget(connection, article.id)
            groups.leave(connection, article.id)
            visits.forget(connection, article.key)
            _set(connection, "erase", "due")

    def erase(self) -> bool:
        """Wipe what was deleted from the files themselves; False if a reader was in the way.

        Pages are overwritten as they are freed, but the log of writes holds older ones; so may the
        file of an archive that was made before they were, which is written anew, once.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.get_meta("secure") is None:
                connection.exec_driver_sql("VACUUM")
                self.set_meta("secure", "yes")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy

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

    def pending(self, limit: int = PAGE) -> list[tuple[str, bool]]:
        """Passage ids that the derived stores have yet to add, or to delete (True)."""
        with self._engine.connect() as connection:
            return passages.awaited(connection, limit)

    def settle(self, passage_ids: Sequence[str]) -> None:
        """The derived stores have done what was pending for these."""
        with self._engine.begin() as connection:
            passages.settle(connection, passage_ids)

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
        with self._engine.connect() as connection:
            return articles.count(connection), passages.count(connection)

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
        with self._engine.connect() as connection:
            return articles.languages(connection)

    def outlets(self) -> list[str]:
        """The outlets of the articles, in alphabetical order."""
        with self._engine.connect() as connection:
            return articles.outlets(connection)

    def load(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
        """The passages that exist under these ids, each with its article."""
        with self._engine.connect() as connection:
            return passages.load(connection, passage_ids)

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the passages that exist under these ids."""
        with self._engine.connect() as connection:
            return passages.vectors(connection, passage_ids)

    def passage_ids(self) -> list[str]:
        """The ids of all passages."""
        with self._engine.connect() as connection:
            return passages.ids(connection)

    def admitted(self, allowed: Filter, limit: int) -> list[str]:
        """Ids of at most `limit` passages whose articles pass the filter."""
        with self._engine.connect() as connection:
            return passages.admitted(connection, allowed, limit)

    def admitted_among(self, passage_ids: Sequence[str], allowed: Filter) -> set[str]:
        """Those of the passages whose articles pass the filter."""
        with self._engine.connect() as connection:
            return passages.admitted_among(connection, passage_ids, allowed)


def _set(connection: sql.Connection, key: str, value: str) -> None:
    connection.execute(sql.delete(meta).where(meta.c.key == key))
    connection.execute(sql.insert(meta).values(key=key, value=value))
