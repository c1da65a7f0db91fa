"""The HTTP API over a scripted pipeline and a small real archive."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from index.archive import Archive
from index.errors import ArchiveLocked, ModelError, UsageError
from service import shapes
from service.api import create_api
from service.app import Dateline
from service.intake import to_article
from service.printing import article_text
from service.schema import Question
from tests.fakes import (
    ANSWER,
    BUDGET,
    LETTER,
    RETOLD,
    ScriptedPipeline,
    cite,
    dateline,
    small_archive,
)


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    return ScriptedPipeline()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """For tests that leave it as it was."""
    with small_archive(tmp_path_factory.mktemp("shared")) as archive:
        yield archive


@pytest.fixture
def line(shared: Archive, pipeline: ScriptedPipeline) -> Dateline:
    return dateline(shared, pipeline)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path) as archive:
        yield archive


@pytest.fixture
def writer(own: Archive) -> TestClient:
    return TestClient(create_api(dateline(own)), "http://localhost")


@pytest.fixture
def client(line: Dateline) -> TestClient:
    return TestClient(create_api(line), "http://localhost", raise_server_exceptions=False)


def events(text: str) -> list[tuple[str, Any]]:
    """Name and data of each server-sent event; comments left out."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if data := fields.get("data"):
            found.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


# Asking


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


# Bad input

LONG = "a" * 4001
RAW: list[tuple[bytes, str]] = [
    (b"", "missing_parameter"),
    (b"question", "invalid_json"),
    (b'{"question": ', "invalid_json"),
    (b"[]", "invalid_value"),
    (b"3", "invalid_value"),
    (b"null", "invalid_value"),
    (b"{}", "missing_parameter"),
    (b'{"question": null}', "invalid_value"),
    (b'{"question": 3}', "invalid_value"),
    (b'{"question": ["What?"]}', "invalid_value"),
    (b'{"question": NaN}', "invalid_value"),
    (b'{"question": Infinity}', "invalid_value"),
    (b'{"question": 1e400}', "invalid_value"),
    (b'{"question": -1e400}', "invalid_value"),
    (b'{"question": ' + b"9" * 5000 + b"}", "invalid_json"),
    (b"[" * 100_000, "invalid_json"),
    (b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "invalid_json"),
    (b'{"question": "\\ud800"}', "invalid_text"),
    (b'{"question": "\\udfff?"}', "invalid_text"),
    (b'{"question": "What\\u0000?"}', "invalid_text"),
    (b'{"question": "\xff"}', "invalid_json"),
    (b'{"question": "What?", "\\ud800": 1}', "invalid_text"),
    (b'{"question": "What?", "nonsense": 1}', "unknown_parameter"),
    (json.dumps({"question": "What?", "x" * 5000: 1}).encode(), "unknown_parameter"),
    (b'{"question": "What?", "stream": "yes"}', "invalid_value"),
    (b'{"question": "What?", "stream": NaN}', "invalid_value"),
    (b'{"question": "What?", "since": "yesterday"}', "invalid_value"),
    (b'{"question": "What?", "since": 20240501}', "invalid_value"),
    (b'{"question": "What?", "since": NaN}', "invalid_value"),
    (b'{"question": "What?", "since": "2024-02-30"}', "invalid_value"),
    (b'{"question": "What?", "since": "2024-05-01", "until": "2024-04-01"}', "invalid_request"),
    (b'{"question": "What?", "outlets": "The Ledger"}', "invalid_value"),
    (b'{"question": "What?", "outlets": ["\\ud800"]}', "invalid_text"),
    (b'{"question": "What?", "history": [["one"]]}', "missing_parameter"),
    (b'{"question": "What?", "history": ["one", "two"]}', "invalid_value"),
    (json.dumps({"question": "W?", "history": [["q", "a"]] * 21}).encode(), "invalid_value"),
    (json.dumps({"question": "W?", "history": [["q", "a" * 16_000]]}).encode(), "invalid_value"),
    (json.dumps({"question": ""}).encode(), "invalid_request"),
    (json.dumps({"question": " \n\t"}).encode(), "invalid_request"),
    (json.dumps({"question": LONG}).encode(), "invalid_request"),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("body", "code"), RAW, ids=[repr(raw[:40]) for raw, _ in RAW])
