"""One process holds a data directory: two on one store lose answers without an error."""

import fcntl
import json
import os
from pathlib import Path
from time import sleep
from typing import IO

from index.errors import ArchiveLocked

TRIES, PAUSE = 20, 0.05  # times, and seconds between them


class Lock:
    """An exclusive lock on a folder, freed when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "lock"
        self._file: IO[str] = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise ArchiveLocked(_in_use(folder)) from None
        self.note()

    def note(self, url: str | None = None) -> None:
        """Leave word of who holds the folder and, for a server, where it answers."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()

    def release(self) -> None:
        """Let others have the folder."""
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def check(folder: Path) -> None:
    """Raises ArchiveLocked if another process holds the folder; makes nothing."""
    if (folder / "lock").exists():
        with (folder / "lock").open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArchiveLocked(_in_use(folder)) from None


def holder(folder: Path) -> dict[str, object]:
    """What the holder of the folder noted: "pid" and "url" (None unless it is a server)."""
    try:
        noted = json.loads((folder / "lock").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _in_use(folder: Path) -> str:
    for _ in range(TRIES):  # it has the lock a moment before it says who it is
        if noted := holder(folder):
            break
        sleep(PAUSE)
    pid = noted.get("pid", "unknown")
    return (
        f"The data directory {folder} is in use by process {pid}: "
        "stop that process, or choose another directory with --data."
    )
