"""What an import found: cases, articles, and every fault with the place it stands at."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.case import Case, parse, refusal
from index.errors import SourceError, UsageError
from index.sources.records import identity, to_draft, web_address

Record = Mapping[str, Any]
Article = Mapping[str, Any]  # a corpus line, as `dateline ingest` reads it


class Wrong(Exception):
    """What is wrong with one record."""


@dataclass(slots=True)
class Gathered:
    """Filled by a form's `read`; nothing that is wrong is left out in silence."""

    path: Path
    cases: list[Case] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # "line 3: missing 'question'"
    notes: list[str] = field(default_factory=list)  # what is right and still worth knowing
    _ids: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _unused: Counter[str] = field(default_factory=Counter)

    def wrong(self, place: str, what: str) -> None:
        """Note a fault; `place` is "line 3" or "record 3"."""
        self.faults.append(f"{place}: {what}")

    def case(self, place: str, record: Record) -> None:
        """Take a case in our own form, if it is one."""
        found, faults = parse(json.dumps(record))
        for fault in faults:
            self.wrong(place, fault)
        if found and not faults:
            self.take(place, found)

    def take(self, place: str, case: Case) -> None:
        """Take a case that is checked but for its id."""
        if before := self._ids.get(case.id):
            self.wrong(place, f"id {case.id!r} is already that of {before}")
            return
        self._ids[case.id] = place
        self.cases.append(case)

    def article(self, place: str, record: Article) -> None:
        """Take an article; fields without a value and addresses that are none are left out."""
        kept = {name: value for name, value in record.items() if value}
        if not (isinstance(kept.get("url"), str) and web_address(kept["url"])):
            kept.pop("url", None)
        try:
            self._check_article(kept)
        except (SourceError, Wrong) as error:
            self.wrong(place, f"the article: {error}")
        else:
            self._keys[kept["id"]] = place
            self.articles.append(kept)

    def _check_article(self, record: Article) -> None:
        """Raise what `dateline ingest` would find wrong with it."""
        id = record.get("id")
        if not isinstance(id, str) or identity(record) != id:
            raise Wrong("'id' must be text on one line, with nothing invisible in it")
        if before := self._keys.get(id):
            raise Wrong(f"its id {id!r} is already that of {before}")
        if not to_draft({"text": "", **record}, "record").text.strip():
            raise Wrong("it has no text")

    def unused(self, names: Sequence[str]) -> None:
        """Count fields that no case can hold."""
        self._unused.update(names)

    def tell_unused(self) -> None:
        """Note the fields that were counted."""
        if self._unused:
            told = ", ".join(f"'{name}' ({count})" for name, count in self._unused.items())
            self.notes.append(f"Fields that were not used: {told}.")

    def check(self) -> None:
        """Raise a UsageError that tells all faults, if there are any."""
        if self.faults:
            raise UsageError(refusal(self.path, self.faults, len(self.cases)))
