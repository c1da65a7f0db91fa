"""The archive as the command line reaches it: its own, or that of the server that holds it.

Both speak in the shapes of the HTTP API, so a command does not care which of them it has.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import httpx

import service.shapes as shapes
from index import finding
from index.archive import Archive, Outcome
from index.errors import ArchiveLocked, DatelineError, NotFound, UsageError
from index.lock import holder
from index.schema import Article, Visit
from index.succession import build, made_by, take_over, wipe
from service import tongues
from service.app import assemble, build_embedder, open_archive
from service.explained import explained
from service.reading import read
from service.schema import Question
from service.settings import Settings

Shape = dict[str, Any]
PAGE = 500  # articles asked of the server at once
LOOK = 0.5  # seconds between two tries to open an archive that is in use
PATIENCE = httpx.Timeout(600, connect=5)  # seconds; an ingest embeds before it answers


class Access(Protocol):
    """What commands do with an archive."""

    def add(self, articles: Sequence[Article]) -> list[Outcome]: ...
    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]: ...
    def note(self, visit: Visit) -> None: ...
    def visit(self, address: str) -> Visit | None: ...
    def holds(self, key: str) -> bool: ...
    def ask(self, question: Question) -> Shape: ...
    def search(self, question: Question, k: int) -> list[Shape]: ...
    def explain(self, question: Question, k: int, reference: str | None) -> Shape: ...
    def find(self, excerpt: str) -> Shape | None: ...
    def articles(self) -> Iterator[Shape]: ...
    def article(self, reference: str, version: str | None = None) -> Shape: ...
    def notes(self) -> list[str]: ...
    def delete(self, reference: str) -> None: ...


@contextmanager
def access(settings: Settings, patience: float = 0) -> Iterator[Access]:
    """The archive itself, or the running server if that holds it.

    patience: for so many seconds another process, which is no server, is waited for.
    """
    archive = _opened(settings, monotonic() + patience)
    if isinstance(archive, ArchiveLocked):
        with _server(settings.data, archive) as served:
            yield served
        return
    with archive:
        yield Own(archive, settings)
        wipe(archive)  # after all that was deleted, now or before a kill


def _opened(settings: Settings, end: float) -> Archive | ArchiveLocked:
    """The archive, or why it cannot be opened: a server has it, or still another process."""
    told = False
    while True:
        try:
            return open_archive(settings)
        except ArchiveLocked as error:
            if holder(settings.data).get("url") or monotonic() >= end:
                return error
            if not told:
                print(f"Waiting. {error}", file=sys.stderr, flush=True)
            told = True
            sleep(LOOK)


def rebuild(
    settings: Settings, anew: bool = False, tell: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Make the index of all articles anew by the embedder of the settings; how many these are.

    By the embedder that made it, in its place, so that the archive must not be in use. By another
    one, beside it, so that it may be: it changes over at the end. tell: how many of how many.
    anew: embed again even what the same embedder has embedded.
    """
    maker = made_by(settings.data)
    embedder = build_embedder(settings, maker)
    if maker is None or maker.made(embedder):
        with open_archive(settings, any_embedder=True) as archive:
            return archive.reindex(anew=anew)
    build(settings.data, embedder, tell)
    try:
        archive = open_archive(settings, any_embedder=True)
    except ArchiveLocked as error:
        with _server(settings.data, error) as served:
            return served.take_over()
    with archive:
        return take_over(archive, embedder)


@contextmanager
def _server(folder: Path, error: ArchiveLocked) -> Iterator["Served"]:
    """The server that holds the archive. Raises the error if what holds it is none."""
    url = holder(folder).get("url")
    if not url:
        raise error
    with httpx.Client(base_url=str(url), timeout=PATIENCE, trust_env=False) as client:
        yield Served(client)


