"""What readers say of answers: taken in over HTTP, kept, made into cases, and run."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from evals.case import Case, Evidence, encode, load
from evals.feedback import Gathered, case_of, gather, hand_over, kept
from evals.lint import lint
from evals.run import run
from index.archive import Archive
from index.database import Database
from index.errors import UsageError
from service import feedback as records
from service.api import create_api
from service.cli import app
from service.feedback import Answers, Feedback, Given, Quote
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
from tests.payloads import PAYLOADS

TODAY = date.today()
TAXES, RENTS = "What happens to taxes?", "What happens to rents?"
QUOTE = "Taxes rise by 2 percent from March 1."


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path / "data") as archive:
        yield archive


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    return ScriptedPipeline()


@pytest.fixture
def client(archive: Archive, pipeline: ScriptedPipeline) -> TestClient:
    return TestClient(create_api(dateline(archive, pipeline)), "http://localhost")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """For tests in which nothing is kept."""
    with small_archive(tmp_path_factory.mktemp("untouched")) as archive:
        yield archive


def asked(client: TestClient, question: str = TAXES, **more: Any) -> str:
    """The id of an answer to the question."""
    shape = client.post("/v1/ask", json={"question": question, **more}).json()
    return str(shape["id"])


def judged(client: TestClient, verdict: str, **body: Any) -> Any:
    reply = client.post("/v1/feedback", json={"verdict": verdict, **body})
    assert reply.status_code == 200, reply.text
    return reply.json()


def refused(client: TestClient, status: int = 400, **body: Any) -> str:
    reply = client.post("/v1/feedback", json=body)
    assert reply.status_code == status, reply.text
    return str(reply.json()["error"]["message"])


def made(archive: Archive) -> Gathered:
    return gather([said for _, said in kept(archive.database)], TODAY)


def only(archive: Archive) -> Case:
    gathered = made(archive)
    assert not gathered.open
    (case,) = gathered.cases
    return case


# Taking in


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
    untouched: Archive, body: dict[str, Any], status: int, says: str
) -> None:
    client = TestClient(create_api(dateline(untouched)), "http://localhost")
    assert says in refused(client, status, **body)
    assert untouched.database.feedback() == []


def test_a_page_from_elsewhere_may_not_judge(untouched: Archive) -> None:
    client = TestClient(create_api(dateline(untouched)), "http://localhost")
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


# Keeping


def test_it_outlives_the_server(tmp_path: Path) -> None:
    with small_archive(tmp_path) as archive:
        client = TestClient(create_api(dateline(archive)), "http://localhost")
        judged(client, "right", answer_id=asked(client, history=[["Who?", "Kim. [1]"]]))
        before = only(archive)
        assert before.history == (("Who?", "Kim. [1]"),)
    with closing(Database(tmp_path / "archive.sqlite")) as database:
        rows = kept(database)
        assert gather([said for _, said in rows], TODAY).cases == (before,)
        database.put_feedback("odd", '{"given": 7}')
        assert kept(database) == rows, "what another version kept is left alone"


def feedback_of(question: str, **changed: Any) -> Feedback:
    sentences = (Sentence(QUOTE, (1,), (14, 23)),)
    cited = (Quote(BUDGET.id, QUOTE, "en"),)
    found = (Quote(BUDGET.id, BUDGET.text, "en"),)
    known = Given(Question(question), TODAY, "answered", sentences, cited, found)
    return replace(Feedback(known, "right"), **changed)


def test_drafts_are_handed_over_once_and_again_when_the_word_changes(tmp_path: Path) -> None:
    drafts = tmp_path / "sets" / "feedback.jsonl"
    with closing(Database(tmp_path / "archive.sqlite")) as database:

        def say(said: Feedback) -> None:
            database.put_feedback(said.given.question_id, records.encode(said))

        assert hand_over(database, drafts, TODAY) == () and not drafts.exists()
        say(feedback_of(TAXES))
        say(feedback_of(RENTS, verdict="wrong"))
        assert [o.why[:8] for o in hand_over(database, drafts, TODAY)] == ["is wrong"]
        assert [(c.question, c.status) for c in load(drafts)] == [(TAXES, "draft")]
        drafts.write_text("")  # it was accepted
        hand_over(database, drafts, TODAY)
        assert drafts.read_text() == ""
        say(feedback_of(TAXES, verdict="not_in_articles"))
        hand_over(database, drafts, TODAY)
        hand_over(database, drafts, TODAY)
        assert [(c.question, c.answerable) for c in load(drafts)] == [(TAXES, False)]
        say(feedback_of(TAXES))
        hand_over(database, drafts, TODAY)
        assert [(c.question, c.answerable) for c in load(drafts)] == [(TAXES, True)]
        drafts.write_text("{")
        say(feedback_of(RENTS))
        with pytest.raises(UsageError, match="line 1"):
            hand_over(database, drafts, TODAY)
        drafts.unlink()
        hand_over(database, drafts, TODAY)
        assert [c.question for c in load(drafts)] == [RENTS], "it was not lost"


# Making


def test_a_model_that_words_it_its_own_way_is_to_be_looked_at() -> None:
    sentence = Sentence("Levies go up.", (1,))
    said = feedback_of(TAXES)
    said = replace(said, given=replace(said.given, sentences=(sentence,)))
    assert case_of(said) == "has no answer in the articles' words"
    (doubt,) = gather([said], TODAY).open
    assert doubt.feedback is said


def test_a_correction_that_its_quote_does_not_say_is_to_be_looked_at() -> None:
    evidence = (Quote(BUDGET.id, QUOTE, "en"),)
    said = feedback_of(TAXES, verdict="wrong", correction="3 percent", evidence=evidence)
    (doubt,) = gather([said], TODAY).open
    assert doubt.why == "facts[0]: '3 percent' is not in its evidence"


LETTERS = st.characters(categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf"])
TEXTS = st.text(LETTERS, max_size=60) | st.sampled_from(
    [*PAYLOADS, "2 percent", "March 1", "2 percent | 2%", TAXES, TAXES.lower(), "yes", "-", "|"]
)
SAID = st.builds(
    feedback_of,
    TEXTS,
    verdict=st.sampled_from(["right", "wrong", "not_in_articles"]),
    correction=TEXTS,
    note=TEXTS,
)


@given(st.lists(SAID, max_size=8))
def test_nobody_can_break_the_set(tmp_path_factory: pytest.TempPathFactory, said: Any) -> None:
    taken = [records.decode(records.encode(each)) for each in said if _takes(each)]
    latest = {each.given.question_id: each for each in taken}
    gathered = gather(list(reversed(latest.values())), TODAY)
    assert len(gathered.cases) + len(gathered.open) == len(latest)
    path = tmp_path_factory.mktemp("set") / "set.jsonl"
    path.write_text("".join(f"{encode(case)}\n" for case in gathered.cases), encoding="utf-8")
    assert lint(path, None, TODAY) == []
    if gathered.cases:
        assert tuple(load(path)) == gathered.cases


def _takes(said: Feedback) -> bool:
    try:
        records.check(said)
    except UsageError:
        return False
    return bool(said.given.question.text.strip())


# Commands, and a run


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