def test_what_cannot_be_asked_is_refused_in_one_shape(
    client: TestClient, body: bytes, code: str, stream: bool
) -> None:
    if stream and body.startswith(b'{"question"') and b"stream" not in body:
        body = b'{"stream": true, ' + body[1:]
    reply = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (400, code)
    assert len(reply.content) < 600, "what was sent does not come back"


@pytest.mark.parametrize(
    "question",
    ["👍👍", "\u202eWhat?", "Vad hände?", "?" * 4000, "a\u0301" * 900, "{context_str} $x"],
)
def test_odd_questions_are_still_questions(client: TestClient, question: str) -> None:
    assert client.post("/v1/ask", json={"question": question}).status_code == 200


@pytest.mark.parametrize("k", [0, -1, 101, 10**9, 2.5, "3", None, True])
def test_how_many_passages_has_bounds(client: TestClient, k: object) -> None:
    reply = client.post("/v1/search", json={"question": "taxes", "k": k})
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "k")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("POST", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/ask", 405, "method_not_allowed"),
        ("DELETE", "/v1/ask", 405, "method_not_allowed"),
        ("PUT", "/v1/articles", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/ask", 405, "method_not_allowed"),
        ("TRACE", "/v1/ask", 405, "method_not_allowed"),
        ("GET", "/v1/articles/nobody", 404, "not_found"),
        ("DELETE", "/v1/articles/nobody", 404, "not_found"),
        ("GET", "/articles/nobody", 404, "not_found"),
        ("GET", f"/articles/{BUDGET.id}?start=-1", 400, "invalid_value"),
        ("GET", f"/articles/{BUDGET.id}?start={'9' * 5000}", 400, "invalid_value"),
        ("GET", "/v1/articles?limit=0", 400, "invalid_value"),
        ("GET", "/v1/articles?limit=1001", 400, "invalid_value"),
        ("GET", "/v1/articles?offset=-1", 400, "invalid_value"),
        ("GET", f"/v1/articles?offset={10**30}", 400, "invalid_value"),
        ("GET", "/v1/articles?limit=many", 400, "invalid_value"),
    ],
)
def test_wrong_addresses_are_told_in_the_same_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    reply = client.request(method, path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_many_or_odd_headers_do_no_harm(client: TestClient) -> None:
    headers = {f"x-{n}": "y" for n in range(3000)}
    headers |= {"range": "bytes=0-3", "if-none-match": "*", "accept": "text/html"}
    assert client.get("/v1/articles", headers=headers).status_code == 200


# Articles


def test_articles_are_listed_without_and_got_with_their_texts(client: TestClient) -> None:
    listed = client.get("/v1/articles").json()
    assert listed["total"] == 2
    assert [a["article"] for a in listed["articles"]] == ["budget.md", "letter.txt"]
    assert all("text" not in article for article in listed["articles"])
    second = client.get("/v1/articles", params={"limit": 1, "offset": 1}).json()["articles"]
    assert [article["article_id"] for article in second] == [LETTER.id]
    for reference in (BUDGET.id, BUDGET.name, BUDGET.key, "https%3A%2F%2Fexample.org%2Fbudget"):
        article = client.get(f"/v1/articles/{reference}").json()
        assert (article["key"], article["text"]) == (BUDGET.key, BUDGET.text)
        assert article["published_from"] == "front matter"


def test_an_article_arrives_over_http_as_it_was_sent(writer: TestClient, own: Archive) -> None:
    sent = replace(
        BUDGET,
        key="/somewhere/else.md",
        published_from="by-line (line 1)",
        author="Å. Öst",
        published_as="2024-02-20T23:30-05:00",
        updated="2024-02-21",
        updated_from="meta",
        agency="AP",
    )
    assert to_article(shapes.record(sent)) == sent
    reply = writer.post("/v1/articles", json={"articles": [shapes.record(sent)]}).json()
    assert reply["results"] == [{"article": sent.name, "article_id": sent.id, "outcome": "added"}]
    stored = own.get(sent.id)
    assert replace(stored, fetched=None) == sent


@pytest.mark.parametrize(
    ("written", "shown", "precision"),
    [
        ("2024-02", "2024-02", "month"),
        ("2024", "2024", "year"),
        ("2024-02-20T23:30-05:00", "2024-02-20", "minute"),
    ],
)
def test_dates_travel_as_exactly_as_they_are_known(
    writer: TestClient, written: str, shown: str, precision: str
) -> None:
    given = {
        "id": f"at-{written}",
        "text": "The ferry sailed at noon.",
        "agency": "AP",
        "published": written,
        "updated": "2024-12-30",
        "url": "https://example.org/",
    }
    assert writer.post("/v1/articles", json={"articles": [given]}).json()["counts"]["added"] == 1
    found = writer.get(f"/v1/articles/at-{written}").json()
    assert (found["published"], found["published_as"], found["precision"]) == (
        shown, written, precision,
    )  # fmt: skip
    assert (found["published_from"], found["updated_from"]) == ("the user", "the user")
    assert (found["updated"], found["agency"], found["outlet"]) == ("2024-12-30", "AP", None)


def test_bad_articles_are_named_and_the_rest_goes_in(writer: TestClient) -> None:
    good = {"id": "a", "text": "The ferry sailed at noon for the last time.", "outlet": "Quay"}
    bad: list[dict[str, object]] = [
        {},
        {"text": None},
        {"text": ["x"]},
        {"text": " "},
        {"text": "\ud800"},
        {"text": "Fine.", "published": "soon"},
        {"text": "Fine.", "url": "javascript:alert(1)"},
        {"text": "Fine.", "key": 3},
        {"text": "Fine.", "key": "k" * 2001},
        {"text": "Fine.", "key": "\ud800"},
        {"text": "Fine.", "name": "\0"},
        {"text": "Fine.", "published_from": {}},
    ] * 2  # more than are stored at once
    body = json.dumps({"articles": [good, *bad, {**good, "id": "b"}, {**good, "id": "a"}]})
    reply = writer.post("/v1/articles", content=body, headers={"content-type": "application/json"})
    results = reply.json()["results"]
    assert [result["index"] for result in results[1:-2]] == list(range(1, len(bad) + 1))
    assert all(result["error"] for result in results[1:-2])
    assert [result["article"] for result in (results[0], *results[-2:])] == ["a", "b", "a"]
    assert reply.json()["counts"]["failed"] == len(bad)
    again = writer.post("/v1/articles", json={"articles": [good]}).json()
    assert again["counts"] == {"added": 0, "changed": 0, "unchanged": 1, "failed": 0}


def test_an_article_without_an_id_goes_by_its_address_or_its_text(writer: TestClient) -> None:
    plain = {"text": "The ferry sailed at noon for the last time."}
    placed = {**plain, "url": "https://example.org/ferry", "title": "Ferry"}
    first = writer.post("/v1/articles", json={"articles": [plain, placed]}).json()
    again = writer.post("/v1/articles", json={"articles": [plain, placed]}).json()
    assert (first["counts"]["added"], again["counts"]["unchanged"]) == (2, 2)
    assert first["results"][1]["article"] == "Ferry"


@pytest.mark.parametrize(
    "body", [{}, {"articles": {}}, {"articles": [3]}, {"articles": [{"text": "x"}] * 1001}]
)
def test_what_is_no_list_of_articles_is_refused(client: TestClient, body: object) -> None:
    reply = client.post("/v1/articles", json=body)
    assert reply.status_code == 400 and reply.json()["error"]["param"].startswith("articles")


def test_a_deleted_article_is_gone(writer: TestClient) -> None:
    gone = writer.delete("/v1/articles/budget.md").json()
    assert gone == {"article": "budget.md", "article_id": BUDGET.id, "deleted": True}
    assert writer.get(f"/v1/articles/{BUDGET.id}").status_code == 404


def test_a_citation_opens_the_text_it_stood_on(writer: TestClient, own: Archive) -> None:
    place = cite(1, BUDGET, "Taxes rise by 2 percent")
    told = shapes.citation_shape(place)
    corrected = replace(BUDGET, text=BUDGET.text.replace("2 percent", "3 percent"))
    own.add([corrected])
    page = writer.get(told["link"]).text
    assert '<mark id="quote" tabindex="-1">Taxes rise by 2 percent</mark>' in page
    assert "Changed on" in page and "<del>2</del><ins>3</ins>" in page
    old = writer.get(f"/v1/articles/{told['article_id']}", params={"version": told["version"]})
    assert old.json()["text"][told["start"] : told["end"]] == told["quote"]
    newest = writer.get(f"/v1/articles/{BUDGET.id}").json()
    assert newest["text"] == corrected.text
    assert [v["version"] for v in newest["versions"]] == [corrected.version, BUDGET.version]
    (block,) = newest["versions"][0]["changes"]
    assert block[1:3] == [["removed", "2"], ["added", "3"]]
    assert newest["versions"][1]["changes"] is None
    text = article_text(newest)
    assert f"Changed on {newest['fetched'][:10]}:" in text and "[-2-]{+3+} percent" in text
    assert "An earlier version." in article_text(old.json()) and "earlier" not in text


@pytest.mark.parametrize("path", ["/v1/articles/{}", "/articles/{}"])
def test_a_version_that_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    reply = client.get(path.format(BUDGET.id), params={"version": "0" * 16})
    assert reply.status_code == 404 and "no version" in reply.json()["error"]["message"]


def test_the_page_of_an_article_marks_the_place_and_runs_nothing(client: TestClient) -> None:
    place = cite(1, LETTER, "taxes rise")
    page = client.get(f"/articles/{LETTER.id}?start={place.start}&end={place.end}")
    assert page.headers["content-type"].startswith("text/html")
    assert 'id="quote"' in page.text and "<script" not in page.text


# Health


def test_ready_once_the_embedder_and_the_index_are_loaded(line: Dateline) -> None:
    app = create_api(line)
    assert TestClient(app, "http://localhost").get("/readyz").status_code == 503
    with TestClient(app, "http://localhost") as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        app.state.desk.settle()
        assert client.get("/readyz").json() == {"status": "ready"}


def test_why_it_will_not_be_ready_is_told(line: Dateline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise UsageError("The embedder cannot be loaded.")

    monkeypatch.setattr(line.pipeline, "warm_up", fail)
    app = create_api(line)
    with TestClient(app, "http://localhost") as client:
        app.state.desk.settle()
        reply = client.get("/readyz")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert reply.json()["error"]["message"] == "The embedder cannot be loaded."


def test_what_happens_is_counted_by_route(client: TestClient) -> None:
    client.post("/v1/ask", json={"question": "What happens?"})
    client.post("/v1/search", json={"question": "taxes"})
    client.get("/v1/articles/nobody")
    client.get("/elsewhere/secret")
    counted = client.get("/metrics").text
    for line in (
        'dateline_http_requests_total{route="/v1/ask",status="200"} 1.0',
        'dateline_http_requests_total{route="/v1/articles/{reference}",status="404"} 1.0',
        'dateline_answers_total{status="answered"} 1.0',
        "dateline_retrieve_seconds_count 2.0",
        "dateline_answer_seconds_count 1.0",
    ):
        assert line in counted.replace("{reference:path}", "{reference}")
    assert "secret" not in counted


def test_the_description_needs_nothing_from_elsewhere(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    page = client.get("/docs").text
    assert all(path in page for path in paths) and "/v1/ask" in paths
    assert "http://" not in page and "https://" not in page and "<script" not in page
