"""Sets of questions under the data directory, and drafts to decide on, for the page.

What is known of cases is in `evals`, which the service does not import: the command line hands it
in as a `Deciding`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.errors import NotFound, UsageError
from service.schema import MAX_QUESTION

if TYPE_CHECKING:  # it loads slowly, and the command line needs the names here
    from index.database import Database

FOLDER = "sets"  # in the data directory
FEEDBACK, DRAFTS = "feedback.jsonl", "drafts.jsonl"
END, ACCEPTED = ".jsonl", "-accepted.jsonl"
MOST = 100  # files looked at
MAX_FILE = 20_000_000  # bytes
MAX_ANSWER = 4_000  # characters
_NAME = re.compile(r"[^\W_][\w .@+=,-]{0,90}\.jsonl")


@dataclass(frozen=True, slots=True)
class Draft:
    """A case that is proposed, as people read it."""

    id: str
    type: str
    question: str
    answer: str  # a fact a line, ways to say it with | between; "" if the articles hold none
    evidence: tuple[tuple[str, str], ...] = ()  # the name of an article, and a quote from it


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Feedback that is no case yet, and why."""

    question: str
    answer: str
    note: str
    why: str


@dataclass(frozen=True, slots=True)
class Names:
    """Of files of questions."""

    drafts: list[str]  # with drafts to decide on, or once with some; those of readers first
    sets: list[str]
    faults: list[str]  # why the others are neither, as sentences


class Deciding(Protocol):
    """Drafts of cases. Everything may raise UsageError."""

    def take_feedback(self, database: "Database", drafts: Path) -> tuple[Unsettled, ...]:
        """Put what readers said into a file of drafts; returns what is no case yet."""
        ...

    def holds_drafts(self, path: Path) -> bool:
        """Whether the file has, or had, drafts in it; otherwise it is a set."""
        ...

    def waiting(self, drafts: Path, into: Path) -> Sequence[Draft]:
        """The drafts that nobody has decided on."""
        ...

    def accept(self, drafts: Path, into: Path, id: str, question: str, answer: str) -> None:
        """Put a draft into the set, with this question and answer."""
        ...

    def reject(self, drafts: Path, into: Path, id: str) -> None:
        """See that the draft is not proposed again."""
        ...


@dataclass(frozen=True, slots=True)
class Sets:
    """The files of one folder, by their names."""

    folder: Path
    database: "Database"
    deciding: Deciding

    def take_feedback(self) -> tuple[Unsettled, ...]:
        """Let what readers said be proposed; returns what is no case yet."""
        return self.deciding.take_feedback(self.database, self.folder / FEEDBACK)

    def names(self) -> Names:
        """What there is."""
        found = Names([], [], [])
        for path in sorted(self.folder.glob(f"*{END}"))[:MOST]:
            try:
                self._place(path.name)
                (found.drafts if self.deciding.holds_drafts(path) else found.sets).append(path.name)
            except UsageError as error:
                found.faults.append(str(error))
        found.drafts.sort(key=lambda name: name != FEEDBACK)
        return found

    def waiting(self, drafts: str, into: str) -> Sequence[Draft]:
        """The drafts of a file that nobody has decided on."""
        return self.deciding.waiting(self._place(drafts), self._set(into))

    def accept(self, drafts: str, into: str, id: str, question: str, answer: str) -> None:
        """Put a draft into the set, with this question and answer."""
        if len(question) > MAX_QUESTION or len(answer) > MAX_ANSWER:
            most = f"{MAX_QUESTION:,} and {MAX_ANSWER:,}"
            raise UsageError(f"Question and answer may have {most} characters: make them shorter.")
        places = self._place(drafts), self._set(into)
        self.deciding.accept(*places, id, question, answer)

    def reject(self, drafts: str, into: str, id: str) -> None:
        """See that the draft is not proposed again."""
        self.deciding.reject(self._place(drafts), self._set(into), id)

    def _set(self, name: str) -> Path:
        """The path of a set, which need not be there yet."""
        path = self._place(name)
        if path.exists() and self.deciding.holds_drafts(path):
            raise UsageError(f"{name} is no set, as it has drafts or nothing in it: name another.")
        return path

    def _place(self, name: str) -> Path:
        """The path of a file here. Raises UsageError for a name that leads elsewhere."""
        path = self.folder / name
        if not _NAME.fullmatch(name):
            raise UsageError(f"'{name[:100]}' is no name of a set: write one such as mine{END}.")
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise NotFound("There is no such file of questions.")
        if path.exists() and path.stat().st_size > MAX_FILE:
            raise UsageError(f"{name} is too large for the page: use `dateline eval accept`.")
        return path


def accepted(drafts: str) -> str:
    """The set that goes with a file of drafts, unless another is chosen."""
    return drafts.removesuffix(END) + ACCEPTED
