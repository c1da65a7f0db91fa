"""From the door to the model server and back: who leaves, and what a bad server does to answers."""

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
from service.model_answerer import ModelAnswerer
from service.models.limits import Limits
from service.models.openai_api import OpenAIModel
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.settings import load
from tests import model_server
from tests.fakes import BUDGET, small_archive
from tests.model_server import ModelServer, Reply, Request, endless, stream
from tests.serving import running, until
from tests.test_answerers import eager
from tests.test_models import BAD, FAST, KEY, USAGE
from tests.test_server import posted

ASK = {"question": "By how much do taxes rise from March 1?"}
SAID = "Taxes rise by 2 percent from March 1 [1]."
DOORS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/ask", {**ASK, "stream": True}),
    ("/v1/ask", ASK),
    (
        "/v1/chat/completions",
        {"model": "dateline", "messages": [{"role": "user", "content": ASK["question"]}]},
    ),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@contextmanager
def serving(archive: Archive, *replies: Reply, limits: Limits = FAST) -> Iterator[tuple[str, Any]]:
    """The API with a model on such a server, and that server."""
    with model_server.running(*replies) as server:
        model = OpenAIModel(server.url, "any", KEY, limits)
        answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager()))
        line = Dateline(load(data=archive.folder), archive, Pipeline(archive, answerer))
        with running(create_api(line)) as address:
            yield address, server


@pytest.mark.parametrize(("path", "body"), DOORS, ids=["stream", "whole", "chat"])
def test_the_generation_ends_when_the_reader_leaves(
    archive: Archive, path: str, body: dict[str, Any]
) -> None:
    late: list[float] = []
    with serving(archive, stream(SAID), endless(), limits=Limits()) as (address, server):
        httpx.post(f"{address}/v1/ask", json=ASK, timeout=60)  # the first one loads
        for many in [4] * 12 + [2]:
            late += _left_late(address, path, body, server.requests, many)
    print(f"{len(late)} left, median {median(late):.3f} s, most {max(late):.3f} s")
    assert len(late) == 50 and median(late) < 1 and max(late) < 5  # other tests run beside it


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


@pytest.mark.parametrize("name", BAD)
def test_the_quotes_answer_for_a_bad_server(archive: Archive, name: str) -> None:
    reply, _, _, words = BAD[name]
    with serving(archive, reply) as (address, server):
        got = httpx.post(f"{address}/v1/ask", json=ASK, timeout=60)
    answer = got.json()
    assert (got.status_code, answer["status"], answer["answerer"]) == (200, "answered", "quotes")
    assert re.search(words, answer["notes"][0]) and "own sentences instead" in answer["notes"][0]
    assert KEY not in got.text and "sorry" not in got.text and "oops" not in got.text
    assert all(BUDGET.text[c["start"] : c["end"]] == c["quote"] for c in answer["citations"][:1])


def test_an_answer_tells_time_and_tokens(archive: Archive) -> None:
    counted = [*stream(SAID)[:-1], USAGE]
    with serving(archive, counted) as (address, _):
        answer = httpx.post(f"{address}/v1/ask", json=ASK).json()
        chat = httpx.post(address + DOORS[2][0], json=DOORS[2][1]).json()
    assert answer["answerer"] == "any" and set(answer["seconds"]) == {"retrieve", "answer"}
    assert answer["tokens"] == {"prompt": 7, "reply": 3}
    assert chat["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def test_a_busy_server_is_asked_once_more(archive: Archive) -> None:
    busy = model_server.body("", status=503)
    with serving(archive, busy, stream(SAID)) as (address, server):
        answer = httpx.post(f"{address}/v1/ask", json=ASK).json()
    assert (answer["answerer"], len(server.requests)) == ("any", 2)
    assert isinstance(server, ModelServer) and answer["notes"] == []
