"""Asking and searching over HTTP: answers whole and in streams, and errors in one shape."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from index.errors import ArchiveLocked, ModelError, UsageError
from service import shapes
from service.schema import Question
from tests.fakes import ANSWER, BUDGET, RETOLD, ScriptedPipeline


def events(text: str) -> list[tuple[str, Any]]:
    """Name and data of each server-sent event; comments left out."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if data := fields.get("data"):
            found.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


def test_an_answer_has_all_that_it_rests_on(client: TestClient) -> None:
    shape = client.post("/v1/ask", json={"question": "What happens to taxes?"}).json()
    assert shape["answer"] == "Taxes rise by 2 percent. [1] Readers ask why. [1] [2]"
    second = {"text": "Readers ask why.", "citations": [1, 2], "direct": None}
    assert shape["sentences"][1] == second
    first = shape["citations"][0]
    assert BUDGET.text[first["start"] : first["end"]] == first["quote"]
    assert first["link"] == f"/articles/{BUDGET.id}?version={BUDGET.version}&start=40&end=77#quote"
    assert [p["article"] for p in shape["passages"]] == ["budget.md", "letter.txt"]
    rest = {name: shape[name] for name in ("status", "answerer", "dropped", "notes", "seconds")}
    assert rest == {
        "status": "answered",
        "answerer": "a-model",
        "dropped": ["The mayor wept."],
        "notes": [],
        "seconds": {"retrieve": 0.02, "answer": 0.4},
    }


def test_the_question_arrives_as_it_was_asked(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    asked = Question(
        "And then?",
        (("What was cut?", "Nothing."),),
        date(2024, 1, 1),
        date(2024, 2, 1),
        date(2024, 3, 1),
        ("The Ledger",),
        date(2024, 4, 1),
    )
    assert client.post("/v1/ask", json=shapes.question_shape(asked)).is_success
    assert client.post("/v1/search", json={**shapes.question_shape(asked), "k": 1}).is_success
    assert pipeline.asked == [asked, asked]


def test_a_stream_tells_sentences_then_the_whole(client: TestClient) -> None:
    reply = client.post("/v1/ask", json={"question": "What happens?", "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events(reply.text)]
    assert names == ["sentence", "sentence", "answer", ""]
    first, _, whole, done = [data for _, data in events(reply.text)]
    assert first["sentence"] == {
        "text": "Taxes rise by 2 percent.",
        "citations": [1],
        "direct": None,
    }
    assert [citation["number"] for citation in first["citations"]] == [1]
    assert whole == {**shapes.answer_shape(ANSWER), "id": whole["id"]} and done == "[DONE]"


def test_a_stream_says_what_is_withdrawn(client: TestClient, pipeline: ScriptedPipeline) -> None:
    pipeline.script = RETOLD
    reply = client.post("/v1/ask", json={"question": "What happens?", "stream": True})
    names = [name for name, _ in events(reply.text)]
    assert names == ["sentence", "restart", "sentence", "sentence", "answer", ""]


@pytest.mark.parametrize("broken", [ValueError("secret"), ModelError("No model."), OSError(5)])
def test_an_error_in_a_stream_is_told_in_it(
    client: TestClient, pipeline: ScriptedPipeline, broken: Exception
) -> None:
    pipeline.script = [*RETOLD[:1], broken]
    reply = client.post("/v1/ask", json={"question": "What happens?", "stream": True})
    (_, _), (name, data), (_, done) = events(reply.text)
    assert (reply.status_code, name, done) == (200, "error", "[DONE]")
    assert "secret" not in reply.text
    assert data["error"]["code"] == fault_code(broken)


def fault_code(error: Exception) -> str:
    return "model_error" if isinstance(error, ModelError) else "server_error"


def test_a_stream_is_refused_before_it_begins(client: TestClient) -> None:
    reply = client.post("/v1/ask", json={"question": " ", "stream": True})
    assert reply.status_code == 400 and "empty" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (UsageError("Ask anew."), 400, "Ask anew."),
        (ArchiveLocked("It is in use."), 503, "It is in use."),
        (ModelError("The model is silent."), 502, "The model is silent."),
        (ZeroDivisionError("secret"), 500, "log"),
    ],
)
def test_errors_have_a_status_and_one_shape(
    client: TestClient, pipeline: ScriptedPipeline, error: Exception, status: int, told: str
) -> None:
    pipeline.script = [error]
    reply = client.post("/v1/ask", json={"question": "What happens?"})
    shape = reply.json()["error"]
    assert reply.status_code == status and told in shape["message"]
    assert set(shape) == {"message", "type", "param", "code"} and "secret" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_half_characters_of_a_model_do_not_break_the_reply(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    pipeline.script = [replace(ANSWER, dropped=("\ud800",), notes=("\udfff",))]
    shape = client.post("/v1/ask", json={"question": "What happens?"}).json()
    assert shape["dropped"] == shape["notes"] == ["?"]


def test_search_gives_as_many_passages_as_wanted(client: TestClient) -> None:
    found = client.post("/v1/search", json={"question": "taxes", "k": 1}).json()["passages"]
    assert [(p["article_id"], p["score"], p["parts"]) for p in found] == [
        (BUDGET.id, 1.0, {"dense": 0.5})
    ]


def test_an_excerpt_is_found_again(client: TestClient) -> None:
    quote = "taxes rise by 2 per cent from March 1"
    place = client.post("/v1/find", json={"excerpt": quote}).json()["place"]
    assert place["article"] == "budget.md"
    assert BUDGET.text[place["start"] : place["end"]] == place["quote"]
    foreign = {"excerpt": "Penguins have never been seen in the town hall of Ystad."}
    assert client.post("/v1/find", json=foreign).json() == {"place": None}
