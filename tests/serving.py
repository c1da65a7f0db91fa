"""A real server on a free loopback port, in a thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Serve the app; gives its address."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def until(done: Callable[[], bool], seconds: float = 20) -> float:
    """Wait until it is so; gives how long that took."""
    started = monotonic()
    while not done():
        assert monotonic() - started < seconds, "it never came to that"
        sleep(0.005)
    return monotonic() - started
