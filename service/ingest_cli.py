"""`dateline ingest`: files into the archive, with progress and what became of each."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from index.errors import UsageError
from index.ingest import Destination, Report, find, ingest


def ingest_paths(paths: Sequence[str], into: Destination, quiet: bool = False) -> dict[str, Any]:
    """Ingest all that is under the paths; faults go to standard error, counts come back.

    Nothing to ingest at all is a UsageError.
    """
    for path in paths:
        if "://" in path:
            raise UsageError(
                f"'{path}' is an address: save the page as a file and ingest that file."
            )
    files, faults = find(map(Path, paths))
    if not files:
        raise UsageError(" ".join(faults))
    report = Report()
    with tqdm(total=sum(map(_articles, files)), unit=" articles", file=sys.stderr) as bar:
        for _ in ingest(files, into, report):
            bar.total = max(bar.total, report.seen)
            bar.update(report.seen - bar.n)
    report.failed[:0] = faults
    for fault in report.failed:
        print(f"error: {fault}", file=sys.stderr)
    if not quiet:
        print(_summary(report), file=sys.stderr)
    return asdict(report)


def _articles(path: Path) -> int:
    """How many articles the file holds: its lines if each is one, else one at least."""
    if path.suffix.lower() != ".jsonl":
        return 1
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _summary(report: Report) -> str:
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
    return f"{counts}, {len(report.failed)} failed."
