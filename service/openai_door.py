"""The door for clients of OpenAI's chat API."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.desk import Desk
from service.faults import Fault, Json
from service.openai_chat import Chat
from service.openai_reply import MODEL, Reply
from service.schema import Question
from service.streaming import DONE, EventStream, event, unless_gone

openai = APIRouter(tags=["OpenAI-compatible"])


@openai.get("/v1/models")
async def models() -> Response:
    """List the one model there is."""
    return Json({"object": "list", "data": [_model()]})


@openai.get("/v1/models/{name:path}")
async def model(name: str) -> Response:
    """Describe the model."""
    _check_model(name)
    return Json(_model())


@openai.post("/v1/chat/completions")
async def chat(body: Chat, request: Request) -> Response:
    """Answer the last message, in OpenAI's shapes, with `citations` added.

    System messages are without effect: how Dateline answers is not up for discussion.
    """
    _check_model(body.model)
    body.refuse_unsupported()
    question, reply = body.to_question(), Reply(str(request.base_url))
    desk: Desk = request.app.state.desk
    if body.stream:
        return EventStream(_frames(desk, question, reply), desk.deadline, _last_words)
    return Json(reply.whole(await unless_gone(request.receive, desk.ask(question))))


async def _frames(desk: Desk, question: Question, reply: Reply) -> AsyncGenerator[bytes, None]:
    async with desk.answering(question) as events:
        yield event(reply.chunk({"role": "assistant", "content": ""}))
        async for happened in events:
            for chunk in reply.chunks(happened):
                yield event(chunk)
    yield DONE


def _check_model(name: str) -> None:
    if name != MODEL:
        message = f"There is one model here, '{MODEL}'."
        raise Fault(404, "model_not_found", message, "model")


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def _last_words(fault: Fault) -> bytes:
    return event(fault.shape())  # and no [DONE]: a client must not take it for complete
