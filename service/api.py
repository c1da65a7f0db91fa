"""The HTTP API. Every endpoint reads, asks the desk or the archive, and writes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from starlette.responses import HTMLResponse, Response

from service import evaluation_door, faults, index_door, intake, tongues
from service.answering import Restart
from service.app import Dateline
from service.bodies import Articles, Ask, Find, Search
from service.desk import Desk
from service.docs_page import render_docs
from service.faults import Fault, Json
from service.feedback_door import feedback
from service.files_door import files
from service.guard import Guard
from service.mcp_door import McpDoor
from service.meters import CONTENT_TYPE, Metering
from service.openai_door import openai
from service.pipeline import Event, Said
from service.reading import read
from service.render_article import render_article
from service.runs import Compare, Runs
from service.schema import Answer, Question
from service.sets import FOLDER, Deciding, Sets
from service.settings import Settings
from service.shapes import (
    Shape,
    answer_shape,
    article_shape,
    citation_shape,
    found_shape,
    place_shape,
    sentence_shape,
    whole_shape,
)
from service.streaming import DONE, EventStream, event, unless_gone

DESCRIPTION = (
    "Ask a news archive a question. Every sentence of an answer stands on a quoted, dated passage; "
    'where the articles hold no answer, the status is "not_in_articles".'
)
HUGE = 10**9


def create_api(
    dateline: Dateline, compare: Compare | None = None, deciding: Deciding | None = None
) -> FastAPI:
    """The whole API without the chat page, behind the guard.

    `compare` makes a page of two runs, and `deciding` knows of drafts: what `evals` lends.
    """
    desk = Desk(dateline)
    mcp = McpDoor(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.warm_up()
        async with mcp.open():
            yield
        await asyncio.to_thread(desk.settle)

    app = FastAPI(
        title="Dateline",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    evaluation_door.install(app, Runs(dateline.settings.runs, compare), _sets(dateline, deciding))
    index_door.install(app, dateline.settings)
    app.include_router(questions)
    app.include_router(feedback)
    app.include_router(articles)
    app.include_router(files)
    app.include_router(openai)
    app.include_router(index_door.index)
    app.include_router(health)
    app.include_router(evaluation_door.evaluation)
    app.router.routes.extend(mcp.routes)
    faults.install(app)
    app.add_middleware(Metering, meters=desk.meters)
    app.add_middleware(Guard, allowed_hosts=_hosts(dateline.settings))
    return app


def desk_of(request: Request) -> Desk:
    """The desk of the app that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


At = Annotated[Desk, Depends(desk_of)]
Version = Annotated[str | None, Query(description="as in a citation; the newest if absent")]
questions, articles = APIRouter(tags=["questions"]), APIRouter(tags=["articles"])
health = APIRouter(tags=["health"])


@questions.post("/v1/ask")
async def ask(body: Ask, request: Request, desk: At) -> Response:
    """Answer a question.

    With `stream`, server-sent events: `sentence` as each is checked, `restart` when all said so
    far is withdrawn, `answer` with the whole answer, `error`; at last `[DONE]`.

    Where the language model fails or says too little that the articles bear out, the status is 200
    all the same: the articles' own sentences answer (`answerer` is "quotes"), and `notes` say why.
    """
    question = body.to_question()
    if body.stream:
        return EventStream(_frames(desk, question), desk.deadline, _last_words)
    return Json(answer_shape(await unless_gone(request.receive, desk.ask(question))))


@questions.post("/v1/search")
async def search(body: Search, request: Request, desk: At) -> Response:
    """Find the passages that fit a question best, best first.

    With `explain` or `article`, also why: which search found what, what counted, and how far that
    article came.
    """
    question = body.to_question()
    if body.explain or body.article:
        explained = desk.explain(question, body.k, body.article)
        return Json(await unless_gone(request.receive, explained))
    return Json(found_shape(*await unless_gone(request.receive, desk.search(question, body.k))))


@questions.post("/v1/find")
async def find(body: Find, request: Request, desk: At) -> Response:
    """Say which article an excerpt is from; `place` is null if it is from none."""
    place = await unless_gone(request.receive, desk.find(body.excerpt))
    return Json({"place": place_shape(place) if place else None})


