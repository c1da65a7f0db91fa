"""The archive as the command line reaches it: its own, or that of the server that holds it.

Both speak in the shapes of the HTTP API, so a command does not care which of them it has.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import quote

import httpx

import service.bodies as bodies
from index import finding
from index.archive import Archive, Outcome
from index.errors import ArchiveLocked, DatelineError, NotFound, UsageError
from index.lock import holder
from index.schema import Article, Visit
from service.app import assemble, open_archive
from service.schema import Question
from service.settings import Settings

Shape = dict[str, Any]
PAGE = 500  # articles asked of the server at once
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
    def find(self, excerpt: str) -> Shape | None: ...
    def articles(self) -> Iterator[Shape]: ...
    def article(self, reference: str) -> Shape: ...
    def delete(self, reference: str) -> None: ...


@contextmanager
def access(settings: Settings) -> Iterator[Access]:
    """The archive itself, or the running server if that holds it."""
    try:
        archive = open_archive(settings)
    except ArchiveLocked:
        url = holder(settings.data).get("url")
        if not url:
            raise
        with httpx.Client(base_url=str(url), timeout=PATIENCE, trust_env=False) as client:
            yield Served(client)
        return
    with archive:
        yield Own(archive, settings)


def rebuild(settings: Settings, anew: bool) -> int:
    """Split and embed all articles again; the archive must not be in use. Returns how many."""
    with open_archive(settings, any_embedder=True) as archive:
        return archive.reindex(anew=anew)


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
                return bodies.answer_shape(await dateline.pipeline.ask(question))
            finally:
                await dateline.pipeline.answerer.close()

        return asyncio.run(answered())

    def search(self, question: Question, k: int) -> list[Shape]:
        pipeline = assemble(self._settings, self._archive).pipeline
        return [bodies.hit_shape(hit) for hit in asyncio.run(pipeline.retrieve(question, k))]

    def find(self, excerpt: str) -> Shape | None:
        place = finding.find(self._archive, excerpt)
        return bodies.place_shape(place) if place else None

    def articles(self) -> Iterator[Shape]:
        total, _ = self._archive.database.counts()
        for at in range(0, total, PAGE):
            for article in self._archive.database.articles(PAGE, at):
                yield bodies.article_shape(article)

    def article(self, reference: str) -> Shape:
        article = self._archive.get(reference)
        return bodies.whole_shape(article, self._archive.copies(article))

    def delete(self, reference: str) -> None:
        self._archive.delete(reference)


class Served:
    """The archive behind a running server."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        records = [bodies.record(article) for article in articles]
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
        return self._send("POST", "/v1/ask", bodies.question_shape(question))

    def search(self, question: Question, k: int) -> list[Shape]:
        body = {**bodies.question_shape(question), "k": k}
        passages: list[Shape] = self._send("POST", "/v1/search", body)["passages"]
        return passages

    def find(self, excerpt: str) -> Shape | None:
        place: Shape | None = self._send("POST", "/v1/find", {"excerpt": excerpt})["place"]
        return place

    def articles(self) -> Iterator[Shape]:
        offset = 0
        while page := self._send("GET", f"/v1/articles?limit={PAGE}&offset={offset}")["articles"]:
            yield from page
            offset += len(page)

    def article(self, reference: str) -> Shape:
        return self._send("GET", f"/v1/articles/{quote(reference, safe='')}")

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
