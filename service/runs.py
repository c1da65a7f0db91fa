"""Evaluation runs under one folder, for the page. It trusts nothing that it finds there.

Folders may come from elsewhere, so a run is what its `summary.json` proves to be: anything else is
listed with what is wrong. Links are not followed, and no file but four is ever handed out.
"""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from index.errors import NotFound, UsageError

Compare = Callable[[Path, Path], str]  # two folders of runs; a page. Raises UsageError
FILES = ("report.html", "summary.md", "summary.json", "junit.xml")
MOST = 200  # runs listed
SEEN = 5_000  # entries of the folder looked at
MAX_SUMMARY = 20_000_000  # bytes
MAX_FILE = 64_000_000
YEARS = range(1990, 2200)
_NAME = re.compile(r"[^\W_][\w .@+=,-]{0,99}(?<![ .])")

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % interval."""

    mean: Share
    low: Share
    high: Share
    n: Count


@dataclass(frozen=True, slots=True)
class Group:
    """The part of all questions in a summary that the page shows."""

    cases: Count
    failed: Count
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Summary:
    """The part of `summary.json` that the page shows."""

    set: Annotated[str, Field(max_length=100)]
    finished: datetime
    overall: Group
    retrieval_only: bool = False
    config: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A folder that is, or should be, a run."""

    name: str
    summary: Summary | None = None
    fault: str = ""  # a whole sentence, where there is no summary
    has_report: bool = False


SUMMARY = TypeAdapter(Summary)


class Runs:
    """The runs of one folder, which need not exist."""

    def __init__(self, folder: Path, compare: Compare | None = None) -> None:
        """`compare` makes a page of two runs; None where nothing can."""
        self.folder = folder
        self._compare = compare

    @property
    def comparable(self) -> bool:
        """Whether two runs can be compared here."""
        return self._compare is not None

    def listed(self) -> list[Run]:
        """Newest first, those that cannot be read last."""
        found = [_run(self.folder / name) for name in self._names()]
        return sorted(found, key=_age)[:MOST]

    def file(self, name: str, file: str) -> bytes:
        """What is in a file of a run. Raises NotFound."""
        content = _content(self._place(name) / file, MAX_FILE) if file in FILES else None
        if content is None:
            raise NotFound("There is no such file of a run.")
        return content

    def compared(self, a: str, b: str) -> str:
        """The page that compares two runs. Raises UsageError, which names no path."""
        places = [self._place(name) for name in (a, b)]
        if self._compare is None:
            raise UsageError("Runs are compared with `dateline eval compare` here.")
        try:
            return self._compare(*places)
        except (UsageError, ValueError, KeyError, TypeError, RecursionError):
            raise UsageError(
                "These runs cannot be compared: they share no question, or one is damaged."
            ) from None

    def _place(self, name: str) -> Path:
        """The folder of a run whose summary can be read. Raises NotFound."""
        place = self.folder / name
        if not _NAME.fullmatch(name) or place.is_symlink() or _run(place).summary is None:
            raise NotFound("There is no such run.")
        return place

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.folder) as entries:
                some = [entry for entry, _ in zip(entries, range(SEEN), strict=False)]
                return [entry.name for entry in some if _is_ours(entry)]
        except OSError:
            return []


def _is_ours(entry: "os.DirEntry[str]") -> bool:
    return bool(_NAME.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)


def _age(run: Run) -> tuple[bool, float, str]:
    when = run.summary.finished.timestamp() if run.summary else 0.0
    return run.summary is None, -when, run.name


def _run(place: Path) -> Run:
    content = _content(place / "summary.json", MAX_SUMMARY)
    if content is None:
        return Run(place.name, fault="No finished run: it has no summary.json to read.")
    summary = _summary(content)
    if summary is None:
        return Run(place.name, fault="Its summary.json is damaged, or of another version.")
    has_report = stat.S_ISREG(_mode(place / "report.html"))
    return Run(place.name, summary, has_report=has_report)


@lru_cache(maxsize=4 * MOST)
def _summary(content: bytes) -> Summary | None:
    try:
        summary = SUMMARY.validate_json(content)
        when = summary.finished
        zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
        if when.year not in YEARS:
            return None
    except (ValidationError, ValueError, OverflowError):
        return None
    return Summary(summary.set, zoned, summary.overall, summary.retrieval_only, summary.config)


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except (OSError, ValueError):
        return 0


def _content(path: Path, most: int) -> bytes | None:
    """What is in a plain file of at most so many bytes; None for anything else."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    state = os.fstat(opened)
    if not stat.S_ISREG(state.st_mode) or state.st_size > most:
        os.close(opened)
        return None
    with os.fdopen(opened, "rb") as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None
