"""Copies of a story: found whatever was edited, one slot for all, and no work done twice."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.copies_bench import pairwise, samples
from index import copies, retrieval
from index.archive import Archive
from index.database import Database
from index.schema import Article, Filter, Hit
from service.answering import Checked, Span, Step, Verdict
from service.api import create_api
from service.openai_reply import Reply
from service.pipeline import Pipeline
from service.printing import answer_text, article_text, passages_text
from service.reading import read
from service.render import render_answer
from service.schema import Question
from service.shapes import answer_shape, whole_shape
from service.syndication import also_in
from tests.embedders import HashingEmbedder
from tests.fakes import dateline

WORDS = """harbour tunnel ferry council vote budget engineer storm winter bridge toll tax union
strike nurse hospital court judge appeal school teacher museum train night rail copper mine
owner letter report leak audit loan bank creditor rent house tower park river flood barrier
mayor""".split()


def prose(seed: int, words: int = 120) -> str:
    random = Random(seed)
    return " ".join(random.choice(WORDS) for _ in range(words))


def article(n: int, text: str, **known: object) -> Article:
    first = Article(f"k{n}", f"{n}.txt", text, f"Headline {n}", outlet=f"Outlet {n}", language="en")
    return replace(first, **known)  # type: ignore[arg-type]


STORY, OTHER = prose(1), prose(2)
# A chain: the ends are no copies of each other, but both are of what lies between.
CHAIN = [prose(3, 150)[at : at + 600] for at in (0, 150, 300)]
TEXTS = [STORY, f"By Kim Berg\n\n{STORY[:600]}", STORY[200:], OTHER, *CHAIN, prose(4)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data", HashingEmbedder()) as opened:
        yield opened


def memory() -> Database:
    return Database(Path(":memory:"))


def stored(articles: Sequence[Article], database: Database | None = None) -> Database:
    database = database or memory()
    for each in articles:
        database.put(each, [], [], [])
    return database


def grouped(database: Database) -> dict[str, str]:
    """The key of each article with that of its group."""
    articles = {each.id: each.key for each in database.articles(1000)}
    found = database.copies(list(articles))
    assert found.keys() == articles.keys()
    return {articles[i]: articles[group] for i, (group, _) in found.items()}


def test_edited_copies_are_found_and_those_that_follow_are_not() -> None:
    given = samples(5, 15, 75)
    database = stored([sample.article for sample in given])
    found = database.copies([sample.article.id for sample in given])
    worth = pairwise(given, {i: group for i, (group, _) in found.items()})
    assert worth["f1"] >= 0.95, worth
    assert worth["precision"] == 1.0, worth


def test_the_measure_counts_pairs() -> None:
    given = [replace(s, story=n) for s, n in zip(samples(1, 1, 0), (0, 0, 0, 1, 1), strict=True)]
    ids = [sample.article.id for sample in given]
    found = pairwise(given, dict(zip(ids, "aabbb", strict=True)))
    assert found == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


versions = st.tuples(st.integers(0, 5), st.sampled_from(range(len(TEXTS))))
steps = st.lists(st.one_of(versions, st.integers(0, 5)), max_size=14)


@settings(deadline=None, max_examples=40)
@given(steps, st.randoms(use_true_random=False))
def test_groups_depend_on_what_is_there_and_not_on_how_it_came(
    steps: list[tuple[int, int] | int], random: Random
) -> None:
    database, there = memory(), dict[int, Article]()
    for step in steps:
        if isinstance(step, int):
            if gone := there.pop(step, None):
                database.delete(gone)
        else:
            there[step[0]] = article(step[0], TEXTS[step[1]])
            stored([there[step[0]]], database)
    anew = random.sample(list(there.values()), len(there))
    assert grouped(database) == grouped(stored(anew))


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 200), st.integers(1, 200))
def test_likeness_has_no_direction(one: int, other: int, n: int, m: int) -> None:
    a, b = (copies.sketch(article(i, prose(i % 3, k))) for i, k in ((one, n), (other, m)))
    assert copies.alike(a, b) == copies.alike(b, a)
    assert copies.alike(a, a) == (a.shingles.size > 0)


def test_a_chain_falls_apart_without_its_middle() -> None:
    database = stored([article(n, text) for n, text in enumerate(CHAIN)])
    assert len(set(grouped(database).values())) == 1
    database.delete(article(1, ""))
    assert grouped(database) == {"k0": "k0", "k2": "k2"}


def test_a_changed_text_or_outlet_changes_the_group() -> None:
    database = stored([article(0, STORY), article(1, STORY)])
    assert len(set(grouped(database).values())) == 1
    stored([article(1, OTHER)], database)
    assert grouped(database) == {"k0": "k0", "k1": "k1"}
    stored([article(1, STORY[:500])], database)
    assert len(set(grouped(database).values())) == 1
    stored([article(1, STORY[:500], outlet="OUTLET 0")], database)
    assert grouped(database) == {"k0": "k0", "k1": "k1"}


@pytest.mark.parametrize("text", ["", "Photos from the scene."])
def test_texts_of_a_few_words_are_no_copies(text: str) -> None:
    assert len(set(grouped(stored([article(0, text), article(1, text)])).values())) == 2


@pytest.mark.parametrize(("changed", "groups"), [("", 1), (" At last.", 2)])
def test_of_a_brief_only_the_very_same_is_a_copy(changed: str, groups: int) -> None:
    brief = prose(7, 25)
    found = grouped(stored([article(0, brief), article(1, f"{brief.upper()}\n{changed}")]))
    assert len(set(found.values())) == groups


def test_one_outlet_prints_a_story_once_but_fills_in_forms() -> None:
    form = [article(n, STORY[:500] + prose(n, 25), outlet="The Agency") for n in (5, 6)]
    assert len(set(grouped(stored(form)).values())) == 2
    elsewhere = [form[0], replace(form[1], outlet="The Post")]
    assert len(set(grouped(stored(elsewhere)).values())) == 1
    unknown = [replace(each, outlet=None) for each in form]
    assert len(set(grouped(stored(unknown)).values())) == 1
    twice = [article(n, STORY, outlet="The Post") for n in (5, 6)]
    assert len(set(grouped(stored(twice)).values())) == 1


def test_words_without_spaces_between_them_are_compared_too() -> None:
    random = Random(1)
    text = "".join(chr(0x4E00 + random.randrange(900)) for _ in range(200))
    assert len(set(grouped(stored([article(0, text), article(1, text[:150])])).values())) == 1


def test_very_long_copies_are_found_by_a_part_of_them() -> None:
    random = Random(1)
    text = " ".join(str(random.randrange(10**6)) for _ in range(20_000))
    one, other = article(0, text), article(1, text[:90_000])
    assert copies.sketch(one).shingles.size == copies.MOST
    assert len(set(grouped(stored([one, other])).values())) == 1


def wire(archive: Archive) -> list[Article]:
    """A story in four outlets, on four days, and two other articles."""
    told = [
        article(n, f"{STORY}. The harbour tunnel opens. {OTHER[: 100 - 10 * n]}") for n in range(4)
    ]
    dated = [replace(each, published=date(2024, 1, 1 + n)) for n, each in enumerate(told)]
    given = [*dated, article(8, prose(8) + " harbour"), article(9, prose(9) + " tunnel")]
    archive.add(given)
    return given


def found(archive: Archive, allowed: Filter, k: int = 10) -> list[tuple[str, list[str]]]:
    hits = retrieval.search(archive, "When does the harbour tunnel open?", allowed, k)
    names = {hit.article.name: [copy.name for copy in hit.also] for hit in hits}
    return list(names.items())


def test_a_group_has_one_slot(archive: Archive) -> None:
    wire(archive)
    (first, also), *others = found(archive, Filter())
    assert sorted([first, *also]) == ["0.txt", "1.txt", "2.txt", "3.txt"]
    assert sorted(others) == [("8.txt", []), ("9.txt", [])]
    assert also == sorted(also), "earliest first"


@pytest.mark.parametrize("n", range(4))
def test_every_copy_is_found_where_a_filter_admits_it_alone(archive: Archive, n: int) -> None:
    wire(archive)
    assert found(archive, Filter(outlets=(f"outlet {n}",))) == [(f"{n}.txt", [])]
    day = date(2024, 1, 1 + n)
    assert (f"{n}.txt", []) in found(archive, Filter(day, day))


def test_what_a_filter_keeps_out_is_not_listed_either(archive: Archive) -> None:
    wire(archive)
    ((first, also),) = found(archive, Filter(outlets=("outlet 1", "outlet 2")))
    assert {first, *also} == {"1.txt", "2.txt"}


def test_many_copies_leave_the_other_slots_to_others(archive: Archive) -> None:
    text = f"{prose(1, 60)}. When does the harbour tunnel open?"
    archive.add([article(n, text) for n in range(retrieval.CANDIDATES + 20)])
    archive.add([article(n, prose(n, 60)) for n in range(1000, 1010)])
    (_, also), *others = found(archive, Filter())
    assert len(also) == retrieval.CANDIDATES + 19
    assert len(others) == 9


def test_an_archive_made_before_gets_its_groups(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        wire(archive)
        before = grouped(archive.database)
    with sqlite3.connect(tmp_path / "archive.sqlite") as connection:
        for table in ("sketches", "bands", "embedded"):
            connection.execute(f"drop table {table}")
        connection.execute("delete from meta where key = 'copies'")
    connection.close()
    database = Database(tmp_path / "archive.sqlite")
    assert database.copies([article(0, "").id]) == {}
    database.close()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert grouped(archive.database) == before
        assert len(set(before.values())) == 3


def test_grouping_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        wire(archive)
        before = grouped(archive.database)
        archive.database.forget_groups()
        assert archive.database.group(3) == 3
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert grouped(archive.database) == before


def test_groups_of_another_version_are_made_anew(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        wire(archive)
        before = grouped(archive.database)
        archive.database.set_meta("copies", "0")
    with sqlite3.connect(tmp_path / "archive.sqlite") as connection:
        connection.execute("update sketches set group_id = article_id")
    connection.close()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert grouped(archive.database) == before


def embeddings(archive: Archive) -> int:
    assert isinstance(archive.embedder, HashingEmbedder)
    return archive.embedder.embedded


def test_the_same_passage_under_the_same_header_is_embedded_once(archive: Archive) -> None:
    one = article(1, STORY)
    same = replace(one, key="elsewhere", url="https://example.org/elsewhere")
    archive.add([one, same])
    once = embeddings(archive)
    archive.add([replace(one, key="a third", author="Kim Berg")])
    assert embeddings(archive) == once == archive.database.counts()[1] // 3
    assert len(archive.copies(one)) == 2
    archive.delete(one.id)
    archive.add([one])
    assert embeddings(archive) == once, "another one still has it"
    archive.add([replace(one, key="a fourth", outlet="The Post")])
    assert embeddings(archive) == 2 * once, "a header is part of what is embedded"


def test_reindex_embeds_everything_anew_only_if_told(archive: Archive) -> None:
    archive.add([article(1, STORY), article(2, OTHER)])
    before = embeddings(archive)
    archive.reindex()
    assert embeddings(archive) == before  # nothing is new to this embedder
    archive.reindex(anew=True)
    assert embeddings(archive) == 2 * before


class First:
    """Answers with the whole of the first passage."""

    name = "first"

    def warm_up(self, question: str) -> None:
        """Nothing is loaded."""

    async def close(self) -> None:
        """Nothing is held."""

    async def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """One sentence."""
        passage = hits[0].passage
        yield Checked("It opens.", (Span(hits[0].article, passage.start, passage.end),))
        yield Verdict("answered", self.name, 1.0)


def test_an_answer_names_the_copies_of_what_it_cites(archive: Archive) -> None:
    wire(archive)
    pipeline = Pipeline(archive, First())
    answer = asyncio.run(pipeline.ask(Question("When does the harbour tunnel open?")))
    assert len(answer.citations) == 1
    assert len(answer.citations[0].also) == 3
    shape = answer_shape(answer)
    cited = shape["citations"][0]
    names = {cited["article"], *(c["article"] for c in cited["also"])}
    assert names == {"0.txt", "1.txt", "2.txt", "3.txt"}
    assert [len(passage["also"]) for passage in shape["passages"]].count(3) >= 1
    assert "Also in 3 outlets" in render_answer("?", answer)
    assert "Also in 3 outlets: Outlet" in answer_text(shape)
    assert "Also in 3 outlets: Outlet" in passages_text(shape["passages"])
    refusal = {**shape, "status": "not_in_articles"}
    assert "Also in 3 outlets: Outlet" in answer_text(refusal)
    reply = Reply("http://localhost").whole(answer)
    assert "also in 3 outlets" in reply["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("outlets", "said"),
    [
        (["A"], "Also in 1 outlet"),
        (["A", "B"], "Also in 2 outlets"),
        (["A", "a"], "Also in 2 other articles"),
        (["A", None], "Also in 2 other articles"),
        ([None], "Also in 1 other article"),
    ],
)
def test_outlets_are_counted_only_where_all_are_known(outlets: list[str | None], said: str) -> None:
    assert also_in(outlets) == said


def test_the_doors_list_the_copies(archive: Archive) -> None:
    first, second, *_ = wire(archive)
    with TestClient(create_api(dateline(archive)), base_url="http://localhost") as client:
        told = client.get(f"/v1/articles/{first.id}").json()
        page = client.get(f"/articles/{first.id}").text
        alone = client.get("/v1/articles/8.txt").json()
    assert [each["article"] for each in told["also"]] == ["1.txt", "2.txt", "3.txt"]
    assert told["also"][0] == {
        "article_id": second.id,
        "article": "1.txt",
        "title": "Headline 1",
        "outlet": "Outlet 1",
        "published": "2024-01-02",
        "link": f"/articles/{second.id}",
    }
    assert alone["also"] == []
    assert "Also in 3 outlets" in page and f'href="/articles/{second.id}"' in page
    assert told == json.loads(json.dumps(whole_shape(read(archive, first.id))))
    assert "Also in 3 outlets: Outlet 1 (2024-01-02), Outlet 2" in article_text(told)
