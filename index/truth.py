"""Is the SQL file itself sound? Read with plain SQLite, so that a damaged file does no harm.

What is derived from it can be made anew; what is wrong here cannot.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from index.failing import explained

PAGE = 2000
LENGTH = (0.9, 1.1)  # of a unit vector, and room for the precision of any model

# What must find nothing, and what it is that it finds.
CHECKS = {
    "passages lie outside their article": (
        "SELECT count(*) FROM passages p JOIN articles a ON a.id = p.article_id"
        " WHERE p.start < 0 OR p.start >= p.end OR p.end > length(CAST(a.text AS BLOB))"
    ),
    "passages belong to no article": (
        "SELECT count(*) FROM passages WHERE article_id NOT IN (SELECT id FROM articles)"
    ),
    "articles have no passages": (
        "SELECT count(*) FROM articles WHERE trim(text, char(9, 10, 13, 32)) != ''"
        " AND id NOT IN (SELECT article_id FROM passages)"
    ),
    "vectors are not of the embedder's size": (
        "SELECT count(*) FROM passages WHERE length(vector) !="
        " 4 * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'dimension')"
    ),
}


def faults(path: Path) -> list[str]:
    """What is wrong with the file, in words; nothing if it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{_escaped(path)}?mode=ro", uri=True)) as connection:
            return list(_faults(connection))
    except sqlite3.Error as error:
        return [str(explained(error, path, "the archive"))]


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    checked = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
    if checked != ["ok"]:
        yield "SQLite finds the file damaged: " + "; ".join(checked)
        return
    for what, query in CHECKS.items():
        if found := connection.execute(query).fetchone()[0]:
            yield f"{found} {what}"
    if found := sum(map(_bad, _blobs(connection))):
        yield f"{found} vectors are not of length one"


def _blobs(connection: sqlite3.Connection) -> Iterator[list[bytes]]:
    rows = connection.execute("SELECT vector FROM passages")
    while page := rows.fetchmany(PAGE):
        yield [row[0] for row in page]


def _bad(blobs: list[bytes]) -> int:
    """How many of these are no unit vectors. Those of a wrong size are counted elsewhere."""
    size = len(blobs[0]) // 4 * 4
    vectors = np.frombuffer(b"".join(b for b in blobs if len(b) == size), np.float32)
    if not vectors.size:
        return 0
    lengths = np.linalg.norm(vectors.reshape(-1, size // 4), axis=1)
    return int((~((LENGTH[0] < lengths) & (lengths < LENGTH[1]))).sum())


def _escaped(path: Path) -> str:
    return path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
