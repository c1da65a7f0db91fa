"""The index over HTTP: the server changes over to the one that was built beside its own."""

import asyncio

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from index import succession
from service.app import next_embedder
from service.desk import Desk
from service.faults import Json
from service.settings import Settings

index = APIRouter(prefix="/v1/index", tags=["index"])


def install(app: FastAPI, settings: Settings) -> None:
    """Put into the app's state what this door needs."""
    app.state.settings = settings


@index.post("/switch")
async def switch(request: Request) -> Response:
    """Change over to the index that `dateline reindex --embedder` built beside the present one.

    Questions are answered meanwhile; articles wait until it is done.
    """
    desk: Desk = request.app.state.desk
    async with desk.intake():
        embedder = await asyncio.to_thread(next_embedder, request.app.state.settings)
        articles = await asyncio.to_thread(succession.take_over, desk.archive, embedder)
    return Json({"embedder": embedder.name, "articles": articles})
