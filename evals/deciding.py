"""Decisions on drafts for the page: a `service.sets.Deciding`, as functions of this module."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from evals import feedback
from evals.accepting import Drafts, edited, good
from evals.case import Case
from evals.formats.cells import to_cell
from index.database import Database
from index.errors import NotFound
from service.sets import Draft, Unsettled


def take_feedback(database: Database, drafts: Path) -> tuple[Unsettled, ...]:
    """Put what readers said into a file of drafts; returns what is no case yet."""
    return tuple(map(unsettled, feedback.hand_over(database, drafts, date.today())))


def holds_drafts(path: Path) -> bool:
    """Whether the file has, or had, drafts in it; otherwise it is a set."""
    cases = good(path)
    return not cases or any(case.status for case in cases)


def waiting(drafts: Path, into: Path) -> Sequence[Draft]:
    """The drafts that nobody has decided on."""
    return [_draft(case) for case in Drafts(drafts, into).waiting]


def accept(drafts: Path, into: Path, id: str, question: str, answer: str) -> None:
    """Put a draft into the set, with this question and answer."""
    files = Drafts(drafts, into)
    case = _case(files, id)
    before = _draft(case)
    same = (before.question, before.answer) == (question.strip(), answer.strip())
    files.accept(case, case if same else edited(case, question, answer))


def reject(drafts: Path, into: Path, id: str) -> None:
    """See that the draft is not proposed again."""
    files = Drafts(drafts, into)
    files.reject(_case(files, id))


def unsettled(doubt: feedback.Open) -> Unsettled:
    """Feedback that is no case yet, as people read it."""
    given = doubt.feedback.given
    return Unsettled(given.question.text, given.text, doubt.feedback.note, doubt.why)


def _case(files: Drafts, id: str) -> Case:
    for case in files.waiting:
        if case.id == id:
            return case
    raise NotFound("Somebody has decided on this one meanwhile.")


def _draft(case: Case) -> Draft:
    evidence = tuple((each.article, each.quote) for each in case.evidence)
    return Draft(case.id, case.type, case.question, _cell(case), evidence)


def _cell(case: Case) -> str:
    try:
        return to_cell(case.facts)
    except ValueError:  # it can be accepted as it is, but not edited
        return "\n".join(" | ".join(forms) for forms in case.facts)
