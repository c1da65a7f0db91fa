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


class Model(Protocol):
    """Something that continues a conversation."""

    name: str

    def stream(self, messages: Sequence[Message], max_tokens: int) -> AsyncGenerator[str, None]:
        """Yield the reply in pieces, as they come.

        Raises `ModelError` if it fails, before or after some pieces, and `LengthReached` at the
        end if `max_tokens` cut it off; a stream that ends without either is complete. Closing
        the generator (`aclose`, or cancelling who waits for it) ends the generation.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and processes; a closed model is not used again."""
        ...
