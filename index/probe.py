"""Opens a vector folder in a process of its own and looks whether it finds what it holds.

A damaged Chroma index can end the whole process, or lose rows without a word, so the first one to
touch it is a child: `python -m index.probe ARCHIVE FOLDER DIMENSION`, exit 0 if it is sound.
"""

import subprocess
import sys
from pathlib import Path

from index.database import Database
from index.vectors import VectorStore, missing

SAMPLE = 64
TOLERATED = 0.05  # approximate search misses a few of its own vectors at any size
MAX_GROWTH = 4  # a torn index file can grow without bound
ROW_OVERHEAD = 200  # bytes beside the vector itself
SMALLEST_LIMIT = 64_000_000  # bytes; small indexes are mostly preallocated


def start(archive: Path, folder: Path, dimension: int) -> subprocess.Popen[bytes]:
    """The child, already running; its exit code is 0 if the folder is sound."""
    command = [sys.executable, "-m", "index.probe", str(archive), str(folder), str(dimension)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sound(archive: Path, folder: Path, dimension: int) -> bool:
    """Whether the vectors in the folder answer for the passages in the database."""
    database = Database(archive)
    ids = database.passage_ids()
    awaited = {passage_id for passage_id, delete in database.pending(1_000_000) if not delete}
    if _overgrown(folder, len(ids), dimension):
        return False
    settled = [passage_id for passage_id in ids if passage_id not in awaited]
    sample = settled[:: max(1, len(settled) // SAMPLE)]
    store = VectorStore(folder, dimension)
    return missing(store, iter(database.vectors(sample).items())) <= TOLERATED


def _overgrown(folder: Path, rows: int, dimension: int) -> bool:
    limit = max(SMALLEST_LIMIT, MAX_GROWTH * rows * (dimension * 4 + ROW_OVERHEAD))
    return any(f.stat().st_size > limit for f in folder.rglob("*.bin") if f.is_file())


if __name__ == "__main__":
    sys.exit(0 if sound(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])) else 1)
