"""The door for OpenAI's clients: their shapes, and a name for whatever is not supported."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from index.understanding import Understanding
from service.pipeline import Said
from service.schema import Sentence
from tests.fakes import ANSWER, BUDGET, LETTER, REFUSAL, RETOLD, RISE, ScriptedPipeline

LINK = f"http://localhost/articles/{BUDGET.id}?version={BUDGET.version}&start=40&end=77#quote"
ASKED = [{"role": "user", "content": "What happens to taxes?"}]
GAP = "\N{ZERO WIDTH SPACE}"


def chat(client: TestClient, **changed: Any) -> Any:
    body = {"model": "dateline", "messages": ASKED, **changed}
    return client.post("/v1/chat/completions", json=body)


def chunks(text: str) -> list[dict[str, Any]]:
    """The chunks of a stream that ended as it should."""
    *blocks, done, end = text.split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def test_there_is_one_model(client: TestClient) -> None:
    assert [m["id"] for m in client.get("/v1/models").json()["data"]] == ["dateline"]
    assert client.get("/v1/models/dateline").json()["object"] == "model"
    reply = client.get("/v1/models/gpt-9")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


def test_a_completion_is_the_answer_with_its_sources(client: TestClient) -> None:
    shape = chat(client).json()
    (choice,) = shape["choices"]
    assert (shape["object"], shape["model"]) == ("chat.completion", "dateline")
    assert shape["id"].startswith("chatcmpl-") and isinstance(shape["created"], int)
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert choice["message"]["role"] == "assistant"
    said, _, sources = choice["message"]["content"].partition("\n\nSources:\n")
    assert said == ANSWER.text
    first, second = sources.split("\n")
    assert first == f"1. Budget passed at night, The Ledger, 2024-02-20, {LINK}"
    assert second.startswith("2. A letter on") and "undated" in second
    assert [c["number"] for c in shape["citations"]] == [1, 2]
    assert shape["citations"][0]["quote"] == RISE.quote and shape["status"] == "answered"


def test_what_was_understood_is_told_and_can_be_taken_back(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    asked = Understanding("What happens to taxes?", outlets=("The Ledger",))
    pipeline.script = (replace(ANSWER, understood=asked),)
    shape = chat(client, without=["time", "outlets"]).json()
    assert pipeline.asked[-1].without == ("time", "outlets")
    assert shape["understood"]["outlets"] == ["The Ledger"]
    last = chunks(chat(client, stream=True).text)[-1]
    assert last["understood"] == shape["understood"]
    assert chat(client, without=["words"]).status_code == 400


def test_a_stream_adds_up_to_the_completion(client: TestClient) -> None:
    whole = chat(client).json()
    reply = chat(client, stream=True, stream_options={"include_usage": False})
    assert reply.headers["content-type"].startswith("text/event-stream")
    first, *_, last = found = chunks(reply.text)
    assert {chunk["object"] for chunk in found} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in found}) == 1
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in found]
    assert "".join(deltas) == whole["choices"][0]["message"]["content"]
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in found]
    assert reasons == [None] * (len(found) - 1) + ["stop"]
    assert last["citations"] == whole["citations"]


def test_what_was_streamed_and_withdrawn_is_said_to_be(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    pipeline.script = RETOLD
    found = chunks(chat(client, stream=True).text)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found)
    before, _, after = text.partition("withdrawn")
    assert before.startswith("Readers ask why.") and ANSWER.text in after


def test_a_refusal_says_so(client: TestClient, pipeline: ScriptedPipeline) -> None:
    pipeline.script = [replace(REFUSAL, notes=("The model did not answer.",))]
    said = "Not in these articles.\n\nThe model did not answer."
    shape = chat(client).json()
    assert shape["choices"][0]["message"]["content"] == said and shape["citations"] == []
    deltas = [c["choices"][0]["delta"] for c in chunks(chat(client, stream=True).text)]
    assert "".join(delta.get("content", "") for delta in deltas) == said


def test_an_error_in_a_stream_ends_it_without_done(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    pipeline.script = [*RETOLD[:1], ValueError("secret")]
    reply = chat(client, stream=True)
    *_, last, end = reply.text.split("\n\n")
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "server_error"
    assert end == "" and "[DONE]" not in reply.text and "secret" not in reply.text


def test_what_stands_in_articles_is_no_markup(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    text = "![x](http://evil/?q) [a][b] <img src=x> [c]: http://evil 2 < 3"
    said = Said(Sentence(text, (1,)), (RISE,))
    pipeline.script = [said, replace(ANSWER, sentences=(said.sentence,))]
    inert = text.replace("](", f"]{GAP}(").replace("][", f"]{GAP}[").replace("]:", f"]{GAP}:")
    inert = inert.replace("<i", f"<{GAP}i").replace("://", f":{GAP}//")
    for stream in (False, True):
        reply = chat(client, stream=stream).text
        assert json.dumps(inert, ensure_ascii=False)[1:-1] in reply
        assert f"[taxes]{GAP}(javascript:alert(1))" in reply.replace(LETTER.title, "")


# The conversation


def said(role: str, content: object) -> dict[str, object]:
    return {"role": role, "content": content}


@pytest.mark.parametrize(
    ("messages", "question", "history"),
    [
        ([said("user", "Why?")], "Why?", ()),
        ([said("system", "Be rude."), said("user", "Why?")], "Why?", ()),
        (
            [said("user", "Who?"), said("assistant", "She."), said("user", "Why?")],
            "Why?",
            (("Who?", "She."),),
        ),
        (
            [said("user", "Who?"), said("user", "When?"), said("user", "Why?")],
            "Why?",
            (("Who?", ""), ("When?", "")),
        ),
        ([said("assistant", "Hello."), said("user", "Why?")], "Why?", ()),
        (
            [said("user", "Who?"), said("assistant", None), said("user", "Why?")],
            "Why?",
            (("Who?", ""),),
        ),
        ([said("user", [{"type": "text", "text": "Why?"}])], "Why?", ()),
    ],
)
def test_a_conversation_is_a_question_with_its_history(
    client: TestClient,
    pipeline: ScriptedPipeline,
    messages: list[object],
    question: str,
    history: tuple[tuple[str, str], ...],
) -> None:
    assert chat(client, messages=messages).status_code == 200
    (asked,) = pipeline.asked
    assert (asked.text, asked.history) == (question, history)


def test_of_a_long_conversation_the_end_counts(
    client: TestClient, pipeline: ScriptedPipeline
) -> None:
    turns = [said(role, f"{role} {n}") for n in range(100) for role in ("user", "assistant")]
    assert chat(client, messages=[*turns, *ASKED]).status_code == 200
    long = [said("user", "Who?"), said("assistant", "a" * 20_000)]
    assert chat(client, messages=[*long, *ASKED]).status_code == 200
    assert [len(asked.history) for asked in pipeline.asked] == [20, 0]
    assert pipeline.asked[0].history[-1] == ("user 99", "assistant 99")


def test_windows_and_outlets_may_be_given(client: TestClient, pipeline: ScriptedPipeline) -> None:
    assert chat(client, since="2024-01-01", outlets=["The Ledger"]).status_code == 200
    (asked,) = pipeline.asked
    assert (str(asked.since), asked.outlets) == ("2024-01-01", ("The Ledger",))


# What is accepted, and what is refused by name


@pytest.mark.parametrize(
    "changed",
    [
        {"temperature": 0.7, "top_p": 1, "max_tokens": 100, "presence_penalty": -2},
        {"n": 1, "logprobs": False, "tools": [], "tool_choice": "none", "stop": None},
        {"user": "me", "seed": 7, "metadata": {"a": "b"}, "response_format": {"type": "text"}},
        {"stream": None, "temperature": None, "logit_bias": {}},
    ],
)
def test_what_changes_nothing_is_accepted(client: TestClient, changed: dict[str, Any]) -> None:
    assert chat(client, **changed).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("n", 2, "unsupported_parameter"),
        ("tools", [{"type": "function"}], "unsupported_parameter"),
        ("tool_choice", "auto", "unsupported_parameter"),
        ("functions", [{}], "unsupported_parameter"),
        ("logprobs", True, "unsupported_parameter"),
        ("top_logprobs", 3, "unsupported_parameter"),
        ("logit_bias", {"5": 1}, "unsupported_parameter"),
        ("stop", ["."], "unsupported_parameter"),
        ("response_format", {"type": "json_object"}, "unsupported_parameter"),
        ("modalities", ["audio"], "unsupported_parameter"),
        ("nonsense", 1, "unsupported_parameter"),
        ("stream", "yes", "invalid_value"),
        ("temperature", -1, "invalid_value"),
        ("temperature", 2.1, "invalid_value"),
        ("temperature", "hot", "invalid_value"),
        ("top_p", 3, "invalid_value"),
        ("max_tokens", 0, "invalid_value"),
        ("max_tokens", 10**9, "invalid_value"),
        ("presence_penalty", 3, "invalid_value"),
        ("model", "gpt-9", "model_not_found"),
        ("model", None, "invalid_value"),
        ("messages", [], "invalid_value"),
        ("messages", "Why?", "invalid_value"),
        ("messages", [said("user", "Why?")] * 10_000, "invalid_value"),
        ("messages", [said("user", "Why?"), said("assistant", "So.")], "invalid_value"),
    ],
)
def test_what_is_refused_is_named(client: TestClient, name: str, value: object, code: str) -> None:
    for stream in (False, True):
        reply = chat(client, **{"stream": stream, name: value})
        error = reply.json()["error"]
        assert (error["param"], error["code"]) == (name, code)
        assert reply.status_code == (404 if code == "model_not_found" else 400)


@pytest.mark.parametrize(
    "message",
    [
        said("root", "Why?"),
        said("tool", "Why?"),
        said("user", 3),
        said("user", {"text": "Why?"}),
        said("user", [{"type": "image_url", "image_url": {"url": "http://evil"}}]),
        said("user", [{"type": "text", "text": 3}]),
        said("user", [3]),
        {"role": "user"},
        {"content": "Why?"},
        "Why?",
    ],
)
def test_a_message_that_cannot_be_read_is_named(client: TestClient, message: object) -> None:
    reply = chat(client, messages=[message])
    assert reply.status_code == 400
    assert reply.json()["error"]["param"].startswith("messages.0")


@pytest.mark.parametrize("raw", ['"\\ud800"', "NaN", "1e400", '"\\u0000"', "[" * 5000])
def test_what_is_no_text_is_refused(client: TestClient, raw: str) -> None:
    body = f'{{"model": "dateline", "messages": [{{"role": "user", "content": {raw}}}]}}'
    headers = {"content-type": "application/json"}
    for content in (body, body.replace("dateline", "x"), f'{{"temperature": {raw}, {body[1:]}'):
        reply = client.post("/v1/chat/completions", content=content, headers=headers)
        assert reply.status_code == 400 and reply.json()["error"]["message"]


def test_an_empty_question_is_refused_before_the_stream(client: TestClient) -> None:
    reply = chat(client, messages=[said("user", " ")], stream=True)
    assert reply.status_code == 400 and "empty" in reply.json()["error"]["message"]
