"""From the door to the model server and back: who leaves, and what a bad server does to answers."""

import asyncio
import html
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from time import monotonic
from typing import Any

import httpx
import pytest
from mcp.types import TextContent

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
from tests.calling import UNUSED, mcp_client
from tests.fakes import BUDGET, small_archive
from tests.model_replies import BAD, FAST, KEY, USAGE
from tests.model_server import ModelServer, Request, endless, events, frame, stream
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


@dataclass(frozen=True)
class Served:
    """The API at an address with a model on a server, which replies as it is told to."""

    archive: Archive
    address: str
    server: ModelServer
    page: OpenAIModel  # of the same server, for the page, which runs in another loop


@contextmanager
def serving(archive: Archive, limits: Limits) -> Iterator[Served]:
    """All that is asked in these tests, with these limits for the model."""
    with model_server.running([]) as server:
        model, page = (OpenAIModel(server.url, "any", KEY, limits) for _ in range(2))
        with running(create_api(line(archive, model))) as address:
            yield Served(archive, address, server, page)
        asyncio.run(page.close())


@pytest.fixture(scope="module")
def patient(archive: Archive) -> Iterator[Served]:
    """For all tests but those of lateness: others run beside them."""
    with serving(archive, Limits()) as served:
        yield served


@pytest.fixture(scope="module")
def hasty(archive: Archive) -> Iterator[Served]:
    with serving(archive, FAST) as served:
        yield served


@pytest.fixture(scope="module")
def visitor() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, verify=UNUSED) as opened:
        yield opened


def line(archive: Archive, model: OpenAIModel) -> Dateline:
    """All that answers, with this model."""
    answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager()))
    return Dateline(load(data=archive.folder), archive, Pipeline(archive, answerer))


@pytest.mark.parametrize("door", DOORS)
def test_the_generation_ends_when_the_reader_leaves(
    patient: Served, visitor: httpx.Client, door: str
) -> None:
    path, body = DOORS[door]
    late: list[float] = []
    patient.server.play(stream(SAID), endless())
    visitor.post(f"{patient.address}/v1/ask", json=ASK)  # the first one loads
    for many in [4] * 12 + [2]:
        late += _left_late(patient.address, path, body, patient.server.requests, many)
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


async def everywhere(served: Served) -> dict[str, str]:
    """What a reader is told at each door, on the page and through MCP."""

    async def posted_to(door: str) -> str:
        path, body = DOORS[door]
        got = await client.post(served.address + path, json=body)
        assert got.status_code == 200
        return got.text

    async with httpx.AsyncClient(timeout=60, verify=UNUSED) as client:
        texts = await asyncio.gather(*map(posted_to, DOORS), paged(served))
    texts.append(await called(served.address))  # after them: the gate lets in four at once
    return dict(zip([*DOORS, "page", "mcp"], texts, strict=True))


async def called(address: str) -> str:
    """What an MCP client is told."""
    async with mcp_client(f"{address}/mcp") as client:
        result = await client.call_tool("ask", ASK)
    (content,) = result.content
    assert isinstance(content, TextContent) and not result.is_error
    return content.text


async def paged(served: Served) -> str:
    """The last frame of the page, as the text in it."""
    desk = Desk(line(served.archive, served.page))
    frames = [f async for f in converse(desk, ASK["question"], "", "", "", (), ())]
    return html.unescape(frames[-1][2])


@pytest.mark.parametrize("name", BAD)
def test_the_quotes_answer_for_a_bad_server(patient: Served, hasty: Served, name: str) -> None:
    reply, _, _, words = BAD[name]
    served = hasty if re.search("no text|paused", words) else patient
    served.server.play(reply)
    told = asyncio.run(everywhere(served))
    answers = [json.loads(told["whole"]), streamed(told["stream"]), json.loads(told["mcp"])]
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


def test_a_cut_reply_is_never_the_answer(patient: Served, visitor: httpx.Client) -> None:
    pieces = SAID.replace(" ", " \0").split("\0") * 3
    cut = [events(*map(frame, pieces[:k])) for k in range(21)]
    for reply in cut:
        patient.server.play(reply)
        answer = visitor.post(f"{patient.address}/v1/ask", json=ASK).json()
        assert answer["answerer"] == "quotes" and "cut its reply short" in answer["notes"][0]


def test_an_answer_tells_time_and_tokens(patient: Served, visitor: httpx.Client) -> None:
    patient.server.play([*stream(SAID)[:-1], USAGE])
    answer = visitor.post(f"{patient.address}/v1/ask", json=ASK).json()
    chat = visitor.post(f"{patient.address}/v1/chat/completions", json=CHAT).json()
    assert answer["answerer"] == "any" and set(answer["seconds"]) == {"retrieve", "answer"}
    assert answer["tokens"] == {"prompt": 7, "reply": 3}
    assert chat["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def test_a_busy_server_is_asked_once_more(patient: Served, visitor: httpx.Client) -> None:
    patient.server.play(model_server.body("", status=503), stream(SAID))
    answer = visitor.post(f"{patient.address}/v1/ask", json=ASK).json()
    assert (answer["answerer"], len(patient.server.requests)) == ("any", 2)
    assert answer["notes"] == []
