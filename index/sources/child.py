"""The process in which strangers' files are read: `python -m index.sources.child`.

In, for each file: a line of JSON {"kind", "url", "charset", "size"} and so many bytes. Out: a line
of JSON, {"draft": {...}}, {"feed": {...}} or {"error": "..."}. Ends with its input.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, BinaryIO

from index.errors import SourceError
from index.sources import html, office
from index.sources.draft import Draft
from index.web import feeds

MEMORY = 1_000_000_000  # bytes of address space; the libraries themselves take a third of it
CPU = {"html": 12, "feed": 12, "docx": 24, "pdf": 70}  # seconds for one file
LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 64),
)


def main() -> None:
    """Read files until there are no more."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    for what, limit in LIMITS:
        _limit(what, limit)
    while head := sys.stdin.buffer.readline():
        replies.write(_answer(json.loads(head), sys.stdin.buffer) + b"\n")
        replies.flush()


def _answer(head: dict[str, Any], source: BinaryIO) -> bytes:
    data = source.read(head["size"])
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + CPU[head["kind"]])
    try:
        reply = _read(head["kind"], data, head["url"], head["charset"])
    except SourceError as error:
        reply = {"error": str(error)}
    except MemoryError:
        reply = {"error": "needs too much memory to read: save it anew, or as plain text"}
    except Exception:  # the parsers guess at what others broke, and fail in every way there is
        reply = {"error": "is broken: save it anew, or as plain text"}
    return json.dumps(reply, default=_plain).encode()


def _read(kind: str, data: bytes, url: str | None, charset: str | None) -> dict[str, Any]:
    if kind == "feed":
        return {"feed": asdict(feeds.parse(data, url, charset))}
    return {"draft": asdict(_draft(kind, data, url, charset))}


def _draft(kind: str, data: bytes, url: str | None, charset: str | None) -> Draft:
    match kind:
        case "html":
            return html.read(data, url, charset)
        case "pdf":
            return office.read_pdf(data)
        case _:
            return office.read_docx(data)


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _limit(what: int, limit: int) -> None:
    hard = resource.getrlimit(what)[1]
    # macOS has no limit of address space; the others hold there too.
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (limit, hard))


if __name__ == "__main__":
    main()
