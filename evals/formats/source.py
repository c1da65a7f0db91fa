"""A file or folder to import from, parsed once however many forms look at it."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from evals.case import lines, text_of
from index.errors import SourceError, UsageError
from index.sources.corpus import parse


class Source:
    """What lies at a path. Raises UsageError where it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise UsageError(f"Cannot read the set {path}: there is no such file or folder.")

    @property
    def suffix(self) -> str:
        """With its dot, in lower case; empty for a folder."""
        return "" if self.path.is_dir() else self.path.suffix.lower()

    @cached_property
    def value(self) -> Any:
        """A JSON file's content."""
        return json_of(self.path)

    @cached_property
    def first(self) -> dict[str, Any]:
        """The first record of a JSON Lines file; a faulty line is for `read` to tell."""
        for _, line in lines(self.path):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                return record
        return {}

    @cached_property
    def records(self) -> list[Any]:
        """The records of a JSON file: a list, or the list under "data" or "questions"."""
        value = self.value
        if isinstance(value, dict):
            value = value.get("data", value.get("questions"))
        if not isinstance(value, list):
            raise UsageError(f"{self.path} holds no list of questions.")
        return value

    @property
    def head(self) -> dict[str, Any]:
        """The first record of a .json or .jsonl file, for telling forms apart."""
        if self.suffix == ".jsonl":
            return self.first
        try:
            found = self.records[0] if self.suffix == ".json" and self.records else {}
        except UsageError:
            return {}
        return found if isinstance(found, dict) else {}


def json_of(path: Path) -> Any:
    """A JSON file's content."""
    text = text_of(path)
    try:
        return parse(text)
    except SourceError as error:
        raise UsageError(f"{path} {error}.") from None
