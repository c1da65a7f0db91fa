"""The client of model servers, against a server that does everything wrong that one can."""

import asyncio
import gzip
import json
import re
import socket
from contextlib import aclosing, closing
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError, UsageError
from service.models import LengthReached, Message, TooLong
from service.models.limits import Limits
from service.models.openai_api import OpenAIModel
from service.models.replies import Visible
from service.models.sse import Event, EventReader
from tests.model_server import (
    RESET,
    ModelServer,
    Reply,
    body,
    bytewise,
    endless,
    events,
    frame,
    head,
    running,
    stream,
)

ASKED = [Message("system", "Be short."), Message("user", "What fell?")]
FAST = Limits(connect=0.2, first_token=0.3, between=0.3, total=1)
KEY = "sk-not-to-be-seen"
DONE = frame(finish="stop")
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\n'
WHOLE = '{"choices": [{"message": {"content": "It rained."}, "finish_reason": "stop"}]}'
NULL_USAGE = [b'data: {"choices": [], "usage": null}\n\n'] * 2


async def reply(model: OpenAIModel) -> tuple[str, ModelError | None]:
    """What came, and how it ended."""
    said = ""
    try:
        async for text in model.stream(ASKED, 50):
            said += text if isinstance(text, str) else f" {text.prompt}+{text.reply}"
    except ModelError as error:
        return said, error
    return said, None


async def ask(*replies: Reply, limits: Limits = FAST) -> tuple[str, ModelError | None, int]:
    """The same from a server that gives these replies, and how often it was asked."""
    async with ModelServer(*replies) as server:
        model = OpenAIModel(server.url, "any", KEY, limits)
        try:
            said, error = await reply(model)
        finally:
            await model.close()
        return said, error, len(server.requests)


