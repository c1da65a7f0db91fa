"""JSON and JSON Lines files: many records, each read on its own, so one fault costs one record."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from index.errors import SourceError
from index.schema import Article
from index.sources.decoding import decode, looks_binary
from index.sources.files import MAX_FILE, load
from index.sources.records import from_record, identity

MAX_LINE = 5_000_000  # bytes; the file as a whole may be of any size


def read_lines(path: Path) -> Iterator[Article | SourceError]:
    """The articles of a JSON Lines file, one line in memory at a time."""
    corpus = _Corpus(path, "line")
    empty = True
    with path.open("rb") as file:
        _check_head(file)
        for number, line in _lines(file):
            if line is None or line.strip():
                empty = False
                yield corpus.read(line, number)
    if empty:
        raise SourceError("is empty")


def read_json(path: Path) -> Iterator[Article | SourceError]:
    """The articles of a JSON file: one object, a list of them, or {"articles": [...]}."""
    value = parse(decode(load(path, MAX_FILE)))
    if isinstance(value, dict) and "articles" in value:
        value = value["articles"]
    elif isinstance(value, dict) and identity(value) is None:
        yield from_record(value, path.resolve().as_posix(), path.name)
        return
    corpus = _Corpus(path, "item")
    if not isinstance(value, list | dict):
        raise SourceError('is no object, list of objects or {"articles": [...]}')
    for number, record in enumerate(value if isinstance(value, list) else [value], 1):
        yield corpus.take(record, number)


def parse(text: str) -> Any:
    """JSON as the standard has it: no NaN, no key twice, no endless depth."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
    except RecursionError:
        raise SourceError("is JSON nested too deeply: give plain objects") from None
    except json.JSONDecodeError as error:
        line = f"line {error.lineno} " if error.lineno > 1 else ""
        reason = f"{error.msg}, {line}column {error.colno}"
        raise SourceError(f"is not valid JSON ({reason})") from None
    except ValueError as error:  # a refusal of ours, or a number of thousands of digits
        raise SourceError(f"is not valid JSON ({str(error).partition(':')[0]})") from None


@dataclass(slots=True)
class _Corpus:
    """A file of records, and the keys already given out in it."""

    path: Path
    unit: str  # what the records are counted by: "line" or "item"
    places: dict[str, int] = field(default_factory=dict)

    def read(self, line: bytes | None, number: int) -> Article | SourceError:
        """The article on one line of JSON; None stands for a line that is too long."""
        try:
            if line is None:
                raise SourceError(f"is longer than {MAX_LINE // 1_000_000} MB")
            return self.take(parse(decode(line)), number)
        except SourceError as error:
            return self._fault(number, str(error))

    def take(self, record: object, number: int) -> Article | SourceError:
        """The article in one parsed record."""
        if not isinstance(record, dict):
            return self._fault(number, "is not a JSON object")
        given = identity(record)
        key = f"{self.path.resolve().as_posix()}#{given or number}"
        if key in self.places:
            where = f"{self.unit} {self.places[key]}"
            return self._fault(number, f"its id is that of {where}: give each article its own")
        try:
            article = from_record(record, key, given or f"{self.path.name}:{number}")
        except SourceError as error:
            return self._fault(number, str(error))
        self.places[key] = number
        return article

    def _fault(self, number: int, reason: str) -> SourceError:
        return SourceError(f"{self.path.name} {self.unit} {number}: {reason}")


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) <= MAX_LINE:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield number, None


def _check_head(file: BinaryIO) -> None:
    # Told once for the file: as errors of its lines this would be thousands.
    head = file.read(8192)
    file.seek(0)
    if looks_binary(head) or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError("looks binary or is UTF-16: JSON Lines must be UTF-8 text")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return found
