"""The server: API, chat page and MCP in one process, from the first byte to a clean end."""

import asyncio
import errno
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import uvicorn
from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import Scope

from index.errors import UsageError
from service.api import create_api
from service.app import Dateline, assemble, build_fetcher, open_archive
from service.desk import Desk
from service.ingest_cli import ingest_paths
from service.rounds import check, rounds
from service.runs import Compare
from service.sets import Deciding
from service.settings import Settings
from service.wiping import wiping

GRACE = 4.0  # seconds for answers to end by themselves
CUT_OFF = 6  # seconds until what still runs is cancelled; supervisors kill after ten
# Gradio has many more addresses: to load files up and down, to fetch from elsewhere.
PAGE = re.compile(
    r"/(?:config|theme\.css|manifest\.json|favicon\.ico|robots\.txt|(?:assets|static|svelte)/.+"
    r"|gradio_api/(?:info|queue/(?:join|data)|cancel|reset|app_id|startup-events|heartbeat/\w+))?/?"
)


def build(
    dateline: Dateline, compare: Compare | None = None, deciding: Deciding | None = None
) -> FastAPI:
    """The whole app: the API, and beneath it the chat page at "/"."""
    app = create_api(dateline, compare, deciding)
    app.state.desk.warm_up()
    from service.page import mount_page  # takes seconds, in which the models load

    mount_page(app, dateline)
    mounted = app.router.routes[-1]
    assert isinstance(mounted, Mount), "the page is mounted last"
    app.router.routes[-1] = _Page("/", app=mounted.app, name="page")
    return app


def serve(
    settings: Settings,
    paths: Sequence[str] = (),
    compare: Compare | None = None,
    deciding: Deciding | None = None,
) -> None:
    """Take in what is under the paths, then serve until a signal says to stop.

    `compare` makes a page of two evaluation runs, and `deciding` knows of drafts; the service
    itself knows nothing of `evals`.
    Raises UsageError if the port is in use, or if there is nothing to take in under any path.
    """
    check(settings)
    with _listening(settings.host, settings.port) as listener, open_archive(settings) as archive:
        if paths:
            ingest_paths(paths, archive, fetcher=build_fetcher(settings))
        line = assemble(settings, archive)
        asyncio.run(_serve(line, listener, partial(build, line, compare, deciding)))


class _Page(Mount):
    """A mount that takes only what the page needs; the rest is the API's to answer or refuse."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if PAGE.fullmatch(scope.get("path", "")):
            return super().matches(scope)
        return Match.NONE, {}


class _Server(uvicorn.Server):
    """Stops at a signal without raising it again, so that what is open can be closed."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.deadline.hasten(GRACE)
        await super().shutdown(sockets)


async def _serve(dateline: Dateline, listener: socket.socket, built: Callable[[], FastAPI]) -> None:
    try:
        app = built()
        url = _url(listener)
        dateline.archive.lock.note(url)
        print(f"Dateline is at {url}", file=sys.stderr, flush=True)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CUT_OFF,
        )
        async with rounds(dateline, app.state.desk.intake), wiping(dateline.archive):
            await _Server(config, app.state.desk).serve(sockets=[listener])
    finally:
        await dateline.pipeline.answerer.close()


def _listening(host: str, port: int) -> socket.socket:
    """A socket on the port, taken before anything slow is done."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        dual = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, dualstack_ipv6=dual)
    except OSError as error:
        raise UsageError(_refusal(host, port, error)) from error


def _refusal(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use: choose another with --port."
        case errno.EACCES:
            return f"Port {port} is not open to this user: choose one above 1023 with --port."
    return f"'{host}' is no address of this machine: choose another with --host."


def _url(listener: socket.socket) -> str:
    """Where a client on this machine reaches the server."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
