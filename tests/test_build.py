"""The whole app with the chat page mounted: what a visitor can and cannot get out of it.

A mounted Gradio hands out files of the server unless it is told otherwise, so every way in that a
page has is tried with a file that must not come back.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.server import build
from tests.fakes import BUDGET, ScriptedPipeline, dateline, small_archive
from tests.serving import running

CANARY = "canary-5f1c"
API = "/gradio_api"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[FastAPI]:
    async def built() -> FastAPI:  # Gradio leaves an event loop behind where it finds none
        return build(dateline(archive, ScriptedPipeline()))

    with small_archive(folder / "data") as archive:
        yield asyncio.run(built())


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with running(app) as url, httpx.Client(base_url=url, timeout=20) as opened:
        yield opened


@pytest.fixture(scope="module")
def canary(folder: Path) -> Path:
    path = folder / "canary.txt"
    path.write_text(CANARY)
    return path


def test_the_page_and_the_api_live_side_by_side(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "Dateline" in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.post("/v1/ask", json={"question": "What happens?"}).is_success
    assert client.get(f"/articles/{BUDGET.id}").is_success
    assert client.get("/docs").is_success and client.get("/v1/models").is_success


def test_beneath_the_page_wrong_addresses_are_told_in_our_shape(client: httpx.Client) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/v1/ask", 405),
        ("POST", "/healthz", 405),
        ("GET", "/monitoring", 404),
        ("GET", "/openapi.json/", 404),
    ):
        reply = client.request(method, path)
        assert (reply.status_code, set(reply.json())) == (status, {"error"})


CLOSED = [
    "/gradio_api/upload",
    "/gradio_api/upload_progress",
    "/gradio_api/file={}",
    "/gradio_api/file/{}",
    "/gradio_api/file%3D{}",
    "//gradio_api/file={}",
    "/gradio_api//file={}",
    "/gradio_api/./file={}",
    "/x/../gradio_api/file={}",
    "/gradio_api/proxy=http://127.0.0.1/",
    "/gradio_api/stream/a",
    "/gradio_api/component_server",
    "/gradio_api/call/ask",
    "/gradio_api/api/ask",
    "/gradio_api/run/ask",
    "/gradio_api/deep_link",
    "/gradio_api/custom_component/a/b/c/d",
    "/gradio_api/mcp/",
    "/gradio_api/monitoring/summary",
    "/gradio_api/runs",
    "/gradio_api/run-history/records",
    "/gradio_api/vibe-edit/",
    "/gradio_api/dev/reload",
    "/gradio_api/process_recording",
    "/file={}",
    "/login",
    "/logout",
    "/pwa_icon",
]


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_need_is_closed(
    client: httpx.Client, canary: Path, path: str
) -> None:
    for target in (str(canary), "/proc/self/environ", "../../../../etc/passwd"):
        for method in ("GET", "POST"):
            reply = client.request(method, path.format(target), follow_redirects=True)
            assert reply.status_code in (404, 405) and CANARY not in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../{}",
        "/assets/..%2f..%2f..%2f{}",
        "/svelte/%2e%2e/{}",
        "/static/{}",
        "/assets/{}",
        "/svelte/{}",
    ],
)
def test_nothing_is_reached_from_the_assets(client: httpx.Client, canary: Path, path: str) -> None:
    reply = client.get(path.format(canary))
    assert reply.status_code >= 400 and CANARY not in reply.text


def shapes(path: str) -> Iterator[Any]:
    """What a client may send in place of a value, in the hope that a file comes back."""
    file = {"path": path, "orig_name": "x.txt", "meta": {"_type": "gradio.FileData"}}
    yield file
    yield [file]
    yield {"text": "hello", "files": [file]}
    yield [{"role": "user", "content": {**file, "file": file}}]
    yield [[file, file]]
    yield {**file, "url": f"file://{path}", "is_stream": True}
    yield path
    yield f"![x]({path})"


def test_no_way_into_the_page_gives_a_file_out(
    client: httpx.Client, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_CANARY", CANARY)
    dependencies = client.get("/config").json()["dependencies"]
    assert dependencies
    others = ["/proc/self/environ", os.path.relpath(canary), f"file://{canary}"]
    files = [next(shapes(target)) for target in others]
    for number, dependency in enumerate(dependencies):
        for shape in (*shapes(str(canary)), *files):
            assert CANARY not in replied(client, dependency, shape, f"s{number}")


def replied(client: httpx.Client, dependency: dict[str, Any], shape: object, session: str) -> str:
    """Everything that comes back when the shape is sent for every input."""
    body = {
        "data": [shape] * len(dependency["inputs"]),
        "fn_index": dependency["id"],
        "session_hash": session,
        "event_data": None,
    }
    joined = client.post(f"{API}/queue/join", json=body)
    found = joined.text
    if joined.is_success:
        found += streamed(client, session)
    for path in paths_in(found):
        found += client.get(f"{API}/file={path}").text
    return found


def streamed(client: httpx.Client, session: str) -> str:
    with client.stream("GET", f"{API}/queue/data", params={"session_hash": session}) as reply:
        lines = []
        for line in reply.iter_lines():
            lines.append(line)
            if "close_stream" in line:
                break
        return "\n".join(lines)


def paths_in(text: str) -> Iterator[str]:
    """Values of "path" in events, which is where a file that was copied is told."""
    for line in text.splitlines():
        if line.startswith("data: "):
            yield from _paths(json.loads(line.removeprefix("data: ")))


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield value["path"]
        for inner in value.values():
            yield from _paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner)
