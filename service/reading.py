"""An article as a reader has it: in the version that was cited or in the newest, with the rest."""

from dataclasses import dataclass

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
