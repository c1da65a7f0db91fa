"""The guard, before an app that only reads: who may ask, from where, and how much."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from service import guard
from service.guard import MAX_ARTICLES, MAX_BODY, Guard

JSON = {"content-type": "application/json"}


async def read(request: Request) -> PlainTextResponse:
    """Says how long the body was; an error while reading it becomes a reply of its own."""
    try:
        return PlainTextResponse(str(len(await request.body())))
    except Exception:
        return PlainTextResponse("swallowed", 400)


async def fail(_: Request) -> PlainTextResponse:
    raise ZeroDivisionError("secret")


METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]
INNER = Router([Route("/fail", fail), Route("/{path:path}", read, methods=METHODS)])


def client(allowed: str = "localhost,news.example", base: str = "http://localhost") -> TestClient:
    return TestClient(Guard(INNER, allowed.split(",")), base, raise_server_exceptions=False)


def code(reply: object) -> tuple[int, str]:
    """Status and code of an error."""
    status, error = reply.status_code, reply.json()["error"]  # type: ignore[attr-defined]
    assert set(error) == {"message", "type", "param", "code"}
    return status, error["code"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:7860", 200),
        ("localhost.:80", 200),
        ("127.0.0.1:7860", 200),
        ("[::1]:7860", 200),
        ("news.example", 200),
        ("evil.example", 421),
        ("news.example.evil.example", 421),
        ("169.254.169.254", 421),
        ("[::2]", 421),
        ("0.0.0.0:7860", 421),
        ("", 400),
        ("localhost:99999", 400),
        ("localhost:x", 400),
        ("evil@localhost", 400),
        ("localhost/evil", 400),
        ("[::1", 400),
    ],
)
def test_only_known_hosts_are_served(host: str, status: int) -> None:
    assert client().get("/", headers={"host": host}).status_code == status


def test_any_host_is_served_if_so_wished() -> None:
    assert client("*").get("/", headers={"host": "evil.example"}).status_code == 200


def test_probes_come_by_any_address() -> None:
    assert client().get("/healthz", headers={"host": "10.0.0.7:7860"}).status_code == 200


def test_a_host_is_named_once() -> None:
    for hosts in ([], [b"localhost", b"localhost"], [b"localhost", b"evil.example"]):
        assert status_of(hosts) == 400


def status_of(hosts: list[bytes]) -> int:
    """The status for a bare request with these Host headers."""
    sent: list[Message] = []
    headers = [(b"host", host) for host in hosts]
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(INNER, ["localhost"])(scope, receive, send))
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:7860", None, 200),
        ("localhost:7860", "http://localhost:7860", 200),
        ("localhost:7860", "http://LOCALHOST:7860", 200),
        ("localhost", "http://localhost", 200),
        ("news.example", "https://news.example", 200),
        ("[::1]:7860", "http://[::1]:7860", 200),
        ("localhost:7860", "http://localhost:7861", 403),
        ("localhost:7860", "http://localhost", 403),
        ("localhost:7860", "http://127.0.0.1:7860", 403),
        ("localhost:7860", "http://evil.example", 403),
        ("localhost:7860", "http://localhost:7860.evil.example", 403),
        ("localhost:7860", "http://evil@localhost:7860", 403),
        ("localhost:7860", "file://localhost:7860", 403),
        ("localhost:7860", "null", 403),
        ("localhost:7860", "", 403),
        ("localhost:7860", "http://localhost:x", 403),
        ("localhost:7860", "http://[", 403),
    ],
)
def test_pages_from_elsewhere_may_not_write(host: str, origin: str | None, status: int) -> None:
    headers = {"host": host} | ({"origin": origin} if origin is not None else {})
    for method in ("POST", "PUT", "DELETE"):
        assert client().request(method, "/", headers=headers).status_code == status
    assert client().get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 200),
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"content-type": 'application/json;charset="UTF-8"'}, 200),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({}, 415),
        ({**JSON, "content-encoding": "gzip"}, 415),
    ],
)
def test_the_api_takes_plain_json_only(headers: dict[str, str], status: int) -> None:
    assert client().post("/v1/ask", content=b"{}", headers=headers).status_code == status


def pieces(size: int) -> Iterator[bytes]:
    """So many bytes, some at a time: a body without a length."""
    for at in range(0, size, 100_000):
        yield b"x" * min(100_000, size - at)


@pytest.mark.parametrize(("path", "limit"), [("/v1/ask", MAX_BODY), ("/v1/articles", MAX_ARTICLES)])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_bodies_have_a_limit(path: str, limit: int, beyond: int) -> None:
    size = limit + beyond
    for body in (b"x" * size, pieces(size)):
        reply = client().post(path, content=body, headers=JSON)
        if beyond > 0:
            assert code(reply) == (413, "body_too_large") and f"{limit:,}" in reply.text
        else:
            assert reply.text == str(size)


@pytest.mark.parametrize("length", ["0", "5", "-1", "x", str(10**20)])
def test_the_bytes_count_whatever_the_length_says(length: str) -> None:
    headers = {**JSON, "content-length": length}
    reply = client().post("/elsewhere", content=pieces(MAX_BODY + 1), headers=headers)
    assert code(reply) == (413, "body_too_large")


def test_only_added_articles_may_be_long() -> None:
    for method, path in (("PUT", "/v1/articles"), ("POST", "/v1/articles/"), ("POST", "/x")):
        reply = client().request(method, path, content=b"x" * (MAX_BODY + 1), headers=JSON)
        assert reply.status_code == 413


def test_a_body_must_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_TIME", 0.05)
    sent: list[Message] = []
    given = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Message:
        if message := next(given, None):
            return message
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope: Scope = {"type": "http", "method": "POST", "path": "/v1/ask", "headers": headers}
    asyncio.run(Guard(INNER, ["localhost"])(scope, receive, send))
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["error"]["code"] == "body_too_slow"


def test_every_reply_is_marked_refusals_and_failures_too() -> None:
    replies = [
        client().get("/"),
        client().get("/", headers={"host": "evil.example"}),
        client().post("/", headers={"origin": "null"}),
        client().get("/fail"),
    ]
    assert [reply.status_code for reply in replies] == [200, 421, 403, 500]
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'self'" in reply.headers["content-security-policy"]


def test_a_failure_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    reply = client().get("/fail")
    assert code(reply) == (500, "server_error") and "secret" not in reply.text
    assert "secret" in caplog.text and "/fail" in caplog.text


def test_web_sockets_are_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(Guard(INNER, ["*"])({"type": "websocket"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
