"""Runs against a server, runs that are killed, and how far a run says it is."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals import overhead
from evals.case import Case, Evidence
from evals.progress import Progress
from evals.remote import Remote, remote
from evals.run import Stop, run
from evals.summary import Summary
from index.errors import DatelineError, UsageError
from service.api import create_api
from service.schema import Answer, Question
from tests.fakes import ANSWER, BUDGET, LETTER, REFUSAL, ScriptedPipeline, dateline, small_archive
from tests.serving import running, until

CASES = [
    Case(
        f"q{n}",
        f"Why do taxes rise {n}?",
        facts=(("2 percent",),),
        evidence=(Evidence(BUDGET.url or "", "Taxes rise by 2 percent from March 1."),),
    )
    for n in range(8)
]


def ask_server(out: Path, url: str, concurrency: int = 1, **options: Any) -> Summary:
    async def asked() -> Summary:
        async with remote(url, pauses=()) as server:
            config = {"archive": server.digest}
            return await run(
                CASES,
                server.ask,
                out,
                config=config,
                progress=False,
                concurrency=concurrency,
                **options,
            )

    return asyncio.run(asked())


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ScriptedPipeline]]:
    pipeline = ScriptedPipeline()
    with small_archive(tmp_path_factory.mktemp("data")) as archive:
        with running(create_api(dateline(archive, pipeline))) as url:
            yield url, pipeline


def test_a_server_gives_the_results_that_a_run_here_gives(
    tmp_path: Path, served: tuple[str, ScriptedPipeline]
) -> None:
    url, _ = served

    async def here(question: Question) -> Any:
        return await ScriptedPipeline().ask(question)

    asyncio.run(run(CASES, here, tmp_path / "here", config={}, progress=False))
    for concurrency in (1, 4):
        summary = ask_server(tmp_path / f"there-{concurrency}", url, concurrency)
        assert rows(tmp_path / f"there-{concurrency}") == rows(tmp_path / "here")
        assert summary.overall.figures["right"].mean == 1
    assert rows(tmp_path / "here")[0]["citations"][0]["article"] == BUDGET.url


def test_the_bare_answer_comes_through(served: tuple[str, ScriptedPipeline]) -> None:
    url, pipeline = served
    played = pipeline.script
    said = [replace(s, direct=(14, 23)) if n == 0 else s for n, s in enumerate(ANSWER.sentences)]
    pipeline.script = (replace(ANSWER, sentences=tuple(said)),)

    async def asked() -> Any:
        async with remote(url) as server:
            return await server.ask(Question("taxes"))

    try:
        first, *others = asyncio.run(asked()).sentences
    finally:
        pipeline.script = played
    assert first.text[slice(*first.direct)] == "2 percent"
    assert all(sentence.direct is None for sentence in others)


def test_questions_are_asked_side_by_side(
    tmp_path: Path, served: tuple[str, ScriptedPipeline]
) -> None:
    url, pipeline = served
    most: list[int] = []
    played = pipeline.script
    pipeline.script = (0.05, *played)

    class Watched(Remote):
        async def ask(self, question: Question) -> Any:
            answer = asyncio.create_task(super().ask(question))
            await asyncio.sleep(0.03)
            most.append(pipeline.running)
            return await answer

    async def asked() -> None:
        async with httpx.AsyncClient(base_url=url) as client:
            server = Watched(client)
            await server.open()
            await run(CASES, server.ask, tmp_path, config={}, progress=False, concurrency=3)

    try:
        asyncio.run(asked())
    finally:
        pipeline.script = played
    assert 1 < max(most) <= 3
    assert [row["id"] for row in rows(tmp_path)] == [case.id for case in CASES]


def test_passages_alone_come_from_a_search(served: tuple[str, ScriptedPipeline]) -> None:
    async def searched() -> Any:
        async with remote(served[0]) as server:
            return await server.search(Question("taxes"), k=1)

    answer = asyncio.run(searched())
    assert (answer.status, answer.sentences) == ("not_in_articles", ())
    assert [hit.article.name for hit in answer.hits] == [BUDGET.name]
    assert answer.hits[0].article.id == BUDGET.id and answer.seconds["retrieve"] > 0


# Servers that fail


Reply = Callable[[httpx.Request], httpx.Response]


def faulty(reply: Reply) -> Remote:
    client = httpx.AsyncClient(
        base_url="http://u:secret@host:1", transport=httpx.MockTransport(reply)
    )
    return Remote(client, pauses=(0.0, 0.0))


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Connection refused", request=request)


def status(code: int, message: str = "It fell.") -> Reply:
    return lambda _: httpx.Response(code, json={"error": {"message": message}})


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (away, Stop, "The server at http://host:1 is away (Connection refused): see that it runs."),
        (
            status(503, "Being loaded."),
            Stop,
            "The server at http://host:1 is away (Being loaded): see that it runs.",
        ),
        (status(500), DatelineError, "http://host:1 answered 500: It fell."),
        (status(404), UsageError, "http://host:1 answered 404: It fell."),
        (lambda _: httpx.Response(502, text="Bad"), DatelineError, "answered 502: Bad Gateway"),
        (lambda _: httpx.Response(200, text="<html>"), Stop, "is no Dateline server"),
        (lambda _: httpx.Response(200, json={"hello": 1}), Stop, "does not answer as this version"),
    ],
)
def test_what_a_faulty_server_is_said_to_be(
    reply: Reply, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as raised:
        asyncio.run(faulty(reply).open())
    assert said in str(raised.value) and "secret" not in str(raised.value)
    assert type(raised.value) is error


def test_a_server_that_was_only_busy_is_asked_again() -> None:
    replies = iter(
        [httpx.Response(503), httpx.Response(503), httpx.Response(200, json={"articles": []})]
    )
    asyncio.run(faulty(lambda _: next(replies)).open())
    assert next(replies, None) is None


@pytest.mark.parametrize("address", ["host:7860", "ftp://host", "http://[::1"])
def test_an_address_that_is_none(address: str) -> None:
    async def opened() -> None:
        async with remote(address):
            pass

    with pytest.raises(UsageError, match="no address of a server"):
        asyncio.run(opened())


def test_a_run_stops_with_its_server_and_goes_on_with_it(tmp_path: Path) -> None:
    pipeline, out = ScriptedPipeline(), tmp_path / "run"
    left = 5  # questions until it is away

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and len(pipeline.asked) >= left:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await inner(scope, receive, send)

    with small_archive(tmp_path / "data") as archive:
        inner = create_api(dateline(archive, pipeline))
        with running(app) as url:
            with pytest.raises(Stop, match="5 of 8 questions are done and kept in .*same command"):
                ask_server(out, url)
            with pytest.raises(Stop, match="is away .Service Unavailable."):
                ask_server(out, url)
            assert [row["id"] for row in rows(out)] == [case.id for case in CASES[:5]]
            left = 1000
            ask_server(out, url)
    assert [question.text for question in pipeline.asked[5:]] == [c.question for c in CASES[5:]]
    assert [row["id"] for row in rows(out)] == [case.id for case in CASES]


def test_failures_cost_a_question_each_until_there_are_too_many(tmp_path: Path) -> None:
    with small_archive(tmp_path / "data") as archive:
        pipeline = ScriptedPipeline((RuntimeError("It broke."),), later=[(ANSWER,)])
        app = create_api(dateline(archive, pipeline))
        with running(app) as url:
            summary = ask_server(tmp_path / "run", url)
            assert summary.failed == ("q0",)
            assert "answered 500" in rows(tmp_path / "run")[0]["error"]
            pipeline.script = (RuntimeError("It broke."),)
            with pytest.raises(Stop, match="5 questions failed in a row"):
                ask_server(tmp_path / "run", url, fresh=True)
            pipeline.script = (REFUSAL,)
            assert ask_server(tmp_path / "run", url).overall.statuses == {"not_in_articles": 8}


def test_a_changed_archive_is_another_run(tmp_path: Path) -> None:
    with small_archive(tmp_path / "data") as archive:
        with running(create_api(dateline(archive))) as url:
            ask_server(tmp_path / "run", url)
            ask_server(tmp_path / "run", url)
            archive.add([replace(LETTER, text="Another letter.")])
            with pytest.raises(UsageError, match="archive: .*, now"):
                ask_server(tmp_path / "run", url)


# Runs that are killed


SLOW = """
import asyncio, sys
from pathlib import Path
from evals.overhead import asker, cases_of
from evals.run import run
asyncio.run(run(cases_of(40), asker(0.1), Path(sys.argv[1]), config={}, progress=False))
"""


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    results = killed / "results.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(killed)], env=environment)
    until(lambda: results.exists() and results.read_bytes().count(b"\n") >= 15, 60)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = results.read_bytes()
    assert 15 <= kept.count(b"\n") < 40 and not (killed / "summary.json").exists()
    asked: list[str] = []

    async def at_once(question: Question) -> Answer:
        asked.append(question.text)
        answer = await overhead.asker(0)(question)
        return replace(answer, seconds={**answer.seconds, "answer": 0.1})

    for out in (killed, whole):
        asyncio.run(run(overhead.cases_of(40), at_once, out, config={}, progress=False))
    assert len(asked) == 40 - kept.count(b"\n") + 40
    assert results.read_bytes() == (whole / "results.jsonl").read_bytes()
    ends = [json.loads((out / "summary.json").read_text()) for out in (killed, whole)]
    for end in ends:
        del end["finished"]
    assert ends[0] == ends[1]


def test_no_result_is_asked_for_twice(tmp_path: Path) -> None:
    asked: list[str] = []
    ask = overhead.asker(0)

    async def stopping(question: Question) -> Any:
        asked.append(question.text)
        if len(asked) == 4:
            raise Stop("Enough.")
        return await ask(question)

    cases = overhead.cases_of(6)
    with pytest.raises(Stop, match="^Enough. 3 of 6 questions are done"):
        asyncio.run(run(cases, stopping, tmp_path, config={}, progress=False))
    asyncio.run(run(cases, stopping, tmp_path, config={}, progress=False))
    assert asked == [f"Question {n}?" for n in (0, 1, 2, 3, 3, 4, 5)]


# How far it is


def test_progress_tells_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(total=100, done=40, shown=False) as progress:
        for failed in (False, True, False):
            progress.step(failed)
    assert progress.line(30) == "43/100 questions, 9:30 left, 1 failed"
    assert progress.line(30 * 60) == "43/100 questions, 9:30:00 left, 1 failed"
    assert capsys.readouterr().err == ""
    with Progress(total=2, done=0, shown=True) as progress:
        progress.step(False)
        progress.step(True)
    shown = capsys.readouterr().err
    assert "2/2 questions" in shown and "left, 1 failed" in shown


def test_the_harness_is_measured() -> None:
    bare, through = overhead.measure(cost=0.01, count=3)
    assert 0.03 <= bare < through
