"""Why a search found what it found: every stage at which an article can fall out is told."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index import retrieval
from index.archive import Archive
from index.explaining import fate, reasons
from index.ranking import NAMES
from index.schema import Article, Filter
from service.api import create_api
from service.explained import explained, explanation_text
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Question
from tests.embedders import HashingEmbedder
from tests.fakes import dateline
from tests.rerankers import ShortestFirst

FIRST = date(2020, 1, 1)
QUESTION = "council budget vote, meeting 7"
STORY = (
    "A fire destroyed the old harbour warehouse in the night, and forty people were led to safety "
    "by the crew of a ferry that lay at the quay. Nobody was hurt, the police said on Sunday. "
)


def corpus() -> Iterator[Article]:
    for n in range(30):
        text = f"The council voted on the budget, meeting {n}. " + "It went on. " * (30 - n)
        day, outlet = FIRST + timedelta(n), ["Kuriren", "The Post"][n % 2]
        yield Article(f"k{n}", f"{n}", text, published=day, outlet=outlet, language="en")
    first = Article("a", "first", STORY * 3, "Fire", FIRST, outlet="Kuriren", language="en")
    yield first
    yield replace(first, key="b", name="second", outlet="The Post", published=FIRST + timedelta(1))
    for n in range(400):  # more than a search gives
        yield Article(f"z{n}", f"z{n}", f"council budget vote meeting 7 and {n}", language="en")
    yield Article("w", "weather", "Zzz yyy xxx.", language="en")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder(dimension=512)) as opened:
        opened.add(list(corpus()))
        yield opened


def test_the_trace_is_the_search_itself(archive: Archive) -> None:
    for allowed in (Filter(), Filter(outlets=("The Post",)), Filter(until=FIRST)):
        trace = retrieval.trace(archive, QUESTION, allowed, 7)
        assert list(trace.hits) == retrieval.search(archive, QUESTION, allowed, 7)


def test_reasons_add_up(archive: Archive) -> None:
    trace = retrieval.trace(archive, QUESTION, Filter(), 10)
    for place, hit in enumerate(trace.hits, 1):
        why = reasons(trace, hit)
        assert why.score == pytest.approx(hit.score)
        assert why.rank >= place == why.without_copies
        assert why.places and {weight.feature for weight in why.features} <= set(NAMES)
        sizes = [abs(weight.adds) for weight in why.features]
        assert sizes == sorted(sizes, reverse=True)
        for found in why.places:
            if found.by == "words":
                assert found.score == hit.parts["lexical"]
            if found.by == "meaning":
                assert found.score == pytest.approx(hit.parts["dense"], abs=1e-4)


def stage(archive: Archive, name: str, allowed: Filter, question: str, **options: object) -> str:
    reranker = options.get("reranker")
    assert reranker is None or isinstance(reranker, ShortestFirst)
    trace = retrieval.trace(archive, question, allowed, 5, reranker=reranker)
    found = fate(archive, trace, archive.get(name))
    assert found.detail.endswith(".")
    used = any(hit.article.id == found.article.id for hit in trace.hits)
    assert (found.stage == "used") == used
    assert bool(found.behind) <= (not used)
    return f"{found.stage}: {found.detail}"


def test_each_stage_at_which_an_article_falls_out(archive: Archive) -> None:
    late = Filter(since=FIRST + timedelta(20), until=FIRST + timedelta(25))
    post = Filter(outlets=("The Post",))
    fire = "Which fire destroyed the old harbour warehouse?"
    told = stage(archive, "7", late, QUESTION)
    assert told.startswith("filter: It was published on 2020-01-08; only 2020-01-21 to 2020-01-26")
    assert stage(archive, "6", post, QUESTION) == (
        "filter: Its outlet is Kuriren; only The Post was asked for."
    )
    assert stage(archive, "z1", post, QUESTION).startswith("filter: Its outlet is not known")
    told = stage(archive, "weather", Filter(), QUESTION)
    assert told.startswith("search: Of its passages (1) none is among the first 100 by words")
    assert "cosine" in told
    copy = min(("first", "second"), key=lambda name: stage(archive, name, Filter(), fire))
    assert stage(archive, copy, Filter(), fire).startswith("copy: It is a copy of 'Fire' (")
    assert stage(archive, "1", post, QUESTION).startswith("rank: Its best passage has place")


def test_a_reranker_is_told_of(archive: Archive) -> None:
    plain = retrieval.trace(archive, QUESTION, post := Filter(outlets=("The Post",)), 5)
    first = plain.hits[0].article.name
    moved = stage(archive, first, post, QUESTION, reranker=ShortestFirst())
    assert moved.startswith("reranker: The reranker 'shortest' moved its best passage from place 1")
    left = stage(archive, first, post, QUESTION, reranker=ShortestFirst(most=2))
    assert left.startswith("reranker: The reranker 'shortest' left it out; before it was 1.")


def test_a_reranker_brings_no_copies_back(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder(dimension=512)) as archive:
        others = [f"The council budget vote, number {n}. " + "It went on. " * 60 for n in range(20)]
        archive.add([Article(f"o{n}", f"o{n}", text) for n, text in enumerate(others)])
        story = f"{STORY} A vote of the council is due."
        archive.add([Article(key, key, story, language="en") for key in ("a", "b")])
        plain = retrieval.trace(archive, "council budget vote", Filter(), 2)
        copies = {archive.get(key).id for key in ("a", "b")}
        assert not copies & {candidate.article.id for candidate in plain.ranked[: 3 * 2]}
        hits = retrieval.search(archive, "council budget vote", Filter(), 2, None, ShortestFirst())
        keys = [hit.article.key for hit in hits]
        assert keys[0] in "ab" and not {"a", "b"} <= {*keys}


def test_an_empty_archive_has_nothing_to_explain(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as empty:
        empty.add([Article("k", "blank", " ")])
        trace = retrieval.trace(empty, QUESTION, Filter(), 5)
        assert fate(empty, trace, empty.get("blank")).detail.startswith("It has no passages")


def piped(archive: Archive) -> Pipeline:
    return Pipeline(archive, QuotesAnswerer(archive), reranker=ShortestFirst(3))


def test_people_read_the_same_as_machines(archive: Archive) -> None:
    asked = Question(QUESTION, outlets=("The Post",))
    shape = asyncio.run(explained(piped(archive), asked, 4, "1"))
    assert json.loads(json.dumps(shape)) == shape
    assert [p["why"]["rank_without_copies"] for p in shape["passages"][:3]] != [1, 2, 3]
    text = explanation_text(shape)
    for passage in shape["passages"]:
        assert passage["text"] in text
        for place in passage["why"]["found_by"]:
            assert f"place {place['rank']}, {place['score']:.2f}" in text
    assert shape["article"]["detail"] in text and "fell out at: " in text
    assert "clause" in text and "reranked with" not in text  # this one gives no parts


def test_over_http_a_field_asks_for_it(archive: Archive) -> None:
    line = replace(dateline(archive), pipeline=piped(archive))
    client = TestClient(create_api(line), "http://localhost")
    body = {"question": QUESTION, "k": 3}
    plain = client.post("/v1/search", json=body).json()
    assert set(plain) == {"passages", "understood"}
    why = client.post("/v1/search", json={**body, "explain": True}).json()
    bare = [{n: v for n, v in p.items() if n != "why"} for p in why["passages"]]
    assert bare == plain["passages"] and "article" not in why
    assert why["understood"] == plain["understood"]
    one = client.post("/v1/search", json={**body, "article": "weather"}).json()
    assert one["article"]["stage"] == "search"
    none = client.post("/v1/search", json={**body, "article": "nothing"})
    assert none.status_code == 404 and "'nothing'" in none.json()["error"]["message"]


def test_what_was_understood_is_told_and_can_be_taken_back(archive: Archive) -> None:
    line = replace(dateline(archive), pipeline=piped(archive))
    client = TestClient(create_api(line), "http://localhost")
    body = {"question": "What did The Post say in January 2020?", "k": 3}
    told = client.post("/v1/search", json=body).json()["understood"]
    assert told["outlets"] == ["The Post"] and told["time"]["said"] == "in January 2020"
    for part, name in (("time", "time"), ("outlets", "outlets")):
        for explain in (False, True):
            asked = {**body, "without": [part], "explain": explain}
            assert not client.post("/v1/search", json=asked).json()["understood"][name]
