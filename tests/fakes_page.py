"""A pipeline with a script for each question, a shelf of articles, and the page over them."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from index.schema import Article
from service.app import Dateline
from service.desk import Desk
from service.evaluation_door import evaluation, install
from service.guard import Guard
from service.page import mount_page
from service.pipeline import Event, Said
from service.reading import Reading
from service.render_article import render_article
from service.runs import Compare, Runs
from service.schema import Answer, Sentence
from service.sets import Sets
from tests.embedders import HashingEmbedder
from tests.fakes import Script, ScriptedPipeline, cite, hit

T = TypeVar("T")

HARBOUR = Article(
    key="harbour",
    name="harbour.md",
    title="Harbour tunnel opens two years late",
    text=(
        "The tunnel under the old harbour opened on Tuesday, two years after the date once "
        "promised.\n\n"
        + "Crews had pumped out the flooded eastern shaft three times. "
        * 12
        + "\n\n"
        "It cost 412 million crowns, the city said, a third more than planned.\n\n"
        "Trams are to run through it from June."
    ),
    published=date(2024, 3, 12),
    published_from="front matter",
    outlet="The Harbour Post",
    author="Ida Ek",
    url="https://example.org/harbour",
    language="en",
)
NOTES = Article(
    key="notes",
    name="notes.txt",
    title="Notes from the council meeting",
    text="The council heard that trams will run through the tunnel from June.",
    language="en",
)
FERRY = Article(
    key="ferry",
    name="ferry.md",
    title="Last ferry leaves the old quay",
    text="The last ferry left the old quay on Friday evening.",
    published=date(2023, 11, 3),
    outlet="Quayside",
)


COST = cite(1, HARBOUR, "It cost 412 million crowns, the city said, a third more than planned.")
TRAMS = cite(2, NOTES, "trams will run through the tunnel from June")
SENTENCES = (
    Sentence("The tunnel cost 412 million crowns, a third more than planned.", (1,)),
    Sentence("Trams are to run through it from June.", (2,)),
)
ANSWER = Answer(
    status="answered",
    sentences=SENTENCES,
    citations=(COST, TRAMS),
    hits=(hit(HARBOUR), hit(NOTES, 0.5)),
    answerer="a-model",
    dropped=("The mayor wept.",),
    confidence=0.9,
    seconds={"retrieve": 0.02, "answer": 0.4},
)
REFUSAL = Answer(
    status="not_in_articles",
    sentences=(),
    citations=(),
    hits=(hit(FERRY), hit(FERRY, 0.9), hit(NOTES, 0.5)),
    answerer="quotes",
    seconds={"retrieve": 0.02, "answer": 0.01},
)
TOLD: tuple[Event, ...] = (Said(SENTENCES[0], (COST,)), Said(SENTENCES[1], (TRAMS,)), ANSWER)


@dataclass
class Shelf:
    """Stands for the archive and its database alike."""

    kept: list[Article] = field(default_factory=lambda: [HARBOUR, FERRY, NOTES])
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)

    @property
    def database(self) -> "Shelf":
        return self

    def outlets(self) -> list[str]:
        return sorted({article.outlet for article in self.kept if article.outlet})

    def languages(self) -> list[str]:
        return ["en"]

    def counts(self) -> tuple[int, int]:
        return len(self.kept), len(self.kept)

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        return self.kept[offset : offset + limit]


@dataclass
class FakeDateline:
    """What a desk and the page take of a Dateline."""

    pipeline: ScriptedPipeline
    archive: Shelf = field(default_factory=Shelf)


def dateline(script: Script, *later: Script) -> Dateline:
    """A Dateline that plays the scripts one after the other, the last one for ever."""
    return cast(Dateline, FakeDateline(ScriptedPipeline(script, list(later))))


NOWHERE = Path("no-such-folder")


def page_app(
    line: Dateline,
    runs: Path = NOWHERE,
    compare: Compare | None = None,
    sets: Sets | None = None,
) -> FastAPI:
    """The page behind the guard, and the articles and runs it links to."""

    async def made() -> FastAPI:
        app = FastAPI()
        app.state.desk = Desk(line)
        install(app, Runs(runs, compare), sets)
        app.include_router(evaluation)
        app.add_middleware(Guard, allowed_hosts="")

        @app.get("/articles/{article_id}", response_class=HTMLResponse)
        def article(article_id: str, start: int | None = None, end: int | None = None) -> str:
            found = {each.id: each for each in line.archive.database.articles(500)}
            return render_article(Reading(found[article_id]), start, end)

        mount_page(app, line)
        return app

    return in_loop(made())


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to, in a loop of its own even where one runs.

    Without a loop around it Gradio makes one, and leaves it open.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
