"""`dateline repair`, `export` and `import`: the archive as a whole, checked, saved and restored."""

from importlib.metadata import version
from pathlib import Path

from index import repair, snapshot, unpacking
from index.archive import Archive
from index.errors import ArchiveError
from index.failing import told
from index.lock import Lock
from index.repair import Finding
from index.snapshot import Manifest
from service.app import build_embedder, open_archive
from service.settings import Settings


def repaired(settings: Settings) -> list[Finding]:
    """What was found of the three stores, and what was done; the archive must not be in use."""
    return repair.repair(settings.data, build_embedder(settings), settings.chroma_url)


def exported(settings: Settings, file: Path) -> Manifest:
    """Write a snapshot to the file; a server may hold the archive meanwhile."""
    return snapshot.export(settings.data, file, version("dateline"))


def imported(settings: Settings, file: Path) -> tuple[Manifest, str]:
    """Make the archive of an empty data directory from a snapshot; also what to do next, or ""."""
    unpacking.check_empty(settings.data)
    with told(settings.data, "the data directory"):
        lock = Lock(settings.data)
    try:
        manifest = unpacking.unpack(file, settings.data)
    finally:
        lock.release()
    with open_archive(settings, any_embedder=True) as archive:
        _check(archive, manifest)
        name = archive.embedder.name
    if manifest.embedder in (None, name):
        return manifest, ""
    return manifest, (
        f"It was made by the embedder '{manifest.embedder}', not by '{name}': set "
        "DATELINE_EMBEDDER to that, or run 'dateline reindex'."
    )


def _check(archive: Archive, manifest: Manifest) -> None:
    passages = manifest.passages
    held = (archive.lexical.count(), archive.vectors.count() if passages else 0)
    if archive.database.counts() != (manifest.articles, passages) or held != (passages, passages):
        raise ArchiveError(
            f"The archive in {archive.folder} is not what the export says: run 'dateline repair'."
        )
