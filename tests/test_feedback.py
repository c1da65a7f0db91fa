"""What readers say of answers, taken in over HTTP, made into cases, and run."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from evals.case import Case, Evidence, load
from evals.run import run
from index.archive import Archive
from index.database import Database
from index.errors import UsageError
from service.api import create_api
from service.cli import app
from service.feedback import Answers
from service.schema import Question, Sentence
from tests.fakes import (
    ANSWER,
    BUDGET,
    LETTER,
    REFUSAL,
    TOLD,
    ScriptedPipeline,
    dateline,
    small_archive,
)
from tests.feedback import QUOTE, RENTS, TAXES, asked, judged, made, only, refused


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path / "data") as archive:
        yield archive


@pytest.fixture
def client(archive: Archive, pipeline: ScriptedPipeline) -> TestClient:
    return TestClient(create_api(dateline(archive, pipeline)), "http://localhost")


def test_a_right_answer_becomes_a_case_with_its_own_citations(
    client: TestClient, archive: Archive
) -> None:
    reply = judged(client, "right", answer_id=asked(client))
    case = only(archive)
    assert case.id == f"feedback-{reply['id']}" and case.question == TAXES
    assert case.evidence == (
        Evidence(BUDGET.id, QUOTE),
        Evidence(LETTER.id, "Readers ask why taxes rise by 2 percent."),
    )
    # No bare answer was set off: any of what its sentences have from their quotes will do.
    assert case.facts == (("Taxes rise by 2 percent", "Readers ask why"),)
    assert case.asked_at == date.today() and case.answerable


def test_the_bare_answer_is_the_fact(
    client: TestClient, archive: Archive, pipeline: ScriptedPipeline
) -> None:
    sentence = Sentence("Taxes rise by 2 percent.", (1,), (14, 23))
    pipeline.script = [replace(ANSWER, sentences=(sentence, ANSWER.sentences[1]))]
    judged(client, "right", answer_id=asked(client))
    assert only(archive).facts == (("2 percent",),)


def test_a_right_refusal_and_an_answer_that_should_be_one_have_no_answer(
    client: TestClient, archive: Archive, pipeline: ScriptedPipeline
) -> None:
    judged(client, "not_in_articles", answer_id=asked(client))
    pipeline.script = [REFUSAL]
    judged(client, "right", answer_id=asked(client, RENTS))
    cases = made(archive).cases
    assert [(c.question, c.answerable, c.facts) for c in cases] == [
        (RENTS, False, ()),
        (TAXES, False, ()),
    ]


def test_the_evidence_of_a_correction_is_the_sentence_that_says_it(
    client: TestClient, archive: Archive, pipeline: ScriptedPipeline
) -> None:
    pipeline.script = [replace(ANSWER, sentences=(), citations=())]
    judged(client, "wrong", answer_id=asked(client), correction="March 1 | 1 March", note="Ask Kim")
    case = only(archive)
    assert case.facts == (("March 1", "1 March"),)
    assert case.evidence == (Evidence(BUDGET.id, QUOTE),)
    archive.delete(BUDGET.id)
    assert only(archive) == case, "it stands by itself"


def test_quotes_are_found_anywhere_in_the_archive(client: TestClient, archive: Archive) -> None:
    quotes = ["Taxes rise by 2\npercent   from March 1.", "the council passed the budget at night."]
    message = refused(
        client,
        verdict="wrong",
        answer_id=asked(client),
        correction="night",
        evidence=quotes,
    )
    assert "stands in no article word for word" in message, "letter case counts"
    quotes[1] = quotes[1].replace("the", "The", 1)
    more = {"correction": "March 1\nnight", "evidence": quotes}
    judged(client, "wrong", question="When, and at what time?", **more)
    assert [e.quote for e in only(archive).evidence] == [
        QUOTE,
        "The council passed the budget at night.",
    ]


def test_what_cannot_be_a_case_yet_is_kept_and_told(client: TestClient, archive: Archive) -> None:
    judged(client, "wrong", answer_id=asked(client), note="No.")
    judged(client, "wrong", answer_id=asked(client, RENTS), correction="Nobody knows")
    judged(client, "wrong", answer_id=asked(client, "Who?"), correction=" | \n|")
    gathered = made(archive)
    assert not gathered.cases
    assert [(o.feedback.given.question.text, o.why) for o in gathered.open] == [
        ("Who?", "is wrong, but what is right was not said"),
        (RENTS, "no passage that was found says what is right: add a quote that does"),
        (TAXES, "is wrong, but what is right was not said"),
    ]
    assert gathered.open[2].feedback.note == "No."
    assert gathered.open[2].feedback.given.text == "Taxes rise by 2 percent. Readers ask why."


def test_the_last_word_on_a_question_stands(client: TestClient, archive: Archive) -> None:
    first = judged(client, "right", answer_id=asked(client))
    again = judged(client, "not_in_articles", question=" what  happens to TAXES? ")
    assert first["id"] == again["id"] and not only(archive).answerable
    judged(client, "wrong", answer_id=asked(client))
    assert len(made(archive).open) == 1 and not made(archive).cases
    other = judged(client, "right", answer_id=asked(client, until="2024-12-31"))
    assert other["id"] != first["id"], "asked under other terms"
    judged(client, "right", answer_id=asked(client))
    assert only_ids(archive) == [again["id"], other["id"]]


def only_ids(archive: Archive) -> list[str]:
    return [case.id.removeprefix("feedback-") for case in made(archive).cases]


def test_questions_that_are_almost_the_same_are_one(client: TestClient, archive: Archive) -> None:
    asked(client)
    judged(client, "right", question=TAXES)
    judged(client, "not_in_articles", question="What happens to taxes")
    gathered = made(archive)
    assert [case.question for case in gathered.cases] == ["What happens to taxes"]
    assert [(o.feedback.given.question.text, o.why) for o in gathered.open] == [
        (TAXES, "asks what was judged again later: What happens to taxes")
    ]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"verdict": "right"}, 400, "Name the answer"),
    ({"verdict": "right", "question": "Why?", "answer_id": "0" * 16}, 400, "Name the answer"),
    ({"verdict": "right", "answer_id": "0" * 16}, 404, "does not remember"),
    ({"verdict": "right", "question": "Never asked?"}, 400, "does not remember"),
    ({"verdict": "fine", "question": "Why?"}, 400, "verdict"),
    ({"question": "Why?"}, 400, "verdict"),
    ({"verdict": "wrong", "question": "   "}, 400, "question is empty"),
    ({"verdict": "wrong", "question": "x" * 4001}, 400, "4,001"),
    ({"verdict": "wrong", "question": "a\x1b[2J"}, 400, "control characters"),
    ({"verdict": "wrong", "question": "Why?", "correction": "a\x07"}, 400, "control characters"),
    ({"verdict": "wrong", "question": "Why?", "note": "a\0"}, 400, "no text"),
    ({"verdict": "wrong", "question": "Why?", "note": "a\x85b"}, 400, "control characters"),
    ({"verdict": "wrong", "question": "Why?", "correction": "x" * 1001}, 400, "correction"),
    ({"verdict": "wrong", "question": "Why?", "note": "x" * 2001}, 400, "note"),
    ({"verdict": "wrong", "question": "Why?", "evidence": ["x" * 2001]}, 400, "evidence.0"),
    ({"verdict": "wrong", "question": "Why?", "evidence": ["x"] * 11}, 400, "evidence"),
    ({"verdict": "wrong", "question": "Why?", "evidence": ["short"]}, 400, "5 characters"),
    ({"verdict": "not_in_articles", "question": "Why?", "correction": "x"}, 400, "belong to"),
    ({"verdict": "wrong", "question": "Why?", "truth": "x"}, 400, "truth"),
]


@pytest.mark.parametrize(("body", "status", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_breaks_a_set_is_refused(
    shared: Archive, body: dict[str, Any], status: int, says: str
) -> None:
    client = TestClient(create_api(dateline(shared)), "http://localhost")
    assert says in refused(client, status, **body)
    assert shared.database.feedback() == []


def test_a_page_from_elsewhere_may_not_judge(shared: Archive) -> None:
    client = TestClient(create_api(dateline(shared)), "http://localhost")
    body = {"verdict": "right", "answer_id": asked(client)}
    reply = client.post("/v1/feedback", json=body, headers={"origin": "https://evil.example"})
    assert reply.status_code == 403


def test_only_the_latest_answers_are_remembered() -> None:
    answers = Answers(most=2)
    ids = [answers.remember(Question(text), ANSWER).id for text in ("a", "b", "a", "c")]
    assert ids[0] == ids[2] and len(set(ids)) == 3
    assert [bool(answers.by_id(id)) for id in ids] == [True, False, True, True]
    assert answers.latest(Question("A ")).status == "answered"
    assert answers.latest(Question("b")).status is None
    assert answers.latest(Question("a", outlets=("x",))).status is None


def command(*arguments: object, keys: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["eval", *map(str, arguments)], input=keys)
    code = 2 if isinstance(done.exception, UsageError) else done.exit_code
    return code, " ".join(f"{done.output} {done.exception or ''}".split())


def test_from_the_page_to_a_run(
    client: TestClient, archive: Archive, tmp_path: Path, pipeline: ScriptedPipeline
) -> None:
    out, data = tmp_path / "set.jsonl", archive.folder
    judged(client, "right", answer_id=asked(client))
    pipeline.script = [REFUSAL]
    judged(client, "right", answer_id=asked(client, RENTS))
    judged(client, "wrong", answer_id=asked(client, "Who wept?"), note="The mayor did.")
    code, talk = command("feedback", "--data", data, "--out", out)  # the archive is held meanwhile
    assert code == 0 and f"2 cases: {out}" in talk and "1 to be looked at" in talk
    assert "Who wept?: is wrong, but what is right was not said The mayor did." in talk
    assert command("feedback", "--data", data, "--out", out)[0] == 2, "it is there already"
    assert command("lint", out, "--corpus", data) == (0, "Nothing to find fault with.")
    cases = load(out)
    assert [case.question for case in cases] == [RENTS, TAXES]
    assert scores(cases, ScriptedPipeline([REFUSAL], [TOLD]), tmp_path / "same") == [1, 1, 1]
    assert scores(cases, ScriptedPipeline(TOLD, [[REFUSAL]]), tmp_path / "worse") == [0, 0, 0]


def scores(cases: list[Case], pipeline: ScriptedPipeline, out: Path) -> list[float]:
    asyncio.run(run(cases, pipeline.ask, out, config={}, progress=False))
    figures = json.loads((out / "summary.json").read_text())["overall"]["figures"]
    return [figures[name]["mean"] for name in ("right", "facts_found", "refusal_recall")]


def test_feedback_is_accepted_in_the_terminal(client: TestClient, archive: Archive) -> None:
    data, sets = archive.folder, archive.folder / "sets"
    code, talk = command("accept", "--data", data)
    assert code == 2 and "No reader has judged an answer yet" in talk
    judged(client, "right", answer_id=asked(client))
    code, talk = command("accept", "--data", data, keys="y\n")
    assert code == 0 and "1 decided, 0 left" in talk
    (case,) = load(sets / "feedback-accepted.jsonl")
    assert case == only(archive)
    assert command("accept", "--data", data)[1].startswith("0 decided, 0 left")


def test_without_an_archive_or_a_word_there_is_no_set(tmp_path: Path) -> None:
    code, talk = command("feedback", "--data", tmp_path)
    assert code == 2 and "There is no archive in" in talk
    Database(tmp_path / "archive.sqlite").close()
    assert command("feedback", "--data", tmp_path) == (0, "0 cases 0 to be looked at")
    code, talk = command("feedback", "--data", tmp_path, "--out", tmp_path / "set.jsonl")
    assert code == 2 and "nobody has judged" in talk and not (tmp_path / "set.jsonl").exists()
