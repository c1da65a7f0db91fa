"""The page's handlers, with a pipeline that plays a script."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals import deciding
from evals.case import Case, Evidence, encode
from index.database import Database
from index.errors import ArchiveError, ModelError
from service.answering import Restart
from service.conversation import TURNS, UNEXPECTED, Frame, Turn, converse
from service.desk import Desk
from service.gate import Deadline
from service.page import create_page
from service.pipeline import Said
from service.runs import Runs
from service.schema import MAX_QUESTION, Question, Sentence
from service.sets import Sets
from tests.fakes import Script, ScriptedPipeline
from tests.fakes_page import (
    ANSWER,
    COST,
    NOWHERE,
    REFUSAL,
    SENTENCES,
    TOLD,
    FakeDateline,
    Shelf,
    dateline,
    page_app,
)
from tests.serving import running

NO_WISHES: dict[str, Any] = {"since": "", "until": "", "as_of": "", "outlets": ()}


def frames(
    pipeline: ScriptedPipeline, text: str, turns: tuple[Turn, ...] = (), **wishes: Any
) -> list[Frame]:
    """What the page shows, frame by frame."""
    desk: Any = Desk(FakeDateline(pipeline))  # type: ignore[arg-type]

    async def collect() -> list[Frame]:
        return [f async for f in converse(desk, text, **{**NO_WISHES, **wishes}, turns=turns)]

    return asyncio.run(collect())


def talk(script: Script) -> tuple[list[Frame], ScriptedPipeline]:
    pipeline = ScriptedPipeline(script)
    return frames(pipeline, "What did it cost?"), pipeline


def test_each_sentence_is_shown_as_soon_as_it_is_there() -> None:
    seen, _ = talk(TOLD)
    currents = [frame[2] for frame in seen]
    first, second = (sentence.text for sentence in SENTENCES)
    assert [(first in c, second in c) for c in currents] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    assert ["pending" in c for c in currents] == [True, True, True, False]
    assert all("What did it cost?" in c for c in currents)


def test_the_box_is_cleared_and_the_turn_kept() -> None:
    seen, _ = talk(TOLD)
    assert {frame[0] for frame in seen} == {""}
    assert [len(frame[3]) for frame in seen] == [0, 0, 0, 1]
    turn = seen[-1][3][0]
    assert (turn.question, turn.answer) == ("What did it cost?", ANSWER.text)


def test_a_restart_takes_back_what_was_said() -> None:
    wrong = Said(Sentence("It was free.", (1,)), (COST,))
    seen, _ = talk([wrong, Restart(), *TOLD])
    assert ["It was free." in frame[2] for frame in seen] == [False, True, *[False] * 4]


def test_a_refusal_is_an_answer_too() -> None:
    seen, _ = talk([REFUSAL])
    assert "Not in these articles." in seen[-1][2]
    assert seen[-1][3][0].answer == "Not in these articles."


def test_earlier_turns_stay_above_and_go_along() -> None:
    pipeline = ScriptedPipeline(TOLD, [[REFUSAL]])
    turns = frames(pipeline, "What did it cost?")[-1][3]
    seen = frames(pipeline, "And the ferry?", turns)
    assert all(frame[1] == turns[0].html for frame in seen)
    assert pipeline.asked[1].history == (("What did it cost?", ANSWER.text),)
    assert len(seen[-1][3]) == 2


def test_a_long_conversation_forgets_its_beginning() -> None:
    turns = tuple(Turn(str(n), "", "", Question(str(n))) for n in range(TURNS))
    kept = frames(ScriptedPipeline(TOLD), "One more?", turns)[-1][3]
    assert len(kept) == TURNS
    assert (kept[0].question, kept[-1].question) == ("1", "One more?")


def test_filters_reach_the_question() -> None:
    pipeline = ScriptedPipeline(TOLD)
    days: dict[str, Any] = {"since": " 2024-01-01 ", "until": "2024-12-31", "as_of": "2024-06-30"}
    frames(pipeline, "  What?  ", **days, outlets=["Quayside"])
    question = pipeline.asked[0]
    assert question.text == "What?"
    assert [str(day) for day in (question.since, question.until, question.as_of)] == [
        "2024-01-01",
        "2024-12-31",
        "2024-06-30",
    ]
    assert question.outlets == ("Quayside",)


def only_failure(seen: list[Frame], box: str) -> str:
    """The message of a question that failed; nothing was kept, the question stands in its box."""
    last = seen[-1]
    assert last[0] == box and last[3] == () and 'role="alert"' in last[2]
    assert "Traceback" not in last[2]
    return last[2]


@pytest.mark.parametrize(
    ("field", "label", "written"),
    [
        ("since", "From", "yesterday"),
        ("until", "To", "2024-02-30"),
        ("as_of", "As of", "12/03/2024"),
        ("since", "From", "<b>2024</b>"),
        ("since", "From", "\ud800"),
    ],
)
def test_a_wrong_date_is_told(field: str, label: str, written: str) -> None:
    pipeline = ScriptedPipeline(TOLD)
    wishes: dict[str, Any] = {field: written}
    message = only_failure(frames(pipeline, "What?", **wishes), "What?")
    assert label in message and "2025-06-11" in message and "<b>" not in message
    assert not pipeline.asked


@pytest.mark.parametrize(
    ("text", "wishes", "words"),
    [
        ("   ", {}, "The question is empty"),
        ("x" * (MAX_QUESTION + 1), {}, "4,001 characters"),
        ("What?", {"since": "2024-02-01", "until": "2024-01-01"}, "ends (2024-01-01) before"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(
    text: str, wishes: dict[str, Any], words: str
) -> None:
    assert words in only_failure(frames(ScriptedPipeline(TOLD), text, **wishes), text.strip())


@pytest.mark.parametrize("error", [ArchiveError("The disk is full."), ModelError("No reply.")])
def test_our_own_errors_are_told_even_midway(error: Exception) -> None:
    seen, _ = talk([TOLD[0], error])
    assert str(error) in only_failure(seen, "What did it cost?")


def test_an_unexpected_error_is_logged_and_told_in_one_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        seen, _ = talk([RuntimeError("secret detail")])
    message = only_failure(seen, "What did it cost?")
    assert UNEXPECTED in message and "secret" not in message
    assert "secret detail" in caplog.text


def test_an_answer_that_takes_too_long_is_ended_and_told() -> None:
    pipeline = ScriptedPipeline([TOLD[0], 30.0, *TOLD[1:]])
    desk: Any = Desk(FakeDateline(pipeline))  # type: ignore[arg-type]
    desk.deadline = Deadline(0.2)

    async def collect() -> list[Frame]:
        return [frame async for frame in converse(desk, "What?", **NO_WISHES, turns=())]

    seen = asyncio.run(collect())
    assert SENTENCES[0].text in seen[-2][2]
    assert "took longer than 0.2 seconds" in only_failure(seen, "What?")
    assert (pipeline.running, pipeline.closed) == (0, 1)


def test_a_reader_who_leaves_stops_the_answer() -> None:
    pipeline = ScriptedPipeline(TOLD)
    desk: Any = Desk(FakeDateline(pipeline))  # type: ignore[arg-type]

    async def leave() -> None:
        seen: Any = converse(desk, "What?", **NO_WISHES, turns=())
        async for frame in seen:
            if SENTENCES[0].text in frame[2]:
                break
        await seen.aclose()
        assert pipeline.closed == 1

    asyncio.run(leave())


def test_what_is_no_text_at_all_is_asked_as_well_as_may_be() -> None:
    pipeline = ScriptedPipeline(TOLD)
    frames(pipeline, "cost \ud800?", outlets=None, since=None)
    assert pipeline.asked[0].text == "cost ??"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sets]:
    """One draft, over no articles."""
    folder = tmp_path_factory.mktemp("sets")
    draft = Case("d0", "Who?", evidence=(Evidence("a.md", "Ann."),), status="draft")
    (folder / "drafts.jsonl").write_text(encode(draft))
    with closing(Database(folder / "archive.sqlite")) as database:
        yield Sets(folder, database, deciding)


def test_no_part_of_the_page_takes_files(sets: Sets) -> None:
    async def made() -> Any:
        line = dateline(TOLD)
        return create_page(line.archive, Desk(line), Runs(NOWHERE), sets)

    page = asyncio.run(made())
    kinds = {block.get_block_name() for block in page.blocks.values()}
    harmless = "accordion button column dropdown form html row state tabitem tabs textbox"
    assert kinds <= set(harmless.split())
    assert page.has_launched, "without it Gradio hands out any file"


@pytest.fixture(scope="module")
def visitor(sets: Sets) -> Iterator[httpx.Client]:
    """One for all: each client reads all the certificates that it trusts."""
    with running(page_app(dateline(TOLD), sets=sets)) as url:
        with httpx.Client(base_url=url, timeout=20) as opened:
            yield opened


def call(visitor: httpx.Client, function: int, data: list[Any]) -> str:
    """All that the server says when a handler is called as the page calls it."""
    session: dict[str, Any] = {"session_hash": f"s{function}", "fn_index": function}
    joined = visitor.post("/gradio_api/queue/join", json={"data": data, **session})
    if joined.status_code != 200:
        return joined.text
    with visitor.stream("GET", "/gradio_api/queue/data", params=session) as reply:
        said = ""
        for line in reply.iter_lines():
            said += line
            if '"close_stream"' in line:
                break
        return said


def test_the_page_holds_no_address_elsewhere(visitor: httpx.Client) -> None:
    page = visitor.get("/").text
    assert "Dateline" in page
    config = visitor.get("/config").json()
    assert config["analytics_enabled"] is False
    assert not any("http" in font for font in config["stylesheets"])


def test_no_handler_gives_out_a_file(visitor: httpx.Client, tmp_path: Path) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("canary-in-the-file")
    paths = [str(canary), "/proc/self/environ", f"../..{canary}", f"file://{canary}", "/etc/passwd"]
    config = visitor.get("/config").json()
    for function in config["dependencies"]:
        for path in paths:
            file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
            said = call(visitor, function["id"], [file for _ in function["inputs"]])
            assert "canary-in-the-file" not in said and "root:" not in said
            assert "/gradio_api/file=" not in said
    served = visitor.get(f"/gradio_api/file={canary}")
    assert served.status_code in (403, 404) and "canary-in" not in served.text


def test_a_question_of_any_shape_is_answered_or_refused(visitor: httpx.Client) -> None:
    config = visitor.get("/config").json()
    ask = next(d for d in config["dependencies"] if len(d["inputs"]) == 6)
    shapes: tuple[Any, ...] = (None, 7, [], {}, "x" * 10_000, {"a": ["b"]})
    for odd in shapes:
        for place in range(5):
            data: list[Any] = ["What?", "", "", "", [], None]
            data[place] = odd
            said = call(visitor, ask["id"], data)
            assert "Traceback" not in said and said
    said = call(visitor, ask["id"], ["What?", "", "", "", ["The Harbour Post"], None])
    assert SENTENCES[1].text in said


def test_the_list_is_newest_first(visitor: httpx.Client) -> None:
    config = visitor.get("/config").json()
    lists = [d for d in config["dependencies"] if d["targets"] and d["targets"][0][1] == "select"]
    said = call(visitor, lists[0]["id"], [])
    titles = [article.title for article in Shelf().kept]
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


def test_drafts_are_proposed(visitor: httpx.Client) -> None:
    config = visitor.get("/config").json()
    lists = [d for d in config["dependencies"] if d["targets"] and d["targets"][0][1] == "select"]
    said = call(visitor, lists[2]["id"], [])
    assert "Who?" in said and "is of no article in this archive" in said
