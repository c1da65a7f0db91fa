"""Articles to look things up in: files as `dateline ingest` takes them, or a data directory."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from index import sources
from index.database import ARCHIVE, Database
from index.errors import SourceError, UsageError
from index.ingest import find
from index.schema import Article


def read(paths: Iterable[Path]) -> tuple[list[Article], list[str]]:
    """The articles under the paths, and what cannot be read. UsageError if there are none."""
    articles: list[Article] = []
    others: list[Path] = []
    for path in paths:
        if (path / ARCHIVE).is_file():
            articles += _stored(path / ARCHIVE)
        else:
            others.append(path)
    files, faults = find(others)
    for item in (item for path in files for item in sources.read(path)):
        if isinstance(item, SourceError):
            faults.append(str(item))
        else:
            articles.append(item)
    if not articles:
        raise UsageError(" ".join(faults) or "There are no articles: give a folder with some.")
    return articles, faults


def by_name(articles: Sequence[Article]) -> Mapping[str, Article]:
    """The articles by every name that a set may use: name, id and URL."""
    return {name: a for a in articles for name in (a.url, a.id, a.name) if name}


def _stored(path: Path) -> list[Article]:
    database = Database(path)
    try:
        total, _ = database.counts()
        return database.articles(total)
    finally:
        database.close()
