"""The articles that came with a set: into an archive, or into a file for `dateline ingest`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.formats.gathered import Article as Record
from evals.formats.gathered import Gathered
from index.errors import SourceError
from index.schema import Article
from index.sources import from_record


def to_articles(gathered: Gathered) -> Iterator[Article]:
    """The articles as the archive takes them, under keys that the next run gives them too."""
    for record in gathered.articles:
        key = f"{gathered.path.resolve().as_posix()}#{record['id']}"
        try:
            yield from_record(record, key, record["id"])
        except SourceError as error:
            raise SourceError(f"{gathered.path}, article {record['id']!r}: {error}") from None


def write(path: Path, records: Sequence[Record]) -> None:
    """Write corpus lines."""
    with path.open("w", encoding="utf-8", errors="replace") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
