"""Drafts into a set, one decision at a time; a kill at any point loses none and doubles none."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evals.case import Case, encode, load, parse, read
from evals.formats.cells import to_cell, to_facts
from evals.outputs import replace as write_whole
from index.errors import UsageError


class Drafts:
    """A file of drafts, and the set that the accepted ones go to.

    An accepted draft leaves the file; a rejected one stays in it, marked, and is not shown again.
    """

    def __init__(self, path: Path, into: Path) -> None:
        if path.resolve() == into.resolve():
            raise UsageError("The drafts and the set are one file: name another with --to.")
        self.path, self.into = path, into
        self._cases = load(path)
        self._taken = {case.id for _, case in _good(into)} if into.exists() else set()
        # A kill between the two writes below leaves a draft in both files.
        self._keep([case for case in self._cases if case.id not in self._taken])

    @property
    def waiting(self) -> list[Case]:
        """The drafts that nobody has decided on."""
        return [case for case in self._cases if case.status == "draft"]

    def accept(self, draft: Case, final: Case) -> None:
        """Put the case, perhaps edited, into the set, and take the draft out of its file."""
        line = encode(replace(final, status=None))
        case, faults = parse(line)
        if case is None or faults:
            raise UsageError("; ".join(faults))
        before = self.into.read_bytes() if self.into.exists() else b""
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        write_whole(self.into, before + gap + line.encode("utf-8", "replace") + b"\n")
        self._taken.add(case.id)
        self._keep([other for other in self._cases if other.id != draft.id])

    def reject(self, draft: Case) -> None:
        """Mark it as rejected."""
        no = replace(draft, status="rejected")
        self._keep([no if case.id == draft.id else case for case in self._cases])

    def _keep(self, cases: Sequence[Case]) -> None:
        if list(cases) != self._cases:
            self._cases = list(cases)
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


def _good(path: Path) -> list[tuple[int, Case]]:
    numbered, faults = read(path)
    if faults:
        raise UsageError(f"{path} has faults: mend them first ({faults[0]}).")
    return numbered
