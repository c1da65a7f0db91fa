"""A snapshot back into a data directory.

One that came from elsewhere is hostile until shown otherwise: nothing in it says where anything is
written, and all of it is measured before it is believed.
"""

import errno
import json
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from index import truth
from index.compatibility import FORMAT
from index.database import ARCHIVE
from index.errors import ArchiveError, UsageError
from index.failing import told
from index.snapshot import CHUNK, MANIFEST, Manifest, removed, settle

MAX_MANIFEST = 100_000  # bytes
MAX_RATIO = 100  # of SQL to its packed form: vectors hardly pack at all
SPARE = 200_000_000  # bytes that must be left on the disk
PART = "import.part"  # a folder in the data directory, gone when the import is done
TABLES = {"table", "index"}  # what a schema may hold: views and triggers would run
# What reading a zip that is none may raise.
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def unpack(file: Path, folder: Path) -> Manifest:
    """Put the SQL file of a snapshot into an empty data directory; what is derived is missing.

    Raises UsageError if the directory is not empty or the file is no sound snapshot; the
    directory is then as it was.
    """
    check_empty(folder)
    place = folder / PART
    with told(folder, "the data directory"), removed(place):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        manifest = _extract(file, place / ARCHIVE)
        _check_sql(file, place / ARCHIVE)
        settle(place / ARCHIVE, folder / ARCHIVE)
    return manifest


def check_empty(folder: Path) -> None:
    """Raises UsageError if there is anything in the data directory."""
    if not folder.is_dir():
        return
    if others := sorted({entry.name for entry in folder.iterdir()} - {PART, "lock"}):
        raise UsageError(
            f"The data directory {folder} is not empty (it holds {others[0]}): import into a new "
            "one with --data NEW."
        )


def _extract(file: Path, target: Path) -> Manifest:
    with _opened(file) as packed:
        manifest = _manifest(file, packed)
        entry = packed.getinfo(ARCHIVE)
        _check_size(file, entry, manifest, target.parent)
        with packed.open(entry) as source, target.open("xb") as opened:
            _pour(file, source, opened, manifest)
    return manifest


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    if not file.is_file():
        raise UsageError(f"'{file}' is no file: give one that 'dateline export' wrote.")
    try:
        with zipfile.ZipFile(file) as packed:
            _check_members(file, packed.infolist())
            yield packed
    except FAULTS as error:
        raise _refusal(file, str(error)) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # an offset that leads out of the file
            raise _refusal(file, "it cannot be read") from error
        raise


def _check_members(file: Path, members: list[zipfile.ZipInfo]) -> None:
    names = sorted(member.filename for member in members)
    if names != [ARCHIVE, MANIFEST]:
        odd = next((n for n in names if n not in (ARCHIVE, MANIFEST)), "not what it should")
        raise _refusal(file, f"it holds {odd[:100]!r}")
    for member in members:
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise _refusal(file, f"'{member.filename}' is no plain file")
        if member.compress_type not in PACKINGS:
            raise _refusal(file, f"'{member.filename}' is packed in another way")


def _manifest(file: Path, packed: zipfile.ZipFile) -> Manifest:
    if packed.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise _refusal(file, "its manifest is too long")
    with packed.open(MANIFEST) as opened:
        raw = opened.read(MAX_MANIFEST + 1)
    try:
        manifest = Manifest(**json.loads(raw))
    except (ValueError, TypeError, RecursionError):
        raise _refusal(file, "its manifest cannot be read") from None
    whole = (manifest.size, manifest.articles, manifest.passages)
    if not all(isinstance(number, int) and number >= 0 for number in whole):
        raise _refusal(file, "its manifest has no counts")
    if manifest.format != FORMAT:
        raise UsageError(
            f"'{file}' has the format {str(manifest.format)[:20]}, this version reads {FORMAT}: "
            "import it with the version of Dateline that wrote it, or a newer one."
        )
    return manifest


def _check_size(file: Path, entry: zipfile.ZipInfo, manifest: Manifest, folder: Path) -> None:
    if entry.file_size != manifest.size:
        raise _refusal(file, "its size is not that in its manifest")
    if entry.file_size > MAX_RATIO * max(1, min(entry.compress_size, file.stat().st_size)):
        raise _refusal(file, "it unpacks to more than an archive could")
    # The derived stores take about as much again.
    needed, free = 2 * entry.file_size + SPARE, shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveError(
            f"Only {free // 1_000_000} MB are free under {folder}, the import needs "
            f"{needed // 1_000_000} MB: make room, or choose another directory with --data."
        )


def _pour(file: Path, source: IO[bytes], target: IO[bytes], manifest: Manifest) -> None:
    digest, left = sha256(), manifest.size
    while chunk := source.read(min(CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise _refusal(file, "it is longer than it says")
        digest.update(chunk)
        target.write(chunk)
    if digest.hexdigest() != manifest.sha256:
        raise _refusal(file, "its checksum is wrong: the file was changed or cut off")


def _check_sql(file: Path, archive: Path) -> None:
    try:
        with closing(sqlite3.connect(archive)) as connection, connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            query = "SELECT iif(sql LIKE 'CREATE VIRTUAL%', 'virtual table', type)"
            kinds = {row[0] for row in connection.execute(f"{query} FROM sqlite_master")}
            if odd := kinds - TABLES:
                raise _refusal(file, f"it holds a {sorted(odd)[0]}")
            # A folder named there would be emptied, and what is pending is all to be done anyway.
            connection.execute("DELETE FROM meta WHERE key = 'vectors'")
            connection.execute("DELETE FROM pending")
    except sqlite3.Error as error:
        raise _refusal(file, f"it holds no archive: {error}") from error
    if faults := truth.faults(archive):
        raise _refusal(file, "; ".join(faults))


def _refusal(file: Path, reason: str) -> UsageError:
    return UsageError(
        f"'{file}' is no sound export ({reason}): nothing was imported; make it again with "
        "'dateline export'."
    )
