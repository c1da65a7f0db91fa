"""Files in, articles out. One file per format; a fault is told, and the rest goes on."""

from collections.abc import Iterator
from pathlib import Path

from index.errors import SourceError
from index.schema import Article
from index.sources import confined, corpus, markdown
from index.sources.decoding import decode
from index.sources.draft import Draft, finish
from index.sources.files import MAX_FILE, check, find, load, printable
from index.sources.records import from_record

__all__ = ["find", "from_record", "read"]


def read(path: Path) -> Iterator[Article | SourceError]:
    """The articles of one file, in order; what cannot be read comes as an error in its place."""
    try:
        check(path)
        yield from _articles(path)
    except SourceError as error:
        yield SourceError(f"{printable(path.name)}: {error}")
    except OSError as error:
        yield SourceError(f"{printable(path.name)}: cannot be read: {error.strerror}")


def _articles(path: Path) -> Iterator[Article | SourceError]:
    match path.suffix.lower():
        case ".jsonl":
            yield from corpus.read_lines(path)
        case ".json":
            yield from corpus.read_json(path)
        case suffix:
            yield finish(_draft(path, suffix), path.resolve().as_posix(), path.name)


def _draft(path: Path, suffix: str) -> Draft:
    data = load(path, MAX_FILE)
    match suffix:
        case ".html" | ".htm":
            return confined.read("html", data)
        case ".pdf" | ".docx":
            return confined.read(suffix[1:], data)
        case ".txt":
            return Draft(decode(data))
        case _:
            return markdown.read(decode(data))
