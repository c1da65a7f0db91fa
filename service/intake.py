"""Articles that come over HTTP: one record to one article, and many of them at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from index.archive import Archive
from index.errors import SourceError
from index.schema import Article
from index.sources import from_record
from index.sources.records import identity
from service.shapes import Shape

BATCH = 16  # articles embedded together, and what is finished before a stop
MAX_KEY = 2000  # characters
OUTCOMES = ("added", "changed", "unchanged", "failed")


def to_article(given: Mapping[str, object]) -> Article:
    """The article in a corpus line, which may have a `key` and a `name` of its own.

    Without a key, its id, its address or its text tells which earlier article it replaces.
    """
    key = _string(given, "key") or identity(given) or _string(given, "url") or _digest(given)
    name = _string(given, "name") or identity(given) or _string(given, "title") or key
    article = from_record(given, key, name, "the user")
    origin, other = _string(given, "published_from"), _string(given, "updated_from")
    return replace(
        article,
        published_from=origin if origin and article.published else article.published_from,
        updated_from=other if other and article.updated else article.updated_from,
    )


def take_in(archive: Archive, records: Sequence[Mapping[str, object]], first: int) -> list[Shape]:
    """Store what is an article, and say for each record, counted from `first`, what became of it.

    An article is kept once this returns.
    """
    read = [_read(given) for given in records]
    articles = [item for item in read if isinstance(item, Article)]
    outcomes = iter(archive.add(articles) if articles else [])
    return [
        {"article": item.name, "article_id": item.id, "outcome": next(outcomes)}
        if isinstance(item, Article)
        else {"index": index, "error": item}
        for index, item in enumerate(read, first)
    ]


def counts(results: Sequence[Shape]) -> dict[str, int]:
    """How many articles came to which end."""
    found = Counter(result.get("outcome", "failed") for result in results)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def _read(given: Mapping[str, object]) -> Article | str:
    try:
        return to_article(given)
    except SourceError as error:
        return str(error)


def _string(given: Mapping[str, object], field: str) -> str | None:
    value = given.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise SourceError(f"'{field}' is not text")
    if len(value) > MAX_KEY:
        raise SourceError(f"'{field}' is longer than {MAX_KEY:,} characters")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise SourceError(f"'{field}' holds characters that are no text")
    return value


def _digest(given: Mapping[str, object]) -> str:
    return "text:" + blake2b(repr(given.get("text")).encode(), digest_size=16).hexdigest()
