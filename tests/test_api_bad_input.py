"""What cannot be asked over HTTP is refused with a status and a code, and does not come back."""

import json

import pytest
from starlette.testclient import TestClient

from tests.fakes import BUDGET

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
