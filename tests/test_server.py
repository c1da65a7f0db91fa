"""The server on a real socket: streams, clients that leave, too many of them, and the end."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event as Gate
from urllib.parse import urlsplit

import httpx
import pytest

from index.archive import Archive
from index.errors import UsageError
from service import server
from service.api import create_api
from service.settings import load
from tests.fakes import FIRST, TOLD, ScriptedPipeline, dateline, small_archive
from tests.serving import running, until

SLOW = [FIRST, 30.0, *TOLD]
ASK = {"question": "What happens to taxes?"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("shared")) as archive:
        yield archive


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    return ScriptedPipeline()


@pytest.fixture
def address(shared: Archive, pipeline: ScriptedPipeline) -> Iterator[str]:
    with running(create_api(dateline(shared, pipeline))) as url:
        yield url


def test_sentences_come_as_soon_as_they_are_said(address: str, pipeline: ScriptedPipeline) -> None:
    gate = Gate()
    pipeline.script = [FIRST, gate, *TOLD]
    with httpx.stream("POST", f"{address}/v1/ask", json={**ASK, "stream": True}) as reply:
        lines = reply.iter_lines()
        assert next(line for line in lines if line.startswith("event:"))  # nothing more is said yet
        gate.set()
        assert any(line.startswith("event:") for line in lines)


CHAT = {"model": "dateline", "messages": [{"role": "user", "content": "Why?"}]}
DOORS = [
    ("/v1/ask", {**ASK, "stream": True}),
    ("/v1/ask", ASK),
    ("/v1/search", ASK),
    ("/v1/chat/completions", {**CHAT, "stream": True}),
    ("/v1/chat/completions", CHAT),
]


@pytest.mark.parametrize(("path", "body"), DOORS)
def test_when_clients_leave_nothing_goes_on_for_them(
    address: str, pipeline: ScriptedPipeline, path: str, body: dict[str, object]
) -> None:
    pipeline.script = SLOW
    for _ in range(3):
        with ExitStack() as visitors:
            for _ in range(4):
                visitors.enter_context(posted(address, path, body))
            until(lambda: pipeline.running == 4)
        assert until(lambda: pipeline.running == 0) < 10
    assert pipeline.closed == 12
    pipeline.script = TOLD
    assert httpx.post(address + path, json=body).status_code == 200, "every place is free again"


def posted(address: str, path: str, body: dict[str, object]) -> socket.socket:
    """A connection that has asked and does not read."""
    place = urlsplit(address)
    connection = socket.create_connection((str(place.hostname), int(place.port or 0)))
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    return connection


def test_too_many_questions_are_refused_at_once(address: str, pipeline: ScriptedPipeline) -> None:
    pipeline.script = [0.5, *TOLD]

    async def storm() -> list[tuple[httpx.Response, float]]:
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as client:
            return await asyncio.gather(*(ask(client, bool(n % 2)) for n in range(32)))

    async def ask(client: httpx.AsyncClient, stream: bool) -> tuple[httpx.Response, float]:
        started = time.monotonic()
        reply = await client.post("/v1/ask", json={**ASK, "stream": stream})
        return reply, time.monotonic() - started

    replies = asyncio.run(storm())
    refused = [(reply, took) for reply, took in replies if reply.status_code == 503]
    assert sorted({reply.status_code for reply, _ in replies}) == [200, 503]
    assert len(refused) == 32 - 20
    soonest = min(took for reply, took in replies if reply.status_code == 200)
    for reply, took in refused:
        assert reply.json()["error"]["code"] == "server_is_overloaded" and took < soonest
        assert int(reply.headers["retry-after"]) > 0
    assert httpx.get(f"{address}/healthz").status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"Content-Length: 5\r\n\r\n" + b"x" * 1_000_100,
        b"Content-Length: 2000000\r\n\r\n",
        b"Content-Length: 2000000\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Content-Length: -5\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n1\r\nx\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_bodies_that_lie_about_their_length_do_no_harm(address: str, request_: bytes) -> None:
    place = urlsplit(address)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), 10) as connection:
        head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(head + request_)
        status = connection.recv(4096).split(b" ")[1]
    assert status in (b"400", b"413")
    assert httpx.get(f"{address}/healthz").status_code == 200


def test_hosts_by_which_the_server_listens_are_served(shared: Archive) -> None:
    line = dateline(shared, allowed_hosts="news.example", host="192.0.2.7")
    with running(create_api(line)) as address:
        for host, status in (("news.example", 200), ("192.0.2.7", 200), ("192.0.2.8", 421)):
            reply = httpx.get(f"{address}/v1/models", headers={"host": host})
            assert reply.status_code == status


# Beginning and end

PROGRAM = """
import sys
from pathlib import Path
from service import server
from service.api import create_api
from service.settings import load
from tests.fakes import FIRST, TOLD, ScriptedPipeline, dateline, small_archive

class Closing:
    async def close(self):
        print("answerer closed", flush=True)

def assemble(settings, archive):
    pipeline = ScriptedPipeline([FIRST, 30.0, *TOLD])
    pipeline.answerer = Closing()
    return dateline(archive, pipeline)

server.open_archive = lambda settings: small_archive(settings.data)
server.assemble = assemble
server.build = create_api  # the page takes seconds to load
server.GRACE = 1.0
server.serve(load(data=Path(sys.argv[1]), port=int(sys.argv[2])))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_signal_ends_everything_in_good_order(tmp_path: Path, number: int) -> None:
    port = free_port()
    program = [sys.executable, "-c", PROGRAM, str(tmp_path), str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, **pipes) as process:  # type: ignore[call-overload]
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/healthz"), 60)
        assert json.loads((tmp_path / "lock").read_text())["url"] == url
        with httpx.stream("POST", f"{url}/v1/ask", json={**ASK, "stream": True}) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": searching"
            os.kill(process.pid, number)
            started = time.monotonic()
            rest = list(lines)
        output, talk = process.communicate(timeout=15)
    assert time.monotonic() - started < 10
    assert process.returncode == 0 and output == "answerer closed\n"
    assert "event: error" in rest and "server_is_stopping" in "".join(rest)
    assert f"Dateline is at {url}" in talk and "Traceback" not in talk
    assert (tmp_path / "lock").read_text() == ""


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_port_in_use_is_told_before_anything_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "open_archive", pytest.fail)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is in use: .* --port"):
            server.serve(load(data=tmp_path, port=port))
    with pytest.raises(UsageError, match="'192.0.2.7' is no address .* --host"):
        server.serve(load(data=tmp_path, host="192.0.2.7"))
    with pytest.raises(UsageError, match="'no.such.host.invalid' is no address"):
        server.serve(load(data=tmp_path, host="no.such.host.invalid"))