@articles.get("/v1/articles")
async def list_articles(
    desk: At,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=HUGE)] = 0,
) -> Response:
    """List articles without their texts, newest first; undated ones last.

    `notes`: what to know where the embedder does not know their languages.
    """
    listed = await asyncio.to_thread(desk.archive.database.articles, limit, offset)
    total, _ = await asyncio.to_thread(desk.archive.database.counts)
    shapes = [article_shape(article) for article in listed]
    notes = await asyncio.to_thread(tongues.notes, desk.archive)
    return Json({"articles": shapes, "total": total, "notes": notes})


@articles.post("/v1/articles")
async def add_articles(body: Articles, request: Request, desk: At) -> Response:
    """Store articles. What is wrong with one is told in its place, and the others go in."""
    results = await unless_gone(request.receive, _take_in(desk, body.articles))
    return Json({"results": results, "counts": intake.counts(results)})


@articles.get("/v1/articles/{reference:path}")
async def get_article(reference: str, desk: At, version: Version = None) -> Response:
    """Get one article with its text, by id, name, key or URL.

    The newest version, or the one that a citation names.
    """
    return Json(whole_shape(await asyncio.to_thread(read, desk.archive, reference, version)))


@articles.delete("/v1/articles/{reference:path}")
async def delete_article(reference: str, desk: At) -> Response:
    """Delete one article with all its versions, by id, name, key or URL.

    No answer uses it from now on; its text is wiped from the files soon after the last deletion.
    """
    async with desk.intake():
        article = await asyncio.to_thread(desk.archive.delete, reference)
    return Json({"article": article.name, "article_id": article.id, "deleted": True})


@articles.get("/articles/{article_id}")
async def article_page(
    article_id: str,
    desk: At,
    version: Version = None,
    start: Annotated[int | None, Query(ge=0, le=HUGE)] = None,
    end: Annotated[int | None, Query(ge=0, le=HUGE)] = None,
) -> Response:
    """Read an article as a page, with the place from `start` to `end` of a version marked."""

    def rendered() -> str:
        return render_article(read(desk.archive, article_id, version), start, end)

    page = await asyncio.to_thread(rendered)
    return HTMLResponse(page.encode("utf-8", "replace"))


@health.get("/healthz")
async def healthz() -> Response:
    """Say that the server is alive."""
    return Json({"status": "alive"})


@health.get("/readyz")
async def readyz(desk: At) -> Response:
    """Say whether questions are answered without waiting for the embedder and the index."""
    if desk.ready:
        return Json({"status": "ready"})
    message = desk.fault or "The embedder and the index are being loaded."
    raise Fault(503, "not_ready", message, headers={"retry-after": "2"})


@health.get("/metrics")
async def metrics(desk: At) -> Response:
    """Get counts and timings for Prometheus."""
    return Response(desk.meters.exposition(), media_type=CONTENT_TYPE)


@health.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The API's description as a page."""
    return HTMLResponse(render_docs(request.app.openapi()))


def _hosts(settings: Settings) -> list[str]:
    """The names that are allowed, and the one address that the server listens on, if it is one."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    listens = [] if host in ("0.0.0.0", "[::]") else [host]
    return [*settings.allowed_hosts.split(","), *listens]


def _sets(dateline: Dateline, deciding: Deciding | None) -> Sets | None:
    folder = dateline.settings.data / FOLDER
    return Sets(folder, dateline.archive.database, deciding) if deciding else None


async def _take_in(desk: Desk, records: list[dict[str, Any]]) -> list[Shape]:
    results: list[Shape] = []
    async with desk.intake(), desk.deadline():
        for at in range(0, len(records), intake.BATCH):
            batch = records[at : at + intake.BATCH]
            results += await asyncio.to_thread(intake.take_in, desk.archive, batch, at)
    return results


async def _frames(desk: Desk, question: Question) -> AsyncGenerator[bytes, None]:
    async with desk.answering(question) as events:
        yield b": searching\n\n"  # a comment: there is a place, so the reply may begin
        async for happened in events:
            yield _frame(happened)
    yield DONE


def _frame(happened: Event) -> bytes:
    match happened:
        case Said():
            new = [citation_shape(citation) for citation in happened.citations]
            shape = {"sentence": sentence_shape(happened.sentence), "citations": new}
            return event(shape, "sentence")
        case Restart():
            return event({}, "restart")
        case Answer():
            return event(answer_shape(happened), "answer")


def _last_words(fault: Fault) -> bytes:
    return event(fault.shape(), "error") + DONE