GOOD: dict[str, Reply] = {
    "stream": stream("It ", "rained."),
    "one byte at a time": bytewise(frame("It "), frame("rained."), DONE),
    "no space after data:": events((frame("It rained.") + DONE).replace(b"data: ", b"data:")),
    "crlf": events((frame("It ") + frame("rained.") + DONE).replace(b"\n", b"\r\n")),
    "comments": events(b": hello\n\n", frame("It "), b":\n", frame("rained."), b": x\n\n", DONE),
    "multi-line data": events(frame("It rained.").replace(b'"delta"', b'\ndata: "delta"'), DONE),
    "byte order mark": events(b"\xef\xbb\xbf" + frame("It rained."), DONE),
    "no finish reason but [DONE]": events(frame("It rained."), b"data: [DONE]\n\n"),
    "no empty line at the end": events(frame("It rained."), DONE.removesuffix(b"\n")),
    "text after the end": events(frame("It rained."), DONE, frame(" Or not."), DONE),
    "ended twice": events(frame("It rained."), DONE, b"data: [DONE]\n\ndata: [DONE]\n\n"),
    "usage without choices": events(frame("It rained."), b'data: {"choices": []}\n\n', DONE),
    "content null": events(frame(None, role="assistant"), frame("It rained."), DONE),
    "no delta at the end": events(
        frame("It rained."), b'data: {"choices": [{"delta": null, "finish_reason": "stop"}]}\n\n'
    ),
    "text and finish at once": events(frame("It rained.", "stop")),
    "thoughts": stream("<thi", "nk>Snow? No.</th", "ink>", "It rained."),
    "thoughts apart": events(frame(None, reasoning_content="Snow?"), frame("It rained."), DONE),
    "did not stream": body(WHOLE),
    "usage null until the end": events(frame("It rained."), *NULL_USAGE, DONE, NULL_USAGE[0]),
    "usage that is none": events(frame("It rained."), DONE, b'data: {"usage": {"a": NaN}}\n\n'),
    "nonsense after the end": events(frame("It rained."), DONE, b"data: {oops\n\n"),
    "silent after the end": [head(), frame("It rained."), DONE, 9.0],
    "text after [DONE]": events(frame("It rained."), b"data: [DONE]\n\n", frame("Or not.")),
    "only a role at first": events(frame(role="assistant"), frame("It rained."), DONE),
    "unknown events": events(b"event: ping\n\nid: 3\nretry: 9\n\n", frame("It rained."), DONE),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_replies(name: str) -> None:
    assert asyncio.run(ask(GOOD[name])) == ("It rained.", None, 1)


COUNTED: dict[str, Reply] = {
    "after the end": events(frame("It rained."), DONE, USAGE, b"data: [DONE]\n\n"),
    "split": bytewise(frame("It rained."), DONE, USAGE),
    "with the end": events(
        frame("It rained."), DONE[:-3] + b', "usage": ' + USAGE.split(b'"usage": ')[1]
    ),
    "in one piece": body(WHOLE[:-1] + ', "usage": {"prompt_tokens": 7, "completion_tokens": 3}}'),
}


@pytest.mark.parametrize("name", COUNTED)
def test_tokens_are_told_as_the_server_counts_them(name: str) -> None:
    assert asyncio.run(ask(COUNTED[name])) == ("It rained. 7+3", None, 1)


def test_bytes_that_are_no_text_are_marked() -> None:
    cut = frame("It räined.").replace(b"\\u00e4", "ä".encode())
    assert asyncio.run(ask(bytewise(cut, DONE)))[:2] == ("It räined.", None)
    broken = cut.replace("ä".encode(), b"\xc3")
    assert asyncio.run(ask(events(broken, DONE)))[:2] == ("It r\ufffdined.", None)


@pytest.mark.parametrize("pieces", range(21))
def test_a_cut_reply_is_never_a_whole_one(pieces: int) -> None:
    said, error, _ = asyncio.run(ask(events(*[frame("and ")] * pieces)))
    assert said == "and " * pieces and "cut its reply short" in str(error)


def test_no_more_is_read_than_a_reply_can_hold() -> None:
    patient = Limits(first_token=20, total=20)
    said, error, _ = asyncio.run(ask(body("[" + "1," * 25_000_000), limits=patient))
    assert said == "" and "more than a reply can hold" in str(error)


def test_what_is_too_long_is_told_apart() -> None:
    _, error, _ = asyncio.run(ask(body(TOO_LONG, status=400)))
    assert isinstance(error, TooLong)


def error_frame(code: int) -> bytes:
    return b"data: " + json.dumps({"error": {"message": KEY, "code": code}}).encode() + b"\n\n"


DRIP: Reply = [b": ping\r\n", 0.1] * 20
TOO_LONG = '{"error": {"type": "exceed_context_size_error"}}'
BAD: dict[str, tuple[Reply, str, int, str]] = {  # name: reply, text before, tries, error
    "redirect": (body("", status=301, Location="http://x/"), "", 1, "redirect.*301"),
    "not accepted": (body("{}", status=400), "", 1, r"did not accept the request \(status 400\)"),
    "context": (body(TOO_LONG, status=400), "", 1, r"too long for the model \(status 400\)"),
    "body too large": (body("", status=413), "", 1, "too long for the model"),
    "key": (body(KEY, status=401), "", 1, r"API key \(status 401\)"),
    "model": (body("{}", status=404), "", 1, r"does not know the model 'any'.*404"),
    "busy": (body("{}", status=429, Retry_After="0"), "", 2, r"no room.*429"),
    "busy till a date": (body("", status=429, Retry_After="Wed, 21 Oct 2026"), "", 2, "429"),
    "busy for ages": (body("", status=429, Retry_After="1000000000"), "", 1, "429"),
    "busy, junk": (body("", status=429, Retry_After="soon"), "", 2, "429"),
    "busy, no word": (body("", status=429), "", 2, r"no room.*429"),
    "quota": (body('{"code": "insufficient_quota"}', status=429), "", 1, "429"),
    "server error": (body("oops", status=500), "", 1, r"failed \(status 500\)"),
    "gateway page": (body("<html>", "text/html", 502), "", 1, r"failed \(status 502\)"),
    "loading": (body("{}", status=503), "", 2, r"loading its model \(status 503\)"),
    "page": (body("<html>Log in</html>", "text/html"), "", 1, "web page"),
    "empty object": (body("{}"), "", 1, "without an answer"),
    "list": (body("[]"), "", 1, "without an answer"),
    "not JSON": (body("{"), "", 1, "not valid JSON"),
    "nested": (body("[" * 100_000), "", 1, "not valid JSON"),
    "no choices": (body('{"choices": []}'), "", 1, "cut its reply short"),
    "nothing": (events(), "", 1, "cut its reply short"),
    "only [DONE]": (events(b"data: [DONE]\n\n"), "", 1, "empty reply"),
    "empty": (stream(""), "", 1, "empty reply"),
    "white space": (stream(" ", "\n"), " \n", 1, "empty reply"),
    "only thoughts": (stream("<think>Hm", "m"), "", 1, "empty reply"),
    "long thoughts": (stream("<think>Hm", finish="length"), "", 1, "empty reply"),
    "null": (body(WHOLE.replace('"It rained."', "null")), "", 1, "empty reply"),
    "10 MB line": (events(b"data: " + b"x" * 10_000_000), "", 1, "line that is too long"),
    "old function": (events(frame(finish="function_call")), "", 1, "asked for a tool"),
    "number": (events(frame("It "), frame(5, finish="stop")), "It ", 1, "cannot be read"),
    "NaN": (events(b'data: {"choices": [{"delta": {"content": NaN}}]}\n\n'), "", 1, "cannot be"),
    "choice is text": (events(b'data: {"choices": ["It rained."]}\n\n'), "", 1, "cannot be read"),
    "malformed": (events(frame("It "), b"data: {oops\n\n", DONE), "It ", 1, "not valid JSON"),
    "error at once": (events(error_frame(503)), "", 2, "broke off with an error"),
    "error named": (events(b"event: error\ndata: sorry\n\n"), "", 2, "broke off with an error"),
    "error later": (events(frame("It "), error_frame(500)), "It ", 1, "broke off with an error"),
    "queue full": (events(error_frame(503), b"data: [DONE]\n\n"), "", 2, "broke off"),
    "cut at once": (events(frame()), "", 1, "cut its reply short"),
    "cut later": (events(frame("It "), frame("rai")), "It rai", 1, "cut its reply short"),
    "cut in an event": (events(frame("It "), frame("rained.")[:-9]), "It ", 1, "cut its reply"),
    "reset": ([head(), frame("It "), 0.05, RESET], "It ", 1, "broke off the connection"),
    "reset at once": ([RESET], "", 1, "broke off the connection"),
    "not HTTP": ([b"SSH-2.0-OpenSSH_9.6\r\n"], "", 1, "broke off the connection"),
    "gzip": ([head(Content_Encoding="gzip"), gzip.compress(frame("It "))], "", 1, "compressed"),
    "long line": (events(b"data: " + b"x" * 1_100_000), "", 1, "line that is too long"),
    "huge": (events(*[b": " + b"x" * 65_000 + b"\n"] * 80), "", 1, "more than a reply can hold"),
    "filtered": (stream("It ", finish="content_filter"), "It ", 1, "withheld"),
    "tool": (events(frame(tool_calls=[{}]), frame(finish="tool_calls")), "", 1, "asked for a tool"),
    "silent": ([9.0], "", 1, "no text within 0.3 s"),
    "slow headers": ([b"HTTP/1.1 200 OK\r\n", *DRIP], "", 1, "no text within 0.3 s"),
    "only comments": ([head(), *DRIP], "", 1, "no text within 0.3 s"),
    "pause": ([head(), frame("It "), 9.0], "It ", 1, "paused for more than 0.3 s"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_replies(name: str) -> None:
    told, text, tries, words = BAD[name]
    began = monotonic()
    said, error, asked = asyncio.run(ask(told))
    assert (said, asked) == (text, tries)
    too_long = name in ("context", "body too large")
    assert type(error) is (TooLong if too_long else ModelError) and re.search(words, str(error))
    assert re.fullmatch(r"The model server at 127\.0\.0\.1:\d+ [^\n]+\.", str(error))
    assert KEY not in str(error) and "sorry" not in str(error) and "oops" not in str(error)
    assert monotonic() - began < 8


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


def test_length_is_told_apart() -> None:
    said, error, _ = asyncio.run(ask(stream("It rained. And", finish="length")))
    assert said == "It rained. And"
    assert isinstance(error, LengthReached)


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


WIRE = "\ufeffdata: é\r\ndata:two\n\n: no\revent: error\ndata: 💧\r\n\r\ndata: cut".encode()
EVENTS = [Event("é\ntwo"), Event("💧", "error")]


@given(st.lists(st.integers(0, len(WIRE))))
def test_events_do_not_depend_on_the_chunks(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(WIRE)]
    chunks = [WIRE[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    reader = EventReader()
    assert [event for chunk in chunks for event in reader.feed(chunk)] == EVENTS
    assert list(reader.end()) == []


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "th", "ink>", "a", "/"]), max_size=12))
def test_thoughts_do_not_depend_on_the_pieces(parts: list[str]) -> None:
    text, pieces, letters = "".join(parts), Visible(), Visible()
    seen = "".join(map(pieces.feed, parts)) + pieces.end()
    assert seen == "".join(map(letters.feed, text)) + letters.end()
    assert seen == re.sub(r"<think>.*?(</think>|$)", "", text, flags=re.DOTALL)
