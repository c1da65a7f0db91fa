"""From the door to the model server and back: who leaves, and what a bad server does to answers."""

import asyncio
import html
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import monotonic
from typing import Any

import httpx
import pytest

from index.archive import Archive
from service.api import create_api
from service.app import Dateline
from service.conversation import converse
from service.desk import Desk
from service.model_answerer import ModelAnswerer
from service.models.limits import Limits
from service.models.openai_api import OpenAIModel
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.settings import load
from tests import model_server
from tests.fakes import BUDGET, small_archive
from tests.model_replies import BAD, FAST, KEY, USAGE
from tests.model_server import ModelServer, Reply, Request, endless, events, frame, stream
from tests.serving import running, until
from tests.test_answerers import eager
from tests.test_server import posted

ASK = {"question": "By how much do taxes rise from March 1?"}
SAID = "Taxes rise by 2 percent from March 1 [1]."
CHAT = {"model": "dateline", "messages": [{"role": "user", "content": ASK["question"]}]}
DOORS: dict[str, tuple[str, dict[str, Any]]] = {
    "stream": ("/v1/ask", {**ASK, "stream": True}),
    "whole": ("/v1/ask", ASK),
    "chat stream": ("/v1/chat/completions", {**CHAT, "stream": True}),
    "chat": ("/v1/chat/completions", CHAT),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@contextmanager
def serving(archive: Archive, *replies: Reply, limits: Limits = FAST) -> Iterator[tuple[str, Any]]:
    """The API with a model on such a server, and that server."""
    with model_server.running(*replies) as server:
        model = OpenAIModel(server.url, "any", KEY, limits)
        with running(create_api(line(archive, model))) as address:
            yield address, server


def line(archive: Archive, model: OpenAIModel) -> Dateline:
    """All that answers, with this model."""
    answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager()))
    return Dateline(load(data=archive.folder), archive, Pipeline(archive, answerer))


@pytest.mark.parametrize("door", DOORS)
def test_the_generation_ends_when_the_reader_leaves(archive: Archive, door: str) -> None:
    path, body = DOORS[door]
    late: list[float] = []
    with serving(archive, stream(SAID), endless(), limits=Limits()) as (address, server):
        httpx.post(f"{address}/v1/ask", json=ASK, timeout=60)  # the first one loads
        for many in [4] * 12 + [2]:
            late += _left_late(address, path, body, server.requests, many)
    print(f"{len(late)} left, median {median(late):.3f} s, most {max(late):.3f} s")
    assert len(late) == 50 and max(late) < 1


def _left_late(
    address: str, path: str, body: dict[str, Any], requests: list[Request], many: int
) -> list[float]:
    """Ask so many times at once, leave, and see how many seconds later the model is left."""
    before = len(requests)
    with ExitStack() as readers:
        for _ in range(many):
            readers.enter_context(posted(address, path, body))
        until(lambda: len(requests) >= before + many)
        left = monotonic()
    until(lambda: all(request.left for request in requests[before:]))
    return [(request.left or 0) - left for request in requests[before:]]


async def everywhere(
    archive: Archive, address: str, server: ModelServer, limits: Limits
) -> dict[str, str]:
    """What a reader is told at each door, all asked at once, and on the page."""

    async def posted_to(door: str) -> str:
        path, body = DOORS[door]
        got = await client.post(address + path, json=body)
        assert got.status_code == 200
        return got.text

    async with httpx.AsyncClient(timeout=60) as client:
        texts = await asyncio.gather(*map(posted_to, DOORS), paged(archive, server, limits))
    return dict(zip([*DOORS, "page"], texts, strict=True))


async def paged(archive: Archive, server: ModelServer, limits: Limits) -> str:
    """The last frame of the page, as the text in it."""
    model = OpenAIModel(server.url, "any", KEY, limits)
    try:
        desk = Desk(line(archive, model))
        frames = [f async for f in converse(desk, ASK["question"], "", "", "", (), ())]
    finally:
        await model.close()
    return html.unescape(frames[-1][2])


@pytest.mark.parametrize("name", BAD)
def test_the_quotes_answer_for_a_bad_server(archive: Archive, name: str) -> None:
    reply, _, _, words = BAD[name]
    limits = FAST if re.search("no text|paused", words) else Limits()  # other tests run beside it
    with serving(archive, reply, limits=limits) as (address, server):
        told = asyncio.run(everywhere(archive, address, server, limits))
    answers = [json.loads(told["whole"]), streamed(told["stream"])]
    for answer in answers:
        assert (answer["status"], answer["answerer"]) == ("answered", "quotes")
        assert re.search(words, answer["notes"][0])
        assert all(
            BUDGET.text[c["start"] : c["end"]] == c["quote"] for c in answer["citations"][:1]
        )
    for text in told.values():
        assert re.search(words, text) and "own sentences instead" in text
        assert "Taxes rise by 2 percent from March 1." in text
        assert KEY not in text and "sorry" not in text and "oops" not in text


def streamed(text: str) -> Any:
    """The answer at the end of a stream that ended as it should."""
    *_, answer, done, end = text.split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    kind, _, data = answer.partition("\n")
    assert kind == "event: answer"
    return json.loads(data.removeprefix("data: "))


def test_there_are_at_least_45_bad_replies() -> None:
    assert len(BAD) >= 45


def test_a_cut_reply_is_never_the_answer(archive: Archive) -> None:
    pieces = SAID.replace(" ", " \0").split("\0") * 3
    cut = [events(*map(frame, pieces[:k])) for k in range(21)]
    for reply in cut:
        with serving(archive, reply, limits=Limits()) as (address, _):
            answer = httpx.post(f"{address}/v1/ask", json=ASK, timeout=60).json()
        assert answer["answerer"] == "quotes" and "cut its reply short" in answer["notes"][0]


def test_an_answer_tells_time_and_tokens(archive: Archive) -> None:
    counted = [*stream(SAID)[:-1], USAGE]
    with serving(archive, counted) as (address, _):
        answer = httpx.post(f"{address}/v1/ask", json=ASK).json()
        chat = httpx.post(f"{address}/v1/chat/completions", json=CHAT).json()
    assert answer["answerer"] == "any" and set(answer["seconds"]) == {"retrieve", "answer"}
    assert answer["tokens"] == {"prompt": 7, "reply": 3}
    assert chat["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def test_a_busy_server_is_asked_once_more(archive: Archive) -> None:
    busy = model_server.body("", status=503)
    with serving(archive, busy, stream(SAID)) as (address, server):
        answer = httpx.post(f"{address}/v1/ask", json=ASK).json()
    assert (answer["answerer"], len(server.requests)) == ("any", 2)
    assert isinstance(server, ModelServer) and answer["notes"] == []
