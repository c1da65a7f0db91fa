"""What a model server's replies mean: pieces of text, or a failure in words for the reader.

Nothing a server says about its failure is passed on: it may hold the request, or the key.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from service.models import Usage

DONE = "[DONE]"
RETRY_PAUSE = 0.3  # seconds before the second try, when the server names none
MAX_RETRY_PAUSE = 10  # a server that asks for more than this is not tried again
_TOO_LONG = re.compile(rb"context[_ ](length|size|window)|too (long|large|many tokens)", re.I)


class Failure(Exception):
    """What went wrong, worded to follow "The model server at HOST ...".

    `pause` is how many seconds to wait before trying once more, or None if that is no use.
    """

    def __init__(self, what: str, pause: float | None = None, too_long: bool = False) -> None:
        super().__init__(what)
        self.pause = pause
        self.too_long = too_long  # with less to read it may work


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a reply brings."""

    text: str = ""
    finish: str | None = None  # "stop", "length", ...: the reply is complete
    thinking: bool = False  # it brings text that is not for the reader
    usage: Usage | None = None


def read_piece(data: str) -> Piece:
    """Read one event of a streamed completion, or a completion that came whole."""
    if data.strip() == DONE:
        return Piece(finish="stop")
    reply = read_object(data)
    if reply.get("error"):
        raise Failure("broke off with an error", RETRY_PAUSE)
    choices = reply.get("choices")
    if not isinstance(choices, list):
        raise Failure("sent a reply without an answer in it")
    piece = _read_choice(choices[0]) if choices else Piece()  # usage comes with no choices
    return replace(piece, usage=_read_usage(reply.get("usage")))


def read_afterword(data: str) -> Piece:
    """Read what comes after the end: the usage; anything else is empty."""
    try:
        return Piece(usage=_read_usage(read_object(data).get("usage")))
    except Failure:
        return Piece()


def _read_usage(told: Any) -> Usage | None:
    counts = told if isinstance(told, dict) else {}
    prompt, reply = counts.get("prompt_tokens"), counts.get("completion_tokens")
    if type(prompt) is int and type(reply) is int and prompt >= 0 and reply >= 0:
        return Usage(prompt, reply)
    return None


def read_object(data: str | bytes) -> dict[str, Any]:
    """Read a JSON object; `Failure` if it is anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Failure("sent something that is not valid JSON") from None
    if not isinstance(value, dict):
        raise Failure("sent a reply without an answer in it")
    return value


def _read_choice(choice: Any) -> Piece:
    said = isinstance(choice, dict) and (choice.get("delta") or choice.get("message") or {})
    if isinstance(said, dict):
        thinking = bool(said.get("reasoning_content") or said.get("reasoning"))
        text, finish = said.get("content") or "", choice.get("finish_reason") or None
        if isinstance(text, str) and isinstance(finish, str | None):
            return Piece(_whole(text), finish, thinking)
    raise Failure("sent an answer in a form that cannot be read")


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def refusal(status: int, model: str, body: bytes, retry_after: str | None) -> Failure:
    """Put a status other than 200 into words."""
    if status in (400, 413, 422) and (status == 413 or _TOO_LONG.search(body)):
        what = f"finds the question with its passages too long for the model (status {status})"
        return Failure(what, too_long=True)
    if 300 <= status < 400:
        what = "answered with a redirect, which is not followed: set the address it leads to"
    elif status in (401, 403):
        what = "did not accept the API key"
    elif status == 404:
        what = f"does not know the model '{model}', or its address is not complete"
    elif status == 429:
        what = "has no room for more questions at the moment"
    elif status == 503:
        what = "is overloaded or still loading its model"
    else:
        what = "failed" if status >= 500 else "did not accept the request"
    again = status in (429, 503) and b"insufficient_quota" not in body
    return Failure(f"{what} (status {status})", _pause(retry_after) if again else None)


def _pause(retry_after: str | None) -> float | None:
    try:
        asked = float(retry_after or "")
    except ValueError:  # none, a date, or junk
        return RETRY_PAUSE
    return max(asked, RETRY_PAUSE) if 0 <= asked <= MAX_RETRY_PAUSE else None


class Visible:
    """Takes `<think>...</think>` out of a text that comes in pieces."""

    _marks = ("<think>", "</think>")

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def feed(self, piece: str) -> str:
        """Return what can be shown so far; what may yet become a mark is held back."""
        self._held += piece
        shown = ""
        while (at := self._held.find(mark := self._marks[self._thinking])) >= 0:
            shown += "" if self._thinking else self._held[:at]
            self._held = self._held[at + len(mark) :]
            self._thinking = not self._thinking
        keep = next(n for n in range(len(mark) - 1, -1, -1) if self._held.endswith(mark[:n]))
        cut = len(self._held) - keep
        shown += "" if self._thinking else self._held[:cut]
        self._held = self._held[cut:]
        return shown

    def end(self) -> str:
        """Return what was held back; thoughts that never ended are dropped."""
        return "" if self._thinking else self._held
