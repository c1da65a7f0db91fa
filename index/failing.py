"""Storage that fails: a full disk, no permission, damaged files. Told so that one knows what to do.

SQLite, Chroma, Tantivy and the system each have words of their own for the same few things.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ArchiveError

SAFE = "what was stored before is safe"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT, errno.EEXIST}
# What Chroma and Tantivy pass on of the system's and of SQLite's words, in lower case.
SIGNS = {
    "no space left": errno.ENOSPC,
    "disk is full": errno.ENOSPC,
    "file too large": errno.ENOSPC,
    "storagefull": errno.ENOSPC,
    "quota": errno.ENOSPC,
    "permission denied": errno.EACCES,
    "permissiondenied": errno.EACCES,
    "read-only": errno.EROFS,
    "readonly": errno.EROFS,
}
SQLITE = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_READONLY": errno.EROFS,
    "SQLITE_CANTOPEN": errno.EACCES,
    "SQLITE_PERM": errno.EACCES,
}


@contextmanager
def told(place: Path | str, what: str, *errors: type[Exception]) -> Iterator[None]:
    """Let an error of the system, or one of these kinds, leave as an ArchiveError.

    place: the folder or file that is used; what: what it is, e.g. "the vector index".
    """
    kinds: tuple[type[Exception], ...] = (OSError, *errors)
    try:
        yield
    except ArchiveError:
        raise
    except kinds as error:
        raise explained(error, place, what) from error


def explained(error: Exception, place: Path | str, what: str) -> ArchiveError:
    """What to tell of a failure of the storage at this place."""
    code = _code(error)
    if code in FULL:
        reason = f"the disk is full: make room and do it again; {SAFE}."
    elif code in CLOSED:
        reason = "it cannot be written: make it a folder of this user's, or choose another (--data)"
        return ArchiveError(f"{what.capitalize()} in {place} cannot be used ({reason}).")
    elif isinstance(error, sqlite3.Error):
        reason = _of_truth(error)
    else:
        reason = f"{_line(error)}: run 'dateline repair', which builds it anew; {SAFE}."
    return ArchiveError(f"{what.capitalize()} in {place} cannot be used: {reason}")


def _code(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno:
        return error.errno
    name = str(getattr(error, "sqlite_errorname", ""))
    for prefix, code in SQLITE.items():
        if name.startswith(prefix):
            return code
    text = str(error).lower()
    return next((code for sign, code in SIGNS.items() if sign in text), None)


def _of_truth(error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorname", "") in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
        return (
            f"the file is damaged ({_line(error)}): put the last export into a new directory with "
            "'dateline import FILE --data NEW', or ingest the articles again there."
        )
    return f"{_line(error)}: look whether the disk is full or broken, then try again; {SAFE}."


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:200]
