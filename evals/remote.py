"""A running Dateline server, asked over HTTP as if it were the pipeline.

What comes back is put together to the same Answer as here, so that the same checks are made of it:
the whole text of a cited article is fetched (once) to hold the citation against.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from hashlib import blake2b
from time import perf_counter
from typing import Any
from urllib.parse import quote

import httpx

from evals.run import Stop
from index import dating
from index.errors import DatelineError, UsageError
from index.schema import Article, Hit, Passage
from service.schema import Account, Answer, Citation, Lack, Question, Reason, Sentence
from service.shapes import question_shape

PAGE = 500  # articles listed at once
PATIENCE = httpx.Timeout(600, connect=5)  # seconds
PAUSES = (1.0, 2.0, 5.0, 10.0, 10.0)  # seconds before the server is asked again
IN_A_ROW = 5  # failed questions after which it is the server that has failed

Shape = Mapping[str, Any]


@asynccontextmanager
async def remote(url: str, pauses: Sequence[float] = PAUSES) -> "AsyncIterator[Remote]":
    """The server at an address, once it has told what articles it has."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"'{url}' is no address of a server: give one such as http://host:7860.")
    try:
        client = httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False)
    except httpx.InvalidURL as error:
        raise UsageError(f"'{url}' is no address of a server ({error}).") from None
    async with client:
        server = Remote(client, pauses)
        await server.open()
        yield server


class Remote:
    """Asks a server. Raises Stop when it is away, DatelineError when it fails one question."""

    def __init__(self, client: httpx.AsyncClient, pauses: Sequence[float] = PAUSES) -> None:
        self.articles: dict[str, Article] = {}  # by id; without text until it is needed
        self.digest = ""  # changes with any article
        self._client = client
        self._pauses = pauses
        self._failed = 0  # questions in a row

    @property
    def url(self) -> str:
        """Where it is, without a name and password that may stand in the address."""
        bare = self._client.base_url.copy_with(username=None, password=None)
        return str(bare).rstrip("/")

    async def open(self) -> None:
        """Read what articles there are."""
        states: list[str] = []
        async with self._counted():
            while page := (await self._send("GET", _listing(len(states))))["articles"]:
                states += [f"{shape['article_id']} {shape['fetched']}" for shape in page]
                self.articles |= {shape["article_id"]: _article(shape) for shape in page}
        self.digest = blake2b("\n".join(sorted(states)).encode(), digest_size=8).hexdigest()

    async def ask(self, question: Question) -> Answer:
        """The server's answer."""
        async with self._counted():
            shape = await self._send("POST", "/v1/ask", question_shape(question))
            citations = [await self._citation(each) for each in shape["citations"]]
            hits = [await self._hit(each) for each in shape["passages"]]
            return _answer(shape, citations, hits)

    async def search(self, question: Question, k: int) -> Answer:
        """The first `k` passages and no answer; the seconds have the way there and back in them."""
        async with self._counted():
            started = perf_counter()
            shape = await self._send("POST", "/v1/search", {**question_shape(question), "k": k})
            seconds = {"retrieve": perf_counter() - started, "answer": 0.0}
            hits = [await self._hit(each) for each in shape["passages"]]
            return Answer("not_in_articles", (), (), tuple(hits), "none", seconds=seconds)

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        try:
            yield
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Stop(
                f"{self.url} does not answer as this version of Dateline does ({error!r})."
            ) from error
        except (UsageError, Stop):  # the question is at fault, or it is told already
            raise
        except DatelineError as error:
            self._failed += 1
            if self._failed >= IN_A_ROW:
                raise Stop(
                    f"{self._failed} questions failed in a row, at last so: {error}"
                ) from None
            raise
        self._failed = 0

    async def _citation(self, shape: Shape) -> Citation:
        article = await self._get(shape["article_id"], whole=True)
        return Citation(shape["number"], article, shape["quote"], shape["start"], shape["end"])

    async def _hit(self, shape: Shape) -> Hit:
        article = await self._get(shape["article_id"])
        start, end = shape["start"], shape["end"]
        passage = Passage(f"{article.id}-{start}", article.id, start, end, shape["text"])
        return Hit(passage, article, shape["score"], shape["parts"])

    async def _get(self, id: str, whole: bool = False) -> Article:
        known = self.articles.get(id)
        if known is None or (whole and not known.text):
            known = _article(await self._send("GET", f"/v1/articles/{quote(id, safe='')}"))
            self.articles[id] = known
        return known

    async def _send(self, method: str, path: str, body: Shape | None = None) -> Any:
        """The reply; a server that is away or too busy is asked again for a while."""
        said = ""
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                reply = await self._client.request(method, path, json=body)
            except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
                raise DatelineError(f"{self.url} took too long ({type(error).__name__}).") from None
            except httpx.HTTPError as error:
                said = str(error) or type(error).__name__
                continue
            if reply.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return self._read(reply)
            said = _message(reply)
        raise Stop(f"The server at {self.url} is away ({said.rstrip('.')}): see that it runs.")

    def _read(self, reply: httpx.Response) -> Any:
        if reply.is_success:
            try:
                return reply.json()
            except ValueError:
                raise Stop(f"{self.url} is no Dateline server: it does not speak JSON.") from None
        kind = DatelineError if reply.is_server_error else UsageError
        raise kind(f"{self.url} answered {reply.status_code}: {_message(reply)}")


def _listing(offset: int) -> str:
    return f"/v1/articles?limit={PAGE}&offset={offset}"


def _message(reply: httpx.Response) -> str:
    """What the server says of an error, whoever it is."""
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return reply.reason_phrase or f"status {reply.status_code}"


def _article(shape: Shape) -> Article:
    return Article(
        key=shape["key"],
        name=shape["article"],
        text=shape.get("text", ""),
        title=shape["title"],
        published=_day(shape["published"]),
        outlet=shape["outlet"],
        url=shape["url"],
        language=shape["language"],
    )


def _answer(shape: Shape, citations: Sequence[Citation], hits: Sequence[Hit]) -> Answer:
    return Answer(
        status=shape["status"],
        sentences=tuple(_sentence(each) for each in shape["sentences"]),
        citations=tuple(citations),
        hits=tuple(hits),
        answerer=shape["answerer"],
        notes=tuple(shape["notes"]),
        dropped=tuple(shape["dropped"]),
        reason=_reason(shape["reason"]),
        lacks=tuple(Lack(**each) for each in shape["missing"]),
        accounts=tuple(_account(each, citations) for each in shape["accounts"]),
        confidence=shape["confidence"],
        seconds=shape["seconds"],
        tokens=shape["tokens"],
    )


def _sentence(shape: Shape) -> Sentence:
    text, bare = shape["text"], shape["direct"]
    direct = (text.index(bare), text.index(bare) + len(bare)) if bare else None
    return Sentence(text, tuple(shape["citations"]), direct)


def _reason(shape: Shape | None) -> Reason | None:
    if shape is None:
        return None
    return Reason(shape["kind"], shape["text"], tuple(_article(each) for each in shape["articles"]))


def _account(shape: Shape, citations: Sequence[Citation]) -> Account:
    citation = next(c for c in citations if c.number == shape["citation"])
    return Account(citation, (shape["start"], shape["end"]), shape["relation"])


def _day(written: str | None) -> date | None:
    return dating.first(written) if written else None
