"""`dateline ingest`: files, pages and feeds into the archive, and what became of each."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from index.errors import UsageError
from index.ingest import Destination, Item, Report, find, ingest, read
from index.web.fetching import Fetcher
from index.web.gathering import Gatherer, Memory
from index.web.reading import leads_elsewhere


class Archive(Destination, Memory, Protocol):
    """Where articles go, and what knows which have come."""


def ingest_paths(
    paths: Sequence[str], into: Archive, quiet: bool = False, fetcher: Fetcher | None = None
) -> dict[str, Any]:
    """Ingest all that is under the paths and addresses; faults go to standard error, counts back.

    Nothing to ingest at all is a UsageError; so is an address where there is no fetcher.
    """
    addresses = [path for path in paths if "://" in path]
    if addresses and fetcher is None:
        raise UsageError(f"'{addresses[0]}' is an address: only files can be taken here.")
    named = [Path(path) for path in paths if "://" not in path]
    lists = [path for path in named if fetcher and path.is_file() and leads_elsewhere(path)]
    files, faults = find(path for path in named if path not in lists)
    if not files and not lists and not addresses:
        raise UsageError(" ".join(faults))
    web = _gathered(addresses, lists, Gatherer(fetcher, into)) if fetcher else iter(())
    report = Report()
    total = sum(map(_articles, files)) + len(addresses)
    with tqdm(total=total, unit=" articles", file=sys.stderr) as bar:
        for _ in ingest(chain(read(files), web), into, report):
            bar.total = max(bar.total, report.seen)
            bar.update(report.seen - bar.n)
    report.failed[:0] = faults
    for fault in report.failed:
        print(f"error: {fault}", file=sys.stderr)
    if not quiet:
        print(_summary(report), file=sys.stderr)
    return asdict(report)


def _gathered(addresses: Iterable[str], lists: Iterable[Path], web: Gatherer) -> Iterator[Item]:
    for address in addresses:
        yield from web.gather(address)
    for path in lists:
        yield from web.gather_file(path)


def _articles(path: Path) -> int:
    """How many articles the file holds: its lines if each is one, else one at least."""
    if path.suffix.lower() != ".jsonl":
        return 1
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _summary(report: Report) -> str:
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
    return f"{counts}, {len(report.failed)} failed."
