"""What the chat page shows while it answers, frame by frame. No Gradio here."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from index.errors import DatelineError, UsageError
from index.understanding import Part, Understanding
from service.answering import Restart
from service.desk import Desk
from service.faults import Fault
from service.pipeline import Said
from service.render import (
    NOT_FOUND,
    printable,
    render_answer,
    render_failure,
    render_pending,
)
from service.render_chips import render_chips
from service.schema import Answer, Question

TURNS = 20  # kept of a conversation
_ENDS = (("since", "From"), ("until", "To"))
UNEXPECTED = "Something went wrong here, and it has been logged. Please ask again."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A finished exchange: what later questions lean on, and how it looks."""

    question: str
    answer: str
    html: str
    asked: Question
    understood: Understanding | None = None


Turns = tuple[Turn, ...]
Frame = tuple[str, str, str, Turns]  # the question box, the earlier turns, the current one, all


async def converse(
    desk: Desk,
    text: str,
    since: str,
    until: str,
    as_of: str,
    outlets: Sequence[str],
    turns: Turns,
) -> AsyncGenerator[Frame, None]:
    """A frame for each new thing to see. An error is a frame too, with the question kept."""
    text = printable(text or "").strip()

    def question() -> Question:
        return Question(
            text,
            tuple((turn.question, turn.answer) for turn in turns),
            since=_day(since, "From"),
            until=_day(until, "To"),
            as_of=_day(as_of, "As of"),
            outlets=tuple(outlets or ()),
        )

    async with aclosing(_frames(desk, text, question, turns)) as shown:
        async for frame in shown:
            yield frame


async def ask_again(
    desk: Desk, change: Mapping[str, Any], turns: Turns
) -> AsyncGenerator[Frame, None]:
    """The last question anew, with what the reader changed of its chips; frames as before."""
    if not turns:
        return
    last, before = turns[-1], turns[:-1]
    asking = partial(_changed, last, change)
    async with aclosing(_frames(desk, last.question, asking, before)) as shown:
        async for frame in shown:
            yield frame


def _changed(last: Turn, change: Mapping[str, Any]) -> Question:
    """The question of a turn, with the change. Raises UsageError for days that are none."""
    asked = last.asked
    match change.get("again"), change.get("part"):
        case "days", _:
            since, until = (_day(str(change.get(name) or ""), label) for name, label in _ENDS)
            if since and until and since > until:
                since, until = until, since
            return replace(asked, since=since, until=until, without=_and(asked, "time"))
        case "outlets", _:
            named = last.understood.outlets if last.understood else ()
            return replace(asked, outlets=named)
        case "without", "time":
            return replace(asked, since=None, until=None, without=_and(asked, "time"))
        case "without", "outlets":
            return replace(asked, outlets=(), without=_and(asked, "outlets"))
        case "without", "follow_up":
            return replace(asked, without=_and(asked, "follow_up"))
    return asked


def _and(asked: Question, part: Part) -> tuple[Part, ...]:
    return tuple(dict.fromkeys((*asked.without, part)))


async def _frames(
    desk: Desk, text: str, asking: Callable[[], Question], turns: Turns
) -> AsyncGenerator[Frame, None]:
    earlier = "".join(turn.html for turn in turns)
    try:
        async with aclosing(_answer(desk, asking(), turns)) as shown:
            async for current, now in shown:
                yield "", earlier, current, now
    except (DatelineError, Fault) as error:
        yield text, earlier, render_failure(text, str(error)), turns
    except Exception:
        log.exception("The page could not answer.")
        yield text, earlier, render_failure(text, UNEXPECTED), turns


async def _answer(
    desk: Desk, question: Question, turns: Turns
) -> AsyncGenerator[tuple[str, Turns], None]:
    said: list[Said] = []
    yield render_pending(question.text, said), turns
    async with (
        desk.answering(question) as events,
        aclosing(desk.deadline.each(events)) as timely,
    ):
        async for event in timely:
            match event:
                case Answer():
                    yield _finished(question, event, turns)
                    return
                case Said():
                    said.append(event)
                case Restart():
                    said.clear()
            yield render_pending(question.text, said), turns


def _finished(question: Question, answer: Answer, turns: Turns) -> tuple[str, Turns]:
    """What the answer looks like while it is the last one, and the turns with it."""
    understood = answer.understood
    now, later = (
        render_answer(question.text, answer, render_chips(question, understood, fixed=fixed))
        for fixed in (False, True)
    )
    turn = Turn(question.text, answer.text or NOT_FOUND, later, question, understood)
    return now, (*turns, turn)[-TURNS:]


def _day(text: str, label: str) -> date | None:
    written = printable(text or "").strip()
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise UsageError(
            f"“{written}” under “{label}” is no date: write year, month and day, as in 2025-06-11."
        ) from None
