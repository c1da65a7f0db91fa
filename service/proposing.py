"""What the page shows of drafts to decide on, step by step. No Gradio here."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from index.errors import DatelineError, UsageError
from service.conversation import UNEXPECTED
from service.render import printable
from service.render_drafts import render_draft, render_note, render_unsettled
from service.sets import END, Sets, accepted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """All that there is to see; `id` is "" where no draft waits."""

    drafts: str = ""  # the file that is being decided on
    into: str = ""
    id: str = ""
    question: str = ""
    answer: str = ""
    html: str = ""
    unsettled: str | None = None  # HTML, too; None leaves what is there
    files: list[tuple[str, str]] = field(default_factory=list)  # those with drafts: label, name
    sets: list[str] = field(default_factory=list)


def look(sets: Sets, drafts: object = "", into: object = "") -> Shown:
    """The next draft of this file, or of the first that has one; feedback is taken in first."""
    return _safely(lambda: _looked(sets, _text(drafts), _named(into)))


def accept(
    sets: Sets, drafts: object, into: object, id: object, question: object, answer: object
) -> Shown:
    """Take the draft into the set, as it was edited, and go on to the next one."""
    given = (_text(drafts), _named(into), _text(id), _text(question), _text(answer))
    return _decide(sets, lambda: sets.accept(*given), f"Accepted into {given[1]}.", *given)


def reject(
    sets: Sets, drafts: object, into: object, id: object, question: object, answer: object
) -> Shown:
    """See that the draft is not proposed again, and go on to the next one."""
    given = (_text(drafts), _named(into), _text(id), _text(question), _text(answer))
    return _decide(sets, lambda: sets.reject(*given[:3]), "Rejected.", *given)


def _decide(
    sets: Sets,
    act: Callable[[], None],
    done: str,
    drafts: str,
    into: str,
    id: str,
    question: str,
    answer: str,
) -> Shown:
    def decided() -> Shown:
        try:
            act()
        except UsageError as error:
            # What was written stays; only if the draft is gone does another take its place.
            return _next(sets, drafts, into, str(error), (id, question, answer))
        return _next(sets, drafts, into, done)

    return _safely(decided)


def _looked(sets: Sets, drafts: str, into: str) -> Shown:
    try:
        unsettled, fault = sets.take_feedback(), ""
    except UsageError as error:
        unsettled, fault = (), str(error)
    below = render_unsettled(unsettled, sets.names().faults)
    return replace(_next(sets, drafts, into, fault), unsettled=below)


def _next(
    sets: Sets, drafts: str, into: str, message: str, kept: tuple[str, str, str] | None = None
) -> Shown:
    names = sets.names()
    waiting = {name: sets.waiting(name, accepted(name)) for name in names.drafts}
    try:
        left = sets.waiting(drafts, into or accepted(drafts)) if drafts in waiting else ()
    except UsageError as error:
        left, into, message = waiting[drafts], "", str(error)
    if not left:
        drafts = next((name for name, some in waiting.items() if some), "")
        into, left = "", waiting.get(drafts, ())
    into = into or (accepted(drafts) if drafts else "")
    chosen = next((draft for draft in left if kept and draft.id == kept[0]), None)
    draft = chosen or (left[0] if left else None)
    shown = chosen and kept or (draft and (draft.id, draft.question, draft.answer)) or ("", "", "")
    labels = [(f"{name} ({len(some)} to decide)", name) for name, some in waiting.items() if some]
    html = render_draft(draft, len(left), sets, message)
    return Shown(drafts, into, *shown, html, files=labels, sets=names.sets)


def _safely(made: Callable[[], Shown]) -> Shown:
    try:
        return made()
    except (DatelineError, OSError) as error:
        return Shown(html=render_note(str(error)))
    except Exception:
        log.exception("The page could not show the drafts.")
        return Shown(html=render_note(UNEXPECTED))


def _named(value: object) -> str:
    """The name of a set, with or without its ending."""
    name = _text(value).strip()
    return name if not name or name.endswith(END) else name + END


def _text(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""
