"""The whole archive in one file: a zip of the SQL file and a manifest.

Chroma and Tantivy are not in it, for they are made anew from SQL (`index/unpacking.py`).
"""

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from index.compatibility import FORMAT
from index.database import ARCHIVE
from index.errors import UsageError
from index.failing import told

MANIFEST = "manifest.json"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself."""

    version: str  # of Dateline
    format: str  # of the data directory
    created: str  # date and time, ISO
    embedder: str | None
    dimension: int | None
    articles: int
    passages: int
    size: int  # bytes of the SQL file
    sha256: str  # of the SQL file


def export(folder: Path, file: Path, version: str) -> Manifest:
    """Write the archive as it is at this moment; others may read and write it meanwhile."""
    if not (folder / ARCHIVE).is_file():
        raise UsageError(f"There is no archive in {folder}: name another one with --data.")
    if file.exists():
        raise UsageError(f"'{file}' is there already: give another name, or remove it first.")
    part = file.with_name(file.name + ".part")
    copy = file.with_name(file.name + ".sqlite.part")
    with told(file, "the export", sqlite3.Error), removed(part, copy):
        copy.unlink(missing_ok=True)
        _copy(folder / ARCHIVE, copy)
        manifest = _describe(copy, version)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            packed.write(copy, ARCHIVE)
        settle(part, file)
    return manifest


def _copy(archive: Path, copy: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as connection, connection:
        # These tell of the folder where it was made.
        connection.execute("DELETE FROM meta WHERE key = 'vectors'")
        connection.execute("DELETE FROM pending")


def _describe(copy: Path, version: str) -> Manifest:
    with closing(sqlite3.connect(copy)) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "passages")
        ]
    dimension = int(meta["dimension"]) if "dimension" in meta else None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with copy.open("rb") as opened:
        digest = sha256()
        while chunk := opened.read(CHUNK):
            digest.update(chunk)
    size, form = copy.stat().st_size, meta.get("format", FORMAT)
    articles, passages = counts
    return Manifest(
        version=version,
        format=form,
        created=now,
        embedder=meta.get("embedder"),
        dimension=dimension,
        articles=articles,
        passages=passages,
        size=size,
        sha256=digest.hexdigest(),
    )


def settle(part: Path, file: Path) -> None:
    """Let the file take its name only when all of it is on the disk."""
    with part.open("rb") as opened:
        os.fsync(opened.fileno())
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def removed(*parts: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for part in parts:
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
