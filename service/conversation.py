"""What the chat page shows while it answers, frame by frame. No Gradio here."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date

from index.errors import DatelineError, UsageError
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
from service.schema import Answer, Question

TURNS = 20  # kept of a conversation
UNEXPECTED = "Something went wrong here, and it has been logged. Please ask again."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A finished exchange: what later questions lean on, and how it looks."""

    question: str
    answer: str
    html: str


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
    earlier = "".join(turn.html for turn in turns)
    try:
        question = Question(
            text,
            tuple((turn.question, turn.answer) for turn in turns),
            since=_day(since, "From"),
            until=_day(until, "To"),
            as_of=_day(as_of, "As of"),
            outlets=tuple(outlets or ()),
        )
        async with aclosing(_answer(desk, question, turns)) as shown:
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
                    html = render_answer(question.text, event)
                    turn = Turn(question.text, event.text or NOT_FOUND, html)
                    yield html, (*turns, turn)[-TURNS:]
                    return
                case Said():
                    said.append(event)
                case Restart():
                    said.clear()
            yield render_pending(question.text, said), turns


def _day(text: str, label: str) -> date | None:
    written = printable(text or "").strip()
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise UsageError(
            f"“{written}” under “{label}” is no date: write year, month and day, as in 2025-06-11."
        ) from None
