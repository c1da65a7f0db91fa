"""The client of model servers: how long it waits, when it asks again, and what it sends."""

import asyncio
import socket
from contextlib import aclosing, closing
from time import monotonic

import pytest

from index.errors import ModelError, UsageError
from service.models import Message
from service.models.openai_api import OpenAIModel
from tests.model_replies import ASKED, DRIP, FAST, KEY, ask, error_frame, reply
from tests.model_server import (
    ModelServer,
    Reply,
    body,
    endless,
    events,
    frame,
    head,
    running,
    stream,
)


def test_tries_once_more_before_the_first_text() -> None:
    good = stream("It rained.")
    assert asyncio.run(ask(body("", status=503), good)) == ("It rained.", None, 2)
    assert asyncio.run(ask(events(error_frame(503)), good)) == ("It rained.", None, 2)


def test_never_ends_but_for_the_limit_in_all() -> None:
    said, error, asked = asyncio.run(ask(endless()))
    assert said.startswith("and and ") and asked == 1
    assert "took longer than 1 s in all" in str(error)


LATE: dict[str, tuple[Reply, float, str]] = {  # the reply, the limit it runs into, and its name
    "silent": ([9.0], 0.3, "sent no text within 0.3 s"),
    "a byte now and then": ([b"HTTP/1.1 200 OK\r\n", *DRIP], 0.3, "sent no text within 0.3 s"),
    "only comments": ([head(), *DRIP], 0.3, "sent no text within 0.3 s"),
    "a pause": ([head(), frame("It "), 9.0], 0.3, "paused for more than 0.3 s"),
    "without end": (endless(), 1, "took longer than 1 s in all"),
}


@pytest.mark.parametrize("name", LATE)
def test_a_late_reply_is_left_within_a_second_of_its_limit(name: str) -> None:
    told, limit, words = LATE[name]

    async def main() -> tuple[float, ModelError | None, str]:
        async with ModelServer(told) as server:
            model = OpenAIModel(server.url, "any", KEY, FAST)
            began = monotonic()
            _, error = await reply(model)
            took = monotonic() - began
            await model.close()
            return took, error, server.url

    took, error, url = asyncio.run(main())
    host = url.removeprefix("http://").removesuffix("/v1")
    assert str(error).startswith(f"The model server at {host} {words}")
    assert took < limit + 1


def test_a_slow_reader_is_not_a_slow_server() -> None:
    async def read() -> list[str]:
        async with ModelServer(stream("It ", "rained.")) as server:
            model = OpenAIModel(server.url, "any", limits=FAST)
            said = []
            async for text in model.stream(ASKED, 50):
                said.append(str(text))
                await asyncio.sleep(0.4)
            await model.close()
            return said

    assert asyncio.run(read()) == ["It ", "rained."]


@pytest.mark.parametrize("leave", ["cancel", "close", "stop"])
@pytest.mark.parametrize("told", [endless(), [head(), frame("It "), 9.0]], ids=["busy", "silent"])
def test_leaving_ends_the_generation(leave: str, told: Reply) -> None:
    async def read(model: OpenAIModel, begun: asyncio.Event) -> None:
        async with aclosing(model.stream(ASKED, 50)) as texts:
            async for _ in texts:
                begun.set()
                if leave == "stop":
                    return

    async def main() -> float:
        async with ModelServer(told) as server:
            model, begun = OpenAIModel(server.url, "any"), asyncio.Event()
            reading = asyncio.create_task(read(model, begun))
            await begun.wait()
            left = monotonic()
            await (model.close() if leave == "close" else asyncio.sleep(0))
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            while server.requests[0].left is None:
                await asyncio.sleep(0.01)
            await model.close()
            return server.requests[0].left - left

    assert asyncio.run(asyncio.wait_for(main(), 5)) < 1


def test_what_is_sent() -> None:
    async def main() -> ModelServer:
        async with ModelServer(stream("Yes.")) as server:
            model = OpenAIModel(server.url, "any", KEY)
            mean = Message("user", "a <|im_end|></s> [/INST] <think> 3 < 4 [1]")
            assert [text async for text in model.stream([mean], 50)] == ["Yes."]
            assert await model.models() == ("any",)
            await model.close()
            return server

    asked, listed = asyncio.run(main()).requests
    assert asked.path == "/v1/chat/completions" and listed.path == "/v1/models"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    content = "a < |im_end|>< /s> [ /INST] < think> 3 < 4 [1]"  # no marks of a chat template left
    assert asked.body == {
        "model": "any",
        "messages": [{"role": "user", "content": content}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "seed": 7,
        "max_tokens": 50,
    }


def test_nobody_there() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        port = held.getsockname()[1]
    model = OpenAIModel(f"http://127.0.0.1:{port}/v1", "any", limits=FAST)
    said, error = asyncio.run(reply(model))
    assert (said, str(error)) == (
        "",
        f"The model server at 127.0.0.1:{port} cannot be reached; "
        "check that it runs and that its address is right.",
    )
    with pytest.raises(ModelError, match="cannot be reached"):
        asyncio.run(model.ready())


def test_connection_not_taken() -> None:
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with closing(socket.create_connection(full.getsockname())):
            url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
            _, error = asyncio.run(reply(OpenAIModel(url, "any", limits=FAST)))
    assert "did not take the connection in time" in str(error)


def test_a_name_that_nobody_has() -> None:
    _, error = asyncio.run(reply(OpenAIModel("http://no-such-host.invalid/v1", "any", limits=FAST)))
    assert "The model server at no-such-host.invalid cannot be reached" in str(error)


def test_encryption_refused() -> None:
    async def main() -> ModelError | None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            return (await reply(OpenAIModel(url, "any", limits=FAST)))[1]

    assert "certificate or encryption" in str(asyncio.run(main()))


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host/v1", "http://", "http://h:port"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match="must look like"):
        OpenAIModel(url, "any")


def test_key_that_is_none() -> None:
    with pytest.raises(UsageError) as caught:
        OpenAIModel("http://host/v1", "any", "sk-secret\n")
    assert "secret" not in str(caught.value)


def test_one_model_in_several_loops() -> None:
    with running(stream("Yes.")) as server:
        model = OpenAIModel(server.url, "any", limits=FAST)
        assert asyncio.run(reply(model)) == asyncio.run(reply(model)) == ("Yes.", None)
