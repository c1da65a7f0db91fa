"""Files of strangers, read in a process apart: a bomb in one costs that one, and nothing else.

The child (`index.sources.child`) has little memory, no environment and may write no files; it is
kept for the next file, and replaced when it fails.
"""

import atexit
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import index
from index.dating import Dated
from index.errors import SourceError
from index.sources.draft import Draft

SECONDS = {"html": 10.0, "feed": 10.0, "docx": 20.0, "pdf": 60.0}
STARTING = 30.0  # seconds more for a child that has yet to load what it reads with
JOBS = 200  # after which a child has earned its rest, whatever it has leaked
MAX_REPLY = 20_000_000  # bytes


def read(kind: str, data: bytes, url: str | None = None, charset: str | None = None) -> Draft:
    """The article in a page ("html"), a "pdf" or a "docx". Raises SourceError."""
    found = _shared.ask(kind, data, url, charset)["draft"]
    for name in ("published", "updated"):
        found[name] = found[name] and Dated(**found[name])
    return Draft(**found)


def read_feed(data: bytes, url: str | None, charset: str | None) -> dict[str, Any]:
    """What `index.web.feeds.parse` found, as JSON has it. Raises SourceError."""
    feed: dict[str, Any] = _shared.ask("feed", data, url, charset)["feed"]
    return feed


class Reader:
    """A child that reads, one file at a time."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self._seconds = seconds or SECONDS
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def ask(
        self, kind: str, data: bytes, url: str | None = None, charset: str | None = None
    ) -> dict[str, Any]:
        """What the child says of the file. Raises SourceError if it refuses or fails."""
        seconds = self._seconds[kind]
        head = {"kind": kind, "url": url, "charset": charset, "size": len(data)}
        with self._lock:
            reply = self._exchange(json.dumps(head).encode() + b"\n" + data, seconds)
        if "error" in reply:
            raise SourceError(reply["error"])
        return reply

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _exchange(self, message: bytes, seconds: float) -> dict[str, Any]:
        if self._jobs >= JOBS:
            self.close()
        fresh = self._child is None
        child = self._child = self._child or _start()
        self._jobs = 1 if fresh else self._jobs + 1
        assert child.stdin is not None and child.stdout is not None
        timer = Timer(seconds + (STARTING if fresh else 0), child.kill)
        timer.start()
        try:
            child.stdin.write(message)
            child.stdin.flush()
            line = child.stdout.readline(MAX_REPLY)
        except BrokenPipeError:
            line = b""
        finally:
            late = not timer.is_alive()
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            raise SourceError(_reason(late, seconds))
        reply: dict[str, Any] = json.loads(line)
        return reply


def _start() -> subprocess.Popen[bytes]:
    root = Path(index.__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-m", "index.sources.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=root,
        env={"LC_ALL": "C.UTF-8"},  # above all no keys
    )


def _reason(late: bool, seconds: float) -> str:
    if late:
        return f"took longer than {seconds:g} seconds to read: save it anew, or as plain text"
    return "could not be read, it is broken or too demanding: save it anew, or as plain text"


_shared = Reader()
atexit.register(_shared.close)
