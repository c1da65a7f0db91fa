"""Language models, behind one verb.

`openai_api` speaks to any server with the OpenAI-compatible HTTP interface; `llama` runs such a
server for a GGUF file in a child process. A model that fails raises `index.errors.ModelError`.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.errors import ModelError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


class LengthReached(ModelError):
    """The reply stopped at `max_tokens`: what came before holds, but its last sentence is cut."""


class TooLong(ModelError):
    """The server counts more tokens than its model can read: ask with less."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply took, in tokens as the server counts them."""

    prompt: int
    reply: int


class Model(Protocol):
    """Something that continues a conversation."""

    name: str

    def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        """Yield the reply in pieces, as they come, and then what it took, if the server says so.

        Raises `ModelError` if it fails, before or after some pieces, `TooLong` before any, and
        `LengthReached` at the end if `max_tokens` cut it off; a stream that ends without any of
        them is complete. Closing the generator (`aclose`, or cancelling who waits for it) ends the
        generation.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and processes; a closed model is not used again."""
        ...
