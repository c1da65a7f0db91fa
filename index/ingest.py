"""Files into the archive, with a result for each article and word of how far it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from index import sources
from index.archive import Outcome
from index.errors import SourceError
from index.schema import Article

BATCH = 16  # articles embedded together


class Destination(Protocol):
    """Where articles go: an archive, or a server that holds one."""

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        """Store them; they are kept once this returns."""
        ...


@dataclass(slots=True)
class Report:
    """What became of everything that was given."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Articles and faults so far."""
        return self.added + self.changed + self.unchanged + len(self.failed)


def find(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """All supported files under the paths, and what is wrong with the paths that have none."""
    files: list[Path] = []
    faults: list[str] = []
    for path in paths:
        try:
            files += sources.find(path)
        except SourceError as error:
            faults.append(str(error))
    return list(dict.fromkeys(files)), faults


def ingest(files: Iterable[Path], into: Destination, report: Report) -> Iterator[Report]:
    """Store every article of the files, telling the report; yields it after each batch."""
    read = (item for path in files for item in sources.read(path))
    while batch := list(islice(read, BATCH)):
        report.failed += [str(item) for item in batch if isinstance(item, SourceError)]
        articles = [item for item in batch if isinstance(item, Article)]
        for outcome in into.add(articles) if articles else []:
            setattr(report, outcome, getattr(report, outcome) + 1)
        yield report
