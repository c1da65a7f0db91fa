"""A conversation as OpenAI's chat API has it: the last message asks, the others are its history.

What the API offers and an archive cannot do is refused by name, never silently left out.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from service.bodies import MAX_HISTORY, MAX_TURNS, Day, Outlets, Text, Without
from service.faults import Fault
from service.schema import Question

# Values with which a parameter changes nothing; `...` stands for any.
HARMLESS: dict[str, object] = {
    "n": 1,
    "logprobs": False,
    "tools": [],
    "tool_choice": "none",
    "stop": [],
    "logit_bias": {},
    "response_format": {"type": "text"},
    "modalities": ["text"],
    **dict.fromkeys(("seed", "user", "metadata", "store", "service_tier", "stream_options"), ...),
}


def _plain(content: object) -> object:
    """The text of a message, whose parts may be listed one by one."""
    if not isinstance(content, list):
        return "" if content is None else content
    parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
    if len(parts) < len(content) or not all(isinstance(part.get("text"), str) for part in parts):
        raise ValueError("only text is understood")
    return "\n".join(part["text"] for part in parts)


class Message(BaseModel):
    """One turn of the conversation. Fields that clients add are ignored."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[Text, BeforeValidator(_plain)]


Ratio = Annotated[float | None, Field(ge=0, le=2)]
Count = Annotated[int | None, Field(ge=1, le=1_000_000)]
Penalty = Annotated[float | None, Field(ge=-2, le=2)]


class Chat(BaseModel):
    """Body of POST /v1/chat/completions; the last six are Dateline's own."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[Message] = Field(min_length=1, max_length=1000)
    stream: StrictBool | None = False
    temperature: Ratio = Field(None, description="accepted and without effect, as are those below")
    top_p: Ratio = None
    max_tokens: Count = None
    max_completion_tokens: Count = None
    presence_penalty: Penalty = None
    frequency_penalty: Penalty = None
    since: Day = None
    until: Day = None
    as_of: Day = None
    outlets: Outlets = []
    asked_at: Day = None
    without: Without = []

    def to_question(self) -> Question:
        """The last message, with the turns before it as history. Raises a Fault."""
        if self.messages[-1].role != "user":
            raise Fault(400, "invalid_value", "The last message must be the user's.", "messages")
        return Question(
            self.messages[-1].content,
            _recent(list(_turns(self.messages[:-1]))),
            self.since,
            self.until,
            self.as_of,
            tuple(self.outlets),
            self.asked_at,
            tuple(self.without),
        )

    def refuse_unsupported(self) -> None:
        """Raises a Fault that names the first parameter we would otherwise ignore."""
        for name, value in (self.model_extra or {}).items():
            if value is not None and HARMLESS.get(name) not in (..., value):
                message = f"'{name[:100]}' is not supported here: leave it out."
                raise Fault(400, "unsupported_parameter", message, name[:100])


def _turns(messages: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """Pairs of what the user said and what came back, "" if nothing did."""
    said: str | None = None
    for message in messages:
        if message.role == "user":
            if said is not None:
                yield said, ""
            said = message.content
        elif message.role == "assistant" and said is not None:
            yield said, message.content
            said = None
    if said is not None:
        yield said, ""


def _recent(turns: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The last turns, as many as a question may lean on."""
    kept = turns[-MAX_TURNS:]
    while sum(len(text) for turn in kept for text in turn) > MAX_HISTORY:
        kept = kept[1:]
    return tuple(kept)
