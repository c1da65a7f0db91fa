"""Which files may be read, and their bytes. Never follows a way out of the folder that was named,
and never opens a pipe or a device, which could wait for ever.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from index.errors import SourceError

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".json", ".jsonl", ".pdf", ".docx")
SHOWN = ".txt .md .html .json .jsonl .pdf .docx"
MAX_FILE = 20_000_000  # bytes


def find(path: Path) -> list[Path]:
    """The supported files under a path, sorted; a single file gives itself."""
    if _is_folder(path):
        found = sorted(walk(path))
        if not found:
            raise SourceError(f"no supported files in {printable(path)} ({SHOWN})")
        return found
    try:
        check(path)
    except SourceError as error:
        raise SourceError(f"{printable(path)}: {error}") from None
    return [path]


def check(path: Path) -> None:
    """Refuse what is not a readable regular file of a supported kind; opens nothing."""
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError(f"not a supported type: use one of {SHOWN}")
    if not path.is_file():
        raise SourceError("not a regular file: give a file or a folder")
    if printable(path.resolve()) != str(path.resolve()):
        raise SourceError("its path is not valid UTF-8: rename it")
    if not os.access(path, os.R_OK):
        raise SourceError("permission denied: make it readable")


def load(path: Path, limit: int) -> bytes:
    """The bytes of a file no larger than `limit`."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise SourceError(f"is larger than {limit // 1_000_000} MB: split it or save less of it")
    return data


def walk(folder: Path) -> Iterator[Path]:
    """The supported files in a folder. Raises SourceError for a part of it that is closed."""
    root = os.path.realpath(folder)
    seen: set[str] = set()
    for here, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            target = os.path.realpath(path)
            inside = target.startswith(root.rstrip(os.sep) + os.sep)
            if _wanted(name) and inside and os.path.isfile(target) and target not in seen:
                seen.add(target)
                yield path


def printable(path: Path | str) -> str:
    """The path as text, whatever bytes the file system holds."""
    return str(path).encode(errors="backslashreplace").decode()


def _is_folder(path: Path) -> bool:
    try:
        if not path.exists():
            raise SourceError(f"no such file or folder: {printable(path)}: check the spelling")
        return path.is_dir()
    except OSError as error:  # a name too long, a folder on the way that may not be entered
        raise SourceError(f"{printable(path)}: cannot be read: {error.strerror}") from None


def _wanted(name: str) -> bool:
    if name.startswith(".") or name.lower() in ("readme.md", "readme.markdown"):
        return False
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _refuse(error: OSError) -> None:
    # A folder that is passed over in silence is a hole in the archive that nobody sees.
    where = printable(str(error.filename))
    raise SourceError(f"{where}: cannot be read: {error.strerror}: make it readable") from None
