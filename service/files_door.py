"""Files over HTTP: `curl -T report.pdf http://localhost:7860/v1/files/`.

The body is the file and its name stands in the address: there are no forms to take apart.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request
from starlette.responses import Response

from index import sources
from index.archive import Archive
from index.errors import SourceError
from index.schema import Article
from service import intake
from service.desk import Desk
from service.faults import Json
from service.shapes import Shape
from service.streaming import unless_gone

MAX_NAME = 200  # bytes; file systems end at 255
files = APIRouter(tags=["articles"])


@files.put("/v1/files/{name}")
async def put_file(name: str, request: Request) -> Response:
    """Store the articles of one file: text, Markdown, HTML, JSON, JSON Lines, PDF or Word.

    A file of the same name takes the place of the one before.
    """
    desk: Desk = request.app.state.desk
    _check(name)
    data = await request.body()
    results = await unless_gone(request.receive, _take_in(desk, name, data))
    return Json({"results": results, "counts": intake.counts(results)})


async def _take_in(desk: Desk, name: str, data: bytes) -> list[Shape]:
    results: list[Shape] = []
    async with desk.intake(), desk.deadline():
        items = await asyncio.to_thread(lambda: list(_read(name, data)))
        if len(items) == 1 and isinstance(items[0], SourceError):
            raise items[0]
        coming = iter(items)
        while batch := list(islice(coming, intake.BATCH)):
            results += await asyncio.to_thread(_store, desk.archive, batch, len(results))
    return results


def _read(name: str, data: bytes) -> Iterator[Article | SourceError]:
    """The articles, known by the name of the file and not by where it lay for a moment."""
    with TemporaryDirectory(prefix="dateline-") as folder:
        path = Path(folder, name).resolve()
        path.write_bytes(data)
        for item in sources.read(path):
            if isinstance(item, Article):
                yield replace(item, key="upload:" + item.key.replace(path.as_posix(), name, 1))
            else:
                yield item


def _store(archive: Archive, items: list[Article | SourceError], first: int) -> list[Shape]:
    articles = [item for item in items if isinstance(item, Article)]
    outcomes = iter(archive.add(articles) if articles else [])
    return [
        {"article": item.name, "article_id": item.id, "outcome": next(outcomes)}
        if isinstance(item, Article)
        else {"index": index, "error": str(item)}
        for index, item in enumerate(items, first)
    ]


def _check(name: str) -> None:
    bare = name.isprintable() and not name.startswith(".") and not {"/", "\\"} & {*name}
    if not bare or len(name.encode("utf-8", "replace")) > MAX_NAME:
        raise SourceError("The name is that of no file: give a plain one, such as report.pdf.")
