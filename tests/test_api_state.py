"""What the service says of itself: alive, ready, its counts and its description."""

import pytest
from starlette.testclient import TestClient

from index.errors import UsageError
from service.api import create_api
from service.app import Dateline


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
