"""Replies of model servers: read whole, or told what is wrong with them."""

import asyncio
import re
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from service.models import LengthReached, TooLong
from service.models.limits import Limits
from service.models.replies import Visible
from service.models.sse import Event, EventReader
from tests.model_replies import BAD, DONE, KEY, TOO_LONG, USAGE, WHOLE, ask
from tests.model_server import Reply, body, bytewise, events, frame, head, stream

NULL_USAGE = [b'data: {"choices": [], "usage": null}\n\n'] * 2
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


def test_length_is_told_apart() -> None:
    said, error, _ = asyncio.run(ask(stream("It rained. And", finish="length")))
    assert said == "It rained. And"
    assert isinstance(error, LengthReached)


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
