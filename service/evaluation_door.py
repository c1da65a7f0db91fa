"""Evaluation runs over HTTP: their reports, and two of them compared.

A report is a page with a script, and its folder may come from elsewhere: the sandbox gives it an
origin of its own, from which it can neither read nor ask anything here.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import HTMLResponse, Response

from service.gate import Gate
from service.runs import Runs
from service.sets import Sets

evaluation = APIRouter(prefix="/evaluation", include_in_schema=False)
POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"content-security-policy": POLICY, "cache-control": "no-cache"}
Name = Annotated[str, Query(max_length=100)]


def install(app: FastAPI, runs: Runs, sets: Sets | None = None) -> None:
    """Put into the app's state what this door and the page need."""
    app.state.runs, app.state.comparing = runs, Gate(running=1, waiting=4)
    app.state.sets = sets


@evaluation.get("/runs/{run}/{file}")
async def run_file(run: str, file: str, request: Request) -> Response:
    """Read a file of a run: a page as such, all else as plain text."""
    runs: Runs = request.app.state.runs
    content = await asyncio.to_thread(runs.file, run, file)
    kind = "text/html" if file.endswith(".html") else "text/plain"
    return Response(content, media_type=kind, headers=HEADERS)


@evaluation.get("/compare")
async def compare(a: Name, b: Name, request: Request) -> Response:
    """Compare two runs, as a page."""
    runs: Runs = request.app.state.runs
    async with request.app.state.comparing():
        page = await asyncio.to_thread(runs.compared, a, b)
    return HTMLResponse(page.encode("utf-8", "replace"), headers=HEADERS)
