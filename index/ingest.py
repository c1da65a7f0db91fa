"""Articles into the archive, with a result for each and word of how far it is."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from index import sources
from index.archive import BATCH, Outcome
from index.errors import SourceError
from index.schema import Article, Visit

MOST_TEXT = 1_000_000  # characters in a batch, or one article with more


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Something that need not be read again: what it holds is in the archive."""

    address: str


Item = Article | SourceError | Unchanged | Visit


class Destination(Protocol):
    """Where articles go: an archive, or a server that holds one."""

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        """Store them; they are kept once this returns."""
        ...

    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]:
        """Store batch after batch; each is kept once its outcomes come."""
        ...

    def note(self, visit: Visit) -> None:
        """Remember the visit, if this can."""
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


def read(files: Iterable[Path]) -> Iterator[Item]:
    """All articles and faults of the files, in order."""
    return (item for path in files for item in sources.read(path))


def ingest(items: Iterable[Item], into: Destination, report: Report) -> Iterator[Report]:
    """Store every article, telling the report; yields it after each batch.

    Items may be read while earlier ones are stored, in another thread. A visit is noted only when
    all that came before it is stored: a kill in between means that it is made again, never that
    an article is missed.
    """
    begun: deque[list[Item]] = deque()

    def batches() -> Iterator[list[Article]]:
        for batch in _batched(items):
            begun.append(batch)
            yield [item for item in batch if isinstance(item, Article)]

    for outcomes in into.add_all(batches()):
        _tell(begun.popleft(), outcomes, into, report)
        yield report


def store(batch: Sequence[Item], into: Destination, report: Report) -> None:
    """Store a few articles together, as `ingest` does."""
    articles = [item for item in batch if isinstance(item, Article)]
    _tell(batch, into.add(articles) if articles else [], into, report)


def _batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.text) if isinstance(item, Article) else 0
        if len(batch) == BATCH or size >= MOST_TEXT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _tell(
    batch: Sequence[Item], outcomes: Iterable[Outcome], into: Destination, report: Report
) -> None:
    report.failed += [str(item) for item in batch if isinstance(item, SourceError)]
    report.unchanged += sum(isinstance(item, Unchanged) for item in batch)
    for outcome in outcomes:
        setattr(report, outcome, getattr(report, outcome) + 1)
    for item in batch:
        if isinstance(item, Visit):
            into.note(item)
