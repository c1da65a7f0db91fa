"""A model of ours as LlamaIndex knows language models."""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
)
from llama_index.core.llms import CustomLLM
from pydantic import PrivateAttr

from service.models import LengthReached, Message, Model

MOST_TOKENS = 512  # of a judgement with its reasons


class ModelLLM(CustomLLM):
    """Asks through our own client; one question, one reply, at the model's own settings."""

    _model: Model = PrivateAttr()

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    @property
    def metadata(self) -> LLMMetadata:
        """Its name, and that it takes turns of a conversation."""
        return LLMMetadata(model_name=self._model.name, is_chat_model=True, num_output=MOST_TOKENS)

    async def achat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        """The reply; what a limit cut off is taken as it is. Raises ModelError."""
        said = await self._reply([_message(message) for message in messages])
        return ChatResponse(message=ChatMessage(role="assistant", content=said))

    async def acomplete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        """The reply to one turn of the user."""
        return CompletionResponse(text=await self._reply([Message("user", prompt)]))

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        """The same where nothing else runs."""
        return asyncio.run(self.acomplete(prompt))

    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> CompletionResponseGen:
        """In one piece."""
        yield self.complete(prompt)

    async def _reply(self, messages: Sequence[Message]) -> str:
        pieces: list[str] = []
        try:
            async for piece in self._model.stream(messages, MOST_TOKENS):
                if isinstance(piece, str):
                    pieces.append(piece)
        except LengthReached:
            pass
        return "".join(pieces)


def _message(message: ChatMessage) -> Message:
    role = str(message.role.value)
    return Message(role if role in ("system", "assistant") else "user", message.content or "")  # type: ignore[arg-type]
