"""Looks at all three stores, and makes the derived ones anew where they differ from the truth.

Nothing is embedded: the vectors are in SQL.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from index import truth
from index.archive import Archive
from index.database import ARCHIVE
from index.embedding import Embedder
from index.errors import ArchiveError

State = Literal["sound", "made anew", "damaged"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one store, and what was done."""

    store: str  # "archive", "vectors" or "words"
    state: State
    detail: str

    def __str__(self) -> str:
        return f"{self.store}: {self.state}; {self.detail}"

    def as_json(self) -> dict[str, str]:
        """As a JSON object."""
        return asdict(self)


def repair(folder: Path, embedder: Embedder, chroma_url: str | None = None) -> list[Finding]:
    """What was found and done; the archive must not be in use.

    If the archive itself is damaged nothing is done. Raises ArchiveLocked or ArchiveError.
    """
    if not (folder / ARCHIVE).exists():
        raise ArchiveError(
            f"There is no archive in {folder}: give another directory with --data, or put an "
            "export there with 'dateline import FILE'."
        )
    if faults := truth.faults(folder / ARCHIVE):
        return [Finding("archive", "damaged", fault) for fault in faults]
    with Archive(folder, embedder, chroma_url, any_embedder=True, thorough=True) as archive:
        if archive.database.get_meta("reindexing"):
            raise ArchiveError(
                f"The index in {folder} is half made anew: run 'dateline reindex' again; "
                "it goes on where it was."
            )
        return _findings(archive)


def _findings(archive: Archive) -> list[Finding]:
    articles, passages = archive.database.counts()
    found = [Finding("archive", "sound", f"{articles} articles, {passages} passages")]
    if not passages:
        return found
    held = {"vectors": archive.vectors.count(), "words": archive.lexical.count()}
    for store, count in held.items():
        why = archive.mended.get(store)
        state: State = "made anew" if why else "sound"
        if count != passages:
            state = "damaged"
        detail = f"{count} of {passages} passages"
        found.append(Finding(store, state, f"{why}; now {detail}" if why else detail))
    return found
