"""The door for MCP clients, at /mcp. The home of the `mcp` library."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.routing import BaseRoute

from index.errors import DatelineError
from index.understanding import Part
from service.bodies import Text
from service.desk import Desk
from service.faults import Fault
from service.reading import read
from service.schema import Question
from service.shapes import Shape, answer_shape, found_shape, whole_shape

INSTRUCTIONS = (
    "A news archive. Every sentence of an answer stands on quoted passages of dated articles; "
    'the status "not_in_articles" means that the archive does not hold the answer.'
)
Since = Annotated[date | None, Field(description="first day of publication, YYYY-MM-DD")]
Until = Annotated[date | None, Field(description="last day of publication, YYYY-MM-DD")]
Outlets = Annotated[list[Text] | None, Field(description="only these outlets; all if absent")]
Without = Annotated[
    list[Part] | None,
    Field(
        description="what not to read into the question; the reply's `understood` tells what was"
    ),
]
Explain = Annotated[bool, Field(description="say why each passage was found")]
Reference = Annotated[Text, Field(description="its id, name or URL, as a citation gives them")]
Explained = Annotated[
    Text | None, Field(description="say how far this article came: its id, name or URL")
]
Version = Annotated[Text | None, Field(description="as a citation gives it; the newest if absent")]
Many = Annotated[int, Field(ge=1, le=100, description="how many passages")]


class McpDoor:
    """The tools `ask`, `search` and `get_article`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        server = MCPServer("dateline", instructions=INSTRUCTIONS, log_level="WARNING")
        for tool in (self.ask, self.search, self.get_article):
            server.add_tool(tool, annotations=ToolAnnotations(read_only_hint=True))
        # Each request by itself: no sessions to keep, or to lose. Hosts are the guard's to check.
        security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        app = server.streamable_http_app(stateless_http=True, transport_security=security)
        self.routes: list[BaseRoute] = list(app.routes)
        self._sessions = server.session_manager

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve while this is entered, which it can be once."""
        async with self._sessions.run():
            yield

    async def ask(
        self,
        question: Text,
        since: Since = None,
        until: Until = None,
        outlets: Outlets = None,
        without: Without = None,
    ) -> Shape:
        """Answer a question from the news archive, with quotes and links to the articles."""
        asked = _question(question, since, until, outlets, without)
        with _told():
            return answer_shape(await self._desk.ask(asked))

    async def search(
        self,
        question: Text,
        k: Many = 10,
        since: Since = None,
        until: Until = None,
        outlets: Outlets = None,
        without: Without = None,
        explain: Explain = False,
        article: Explained = None,
    ) -> Shape:
        """Find the passages of the news archive that fit a question best, best first."""
        asked = _question(question, since, until, outlets, without)
        with _told():
            if explain or article:
                return await self._desk.explain(asked, k, article)
            return found_shape(*await self._desk.search(asked, k))

    async def get_article(self, reference: Reference, version: Version = None) -> Shape:
        """Get an article of the news archive, with its text."""
        with _told():
            found = await asyncio.to_thread(read, self._desk.archive, reference, version)
        return whole_shape(found)


def _question(
    text: str,
    since: date | None,
    until: date | None,
    outlets: list[str] | None,
    without: list[Part] | None,
) -> Question:
    return Question(
        text,
        since=since,
        until=until,
        outlets=tuple(outlets or ()),
        without=tuple(without or ()),
    )


@contextmanager
def _told() -> Iterator[None]:
    """Let the model that calls read what was wrong; anything else is only logged."""
    try:
        yield
    except (DatelineError, Fault) as error:
        raise ToolError(str(error)) from error
