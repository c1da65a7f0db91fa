"""Opens a vector folder in a process of its own and looks whether it finds what it holds.

A damaged Chroma index can end the whole process, or lose rows without a word, so the first one to
touch it is a child: `python -m index.probe ARCHIVE FOLDER DIMENSION [all]`, exit 0 if it is sound.
"""

import os
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from index.database import Database
from index.vectors import VectorStore, missing

SAMPLE = 64
TOLERATED = 0.05  # approximate search misses a few of its own vectors at any size
TOLERATED_OF_ALL = 0.005
UNSOUND = 3  # exit code; Python ends with 1 for reasons of its own
PAGE = 900
MAX_GROWTH = 4  # a torn index file can grow without bound
ROW_OVERHEAD = 200  # bytes beside the vector itself
SMALLEST_LIMIT = 64_000_000  # bytes; small indexes are mostly preallocated
MEMORY = 1_500_000_000  # bytes of address space beside what the rows may take
MEMORY_OF_CORE = 150_000_000  # of the threads that there are for each


def start(
    archive: Path, folder: Path, dimension: int, *, whole: bool = False
) -> subprocess.Popen[bytes]:
    """The child, already running; `fault` says what its exit code means."""
    command = [sys.executable, "-m", "index.probe", str(archive), str(folder), str(dimension)]
    return subprocess.Popen(
        [*command, *(["all"] if whole else [])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def fault(code: int) -> str:
    """What the exit code of the child says of the folder; "" if it is sound."""
    if code < 0:
        return f"opening it crashes the process (signal {-code})"
    return {0: "", UNSOUND: "it does not find what it holds"}.get(code, "it cannot be opened")


def sound(archive: Path, folder: Path, dimension: int, *, whole: bool = False) -> bool:
    """Whether the vectors in the folder answer for the passages, or for a sample of them."""
    database = Database(archive)
    ids = database.passage_ids()
    awaited = {passage_id for passage_id, delete in database.pending(1_000_000) if not delete}
    if _overgrown(folder, len(ids), dimension):
        return False
    settled = [passage_id for passage_id in ids if passage_id not in awaited]
    sample = settled if whole else settled[:: max(1, len(settled) // SAMPLE)]
    store = VectorStore(folder, dimension)
    pages = (sample[at : at + PAGE] for at in range(0, len(sample), PAGE))
    pairs = (pair for page in pages for pair in database.vectors(page).items())
    return missing(store, pairs) <= (TOLERATED_OF_ALL if whole else TOLERATED)


def _overgrown(folder: Path, rows: int, dimension: int) -> bool:
    limit = max(SMALLEST_LIMIT, _most(rows, dimension))
    return any(f.stat().st_size > limit for f in folder.rglob("*.bin") if f.is_file())


def _limit_memory(rows: int, dimension: int) -> None:
    """A torn file makes Chroma ask for all the memory there is, and others would pay for it."""
    limit = MEMORY + MEMORY_OF_CORE * (os.cpu_count() or 1) + _most(rows, dimension)
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _most(rows: int, dimension: int) -> int:
    """Bytes that so many rows may take at most."""
    return MAX_GROWTH * rows * (dimension * 4 + ROW_OVERHEAD)


if __name__ == "__main__":
    archive, folder, dimension, *rest = sys.argv[1:]
    _limit_memory(Database(Path(archive)).counts()[1], int(dimension))
    found = sound(Path(archive), Path(folder), int(dimension), whole=bool(rest))
    sys.exit(0 if found else UNSOUND)
