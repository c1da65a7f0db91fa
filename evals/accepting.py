"""Drafts into a set, one decision at a time; a kill at any point loses none and doubles none.

The files are the state: several may decide at once, in a terminal and on the page.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from evals.case import Case, encode, parse, read
from evals.formats.cells import to_cell, to_facts
from evals.outputs import replace as write_whole
from index.errors import NotFound, UsageError


@contextmanager
def alone(*paths: Path) -> Iterator[None]:
    """Keep others of us out of the folders of these files meanwhile. UsageError if one is not."""
    with ExitStack() as held:
        for folder in sorted({path.resolve().parent for path in paths}):
            try:
                opened = os.open(folder, os.O_RDONLY)
            except OSError:
                raise UsageError(f"There is no folder {folder}: make it first.") from None
            held.callback(os.close, opened)
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield


class Drafts:
    """A file of drafts, and the set that the accepted ones go to.

    An accepted draft leaves the file; a rejected one stays in it, marked, and is not shown again.
    """

    def __init__(self, path: Path, into: Path) -> None:
        if path.resolve() == into.resolve():
            raise UsageError("The drafts and the set are one file: name another with --to.")
        self.path, self.into = path, into

    @property
    def waiting(self) -> list[Case]:
        """The drafts that nobody has decided on."""
        return [case for case in self._cases() if case.status == "draft"]

    def accept(self, draft: Case, final: Case) -> None:
        """Put the case, perhaps edited, into the set, and take the draft out of its file.

        Raises NotFound if the draft waits no more, UsageError if the case is none.
        """
        line = encode(replace(final, status=None))
        case, faults = parse(line)
        if case is None or faults:
            raise UsageError("; ".join(faults))
        with alone(self.path, self.into):
            cases = self._with(draft)
            before = self.into.read_bytes() if self.into.exists() else b""
            gap = b"\n" if before and not before.endswith(b"\n") else b""
            write_whole(self.into, before + gap + line.encode("utf-8", "replace") + b"\n")
            self._write([other for other in cases if other.id != draft.id])

    def reject(self, draft: Case) -> None:
        """Mark it as rejected. Raises NotFound if it waits no more."""
        no = replace(draft, status="rejected")
        with alone(self.path, self.into):
            self._write([no if case.id == draft.id else case for case in self._with(draft)])

    def _cases(self) -> list[Case]:
        # A kill between the two writes of `accept` leaves a draft in both files.
        taken = {case.id for case in good(self.into)} if self.into.exists() else set()
        return [case for case in good(self.path) if case.id not in taken]

    def _with(self, draft: Case) -> list[Case]:
        """All cases, where the draft waits among them."""
        cases = self._cases()
        if not any(case.id == draft.id and case.status == "draft" for case in cases):
            raise NotFound("Somebody has decided on this one meanwhile.")
        return cases

    def _write(self, cases: Sequence[Case]) -> None:
        text = "".join(f"{encode(case)}\n" for case in cases)
        write_whole(self.path, text.encode("utf-8", "replace"))


def edited(draft: Case, question: str, answer: str) -> Case:
    """The draft with another question and answer, the latter as evals/formats/cells.py has it.

    No answer makes it unanswerable.
    """
    facts = tuple(tuple(forms) for forms in to_facts(answer))
    return replace(draft, question=question.strip(), facts=facts, answerable=bool(facts))


def shown(draft: Case) -> str:
    """The draft as people read it."""
    answer = to_cell(draft.facts) if draft.facts else "(not in the articles)"
    evidence = [f"  {evidence.article}: {evidence.quote}" for evidence in draft.evidence]
    return "\n".join([draft.question, f"  = {answer}", *evidence])


def good(path: Path) -> list[Case]:
    """The cases of a file. Raises UsageError if any line is none."""
    numbered, faults = read(path)
    if faults:
        raise UsageError(f"{path} has faults: mend them first ({faults[0]}).")
    return [case for _, case in numbered]