class Own:
    """The archive in this process."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self._archive = archive
        self._settings = settings
        self.add = archive.add
        self.add_all = archive.add_all
        self.note = archive.note
        self.visit = archive.visit
        self.holds = archive.holds

    def ask(self, question: Question) -> Shape:
        async def answered() -> Shape:
            dateline = assemble(self._settings, self._archive)
            try:
                return shapes.answer_shape(await dateline.pipeline.ask(question))
            finally:
                await dateline.pipeline.answerer.close()

        return asyncio.run(answered())

    def search(self, question: Question, k: int) -> list[Shape]:
        pipeline = assemble(self._settings, self._archive).pipeline
        return [shapes.hit_shape(hit) for hit in asyncio.run(pipeline.retrieve(question, k))]

    def explain(self, question: Question, k: int, reference: str | None) -> Shape:
        pipeline = assemble(self._settings, self._archive).pipeline
        return asyncio.run(explained(pipeline, question, k, reference))

    def find(self, excerpt: str) -> Shape | None:
        place = finding.find(self._archive, excerpt)
        return shapes.place_shape(place) if place else None

    def articles(self) -> Iterator[Shape]:
        total, _ = self._archive.database.counts()
        for at in range(0, total, PAGE):
            for article in self._archive.database.articles(PAGE, at):
                yield shapes.article_shape(article)

    def article(self, reference: str, version: str | None = None) -> Shape:
        return shapes.whole_shape(read(self._archive, reference, version))

    def notes(self) -> list[str]:
        return tongues.notes(self._archive)

    def delete(self, reference: str) -> None:
        self._archive.delete(reference)


class Served:
    """The archive behind a running server."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        records = [shapes.record(article) for article in articles]
        reply = self._send("POST", "/v1/articles", {"articles": records})
        return [result["outcome"] for result in reply["results"]]

    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            yield self.add(batch) if batch else []

    def note(self, visit: Visit) -> None:
        """Only the server's own rounds are remembered."""

    def visit(self, address: str) -> Visit | None:
        """Nothing is known here, so pages are fetched in full."""
        return None

    def holds(self, key: str) -> bool:
        try:
            return bool(self.article(key)["key"] == key)
        except NotFound:
            return False

    def ask(self, question: Question) -> Shape:
        return self._send("POST", "/v1/ask", shapes.question_shape(question))

    def search(self, question: Question, k: int) -> list[Shape]:
        body = {**shapes.question_shape(question), "k": k}
        passages: list[Shape] = self._send("POST", "/v1/search", body)["passages"]
        return passages

    def explain(self, question: Question, k: int, reference: str | None) -> Shape:
        asked = {**shapes.question_shape(question), "k": k, "explain": True, "article": reference}
        return self._send("POST", "/v1/search", asked)

    def find(self, excerpt: str) -> Shape | None:
        place: Shape | None = self._send("POST", "/v1/find", {"excerpt": excerpt})["place"]
        return place

    def articles(self) -> Iterator[Shape]:
        offset = 0
        while page := self._send("GET", f"/v1/articles?limit={PAGE}&offset={offset}")["articles"]:
            yield from page
            offset += len(page)

    def article(self, reference: str, version: str | None = None) -> Shape:
        wanted = f"?{urlencode({'version': version})}" if version else ""
        return self._send("GET", f"/v1/articles/{quote(reference, safe='')}{wanted}")

    def notes(self) -> list[str]:
        notes: list[str] = self._send("GET", "/v1/articles?limit=1")["notes"]
        return notes

    def take_over(self) -> int:
        """Let the server change over to the index that was built beside its own."""
        return int(self._send("POST", "/v1/index/switch")["articles"])

    def delete(self, reference: str) -> None:
        self._send("DELETE", f"/v1/articles/{quote(reference, safe='')}")

    def _send(self, method: str, path: str, body: Shape | None = None) -> Shape:
        try:
            reply = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise DatelineError(
                f"The server at {self._client.base_url} holds the archive but does not answer "
                f"({type(error).__name__}): stop it, or try again."
            ) from error
        shape: Shape = reply.json()
        if reply.is_success:
            return shape
        kinds: dict[int, type[DatelineError]] = {400: UsageError, 404: NotFound}
        raise kinds.get(reply.status_code, DatelineError)(shape["error"]["message"])
