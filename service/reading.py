"""An article as a reader has it: in the version that was cited or in the newest, with the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from index.archive import Archive
from index.schema import Article, Copy


@dataclass(frozen=True, slots=True)
class Reading:
    """One version of an article, and what is known beside it."""

    article: Article
    also: tuple[Copy, ...] = ()  # where else the story stands
    history: tuple[Article, ...] = ()  # all versions of the article, newest first


def read(archive: Archive, reference: str, version: str | None = None) -> Reading:
    """The article that goes by this id, name, key or URL. Raises NotFound."""
    article = archive.version(reference, version)
    return Reading(article, archive.copies(article), tuple(archive.history(article)))


def changed_after(archive: Archive, articles: Iterable[Article], day: date) -> list[str]:
    """A sentence for each article whose present text came in after the day in place of another."""
    return [
        f"“{article.title or article.name}” was changed on {article.fetched.date()}, after {day}: "
        "the answer rests on its present text."
        for article in articles
        if article.fetched and article.fetched.date() > day and archive.database.earlier(article.id)
    ]
