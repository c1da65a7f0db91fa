"""The door for MCP clients, asked by the real client over a real socket."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from mcp.types import CallToolResult, TextContent

from service.api import create_api
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.shapes import answer_shape
from tests.calling import UNUSED, mcp_client
from tests.fakes import ANSWER, BUDGET, LETTER, ScriptedPipeline, dateline, small_archive
from tests.serving import running

PIPELINE = ScriptedPipeline()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_archive(tmp_path_factory.mktemp("shared")) as archive:
        with running(create_api(dateline(archive, PIPELINE))) as url:
            yield f"{url}/mcp"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A door to a real search."""
    with small_archive(tmp_path_factory.mktemp("searched")) as archive:
        pipeline = Pipeline(archive, QuotesAnswerer(archive))
        with running(create_api(replace(dateline(archive), pipeline=pipeline))) as url:
            yield f"{url}/mcp"


def call(address: str, tool: str, mode: str = "auto", **given: Any) -> CallToolResult:
    """What a tool gives."""

    async def calling() -> CallToolResult:
        async with mcp_client(address, mode) as client:
            return await client.call_tool(tool, given)

    return asyncio.run(calling())


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_tools_say_what_they_do(address: str) -> None:
    async def listing() -> dict[str, Any]:
        async with mcp_client(address) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    tools = asyncio.run(listing())
    assert set(tools) == {"ask", "search", "get_article"}
    assert all(tool.description for tool in tools.values())
    assert tools["ask"].input_schema["required"] == ["question"]
    assert all(tool.annotations.read_only_hint for tool in tools.values())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_model_reads_the_answer_with_its_quotes(address: str, mode: str) -> None:
    result = call(address, "ask", mode, question="What happens to taxes?")
    shape = {**answer_shape(ANSWER), "id": result.structured_content["id"]}
    assert not result.is_error and result.structured_content == shape
    assert json.loads(text(result)) == shape


def test_windows_and_outlets_reach_the_question(address: str) -> None:
    given: dict[str, Any] = {
        "question": "taxes",
        "since": "2024-01-01",
        "outlets": ["The Ledger"],
        "k": 1,
    }
    found = call(address, "search", **given).structured_content
    assert found and [passage["article"] for passage in found["passages"]] == ["budget.md"]
    asked = PIPELINE.asked[-1]
    assert (str(asked.since), asked.until, asked.outlets) == ("2024-01-01", None, ("The Ledger",))


def test_what_was_understood_is_told_and_can_be_taken_back(address: str) -> None:
    for tool in ("ask", "search"):
        shape = call(address, tool, question="taxes", without=["time"]).structured_content
        assert shape and "understood" in shape
        assert PIPELINE.asked[-1].without == ("time",)
        assert "without" in text(call(address, tool, question="taxes", without=["words"]))


def test_a_search_can_be_explained(real: str) -> None:
    plain = call(real, "search", question="taxes", k=1).structured_content
    why = call(real, "search", question="taxes", k=1, explain=True).structured_content
    assert plain and why and why["understood"] == plain["understood"]
    (passage,) = why["passages"]
    assert passage["why"]["rank"] == 1 and "why" not in plain["passages"][0]
    one = call(real, "search", question="taxes", k=1, article=LETTER.id).structured_content
    assert one and one["article"]["article_id"] == LETTER.id and one["article"]["stage"]
    assert "No article goes by" in text(call(real, "search", question="taxes", article="nobody"))


def test_an_article_is_got_with_its_text(address: str) -> None:
    article = call(address, "get_article", reference=BUDGET.id).structured_content
    assert article and article["text"] == BUDGET.text


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        ("ask", {"question": " "}, "empty"),
        ("ask", {"question": "a" * 4001}, "at most 4,000"),
        ("ask", {"question": "taxes", "since": "soon"}, "since"),
        ("search", {"question": "taxes", "k": 0}, "k"),
        ("get_article", {"reference": "nobody"}, "No article goes by"),
    ],
)
def test_what_is_wrong_is_told_to_the_model(
    address: str, tool: str, given: dict[str, Any], told: str
) -> None:
    result = call(address, tool, **given)
    assert result.is_error and told in text(result)


def test_the_guard_stands_before_it(address: str) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        reply = httpx.post(address, json={}, headers=headers, verify=UNUSED)
        assert reply.status_code in (403, 421)
