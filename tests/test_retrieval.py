"""Retrieval: filters hold in every store, wishes only move things up."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from index import retrieval
from index.archive import Archive
from index.dating import first
from index.features import FEATURES
from index.narrowing import Narrowed
from index.schema import Article, Filter
from index.terms import Languages
from index.times import Window, window
from index.understanding import Part
from tests.embedders import HashingEmbedder

FIRST = date(2020, 1, 1)


def corpus() -> list[Article]:
    articles = [
        Article(
            f"k{n}",
            f"{n}",
            f"The council voted on the budget, meeting {n}.",
            published=FIRST + timedelta(n),
            outlet=["Kuriren", "The Post", None][n % 3],
            language="en",
        )
        for n in range(30)
    ]
    rough = [
        Article(
            written,
            written,
            f"The council voted on the budget in {written}.",
            published=first(written),
            published_from="meta",
            published_as=written,
        )
        for written in (f"{FIRST:%Y-%m}", f"{FIRST + timedelta(35):%Y-%m}", f"{FIRST:%Y}")
    ]
    undated = Article("u", "undated", "The council voted on the budget, some time.")
    return [*articles, *rough, undated]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add(corpus())
        yield opened


days = st.one_of(st.none(), st.integers(-5, 40).map(lambda n: FIRST + timedelta(n)))
outlets = st.lists(st.sampled_from(["kuriren", "THE POST", "Nobody"]), max_size=2).map(tuple)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, days, outlets)
def test_a_filter_admits_exactly_what_it_says(
    archive: Archive, since: date | None, until: date | None, names: tuple[str, ...]
) -> None:
    allowed = Filter(since, until, names)
    hits = retrieval.search(archive, "council budget vote", allowed, 100)
    wanted = {a.name for a in corpus() if allowed.admits(a.published, a.outlet, a.last)}
    assert {hit.article.name for hit in hits} == wanted
    assert "undated" in wanted or names


def test_hits_come_best_first_without_repeats_and_at_most_k(archive: Archive) -> None:
    hits = retrieval.search(archive, "budget meeting 7", Filter(), 5)
    assert len(hits) == len({hit.passage.id for hit in hits}) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].article.name == "7"
    assert hits == retrieval.search(archive, "budget meeting 7", Filter(), 5)


def test_a_wished_time_moves_up_and_never_empties(archive: Archive) -> None:
    window = Window(FIRST + timedelta(12), FIRST + timedelta(14))
    hits = retrieval.search(archive, "council budget", Filter(), 31, window)
    before = [hit.article.name for hit in retrieval.search(archive, "council budget", Filter(), 31)]
    after = [hit.article.name for hit in hits]
    assert all(after.index(name) < before.index(name) for name in ("12", "13", "14"))
    assert {*after[:6]} >= {"12", "14"}
    assert len(hits) == 31
    elsewhere = Window(date(1990, 1, 1), date(1990, 1, 2))
    assert retrieval.search(archive, "council budget", Filter(), 5, elsewhere)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, days, outlets, st.integers(4, 40))
def test_the_nearest_are_the_same_by_either_way(
    archive: Archive, since: date | None, until: date | None, names: tuple[str, ...], many: int
) -> None:
    allowed = Filter(since, until, names)
    vector = archive.embedder.embed(["council budget vote"])[0]
    exact, wide = (Narrowed(archive, allowed, n).nearest(vector, many) for n in (5000, -1))
    stored = archive.database.vectors([*exact, *wide])
    assert len(exact) == len(wide)
    for one, other in zip(exact, wide, strict=True):  # equally near ones may change places
        assert float(stored[one] @ vector) == pytest.approx(float(stored[other] @ vector), abs=1e-5)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, days, outlets, st.integers(1, 40))
def test_words_are_found_as_if_the_filter_were_asked_first(
    archive: Archive, since: date | None, until: date | None, names: tuple[str, ...], many: int
) -> None:
    assume(not (since and until and since > until))  # nobody can ask that
    allowed, read = Filter(since, until, names), Languages("en", ("en",))
    text = "budget meeting 7 in 2020"
    found = Narrowed(archive, allowed).words(text, read, many)
    wanted = archive.lexical.search(text, read.all, allowed, many)
    assert list(found.values()) == pytest.approx([score for _, score in wanted])
    admitted = {a.id for a in corpus() if allowed.admits(a.published, a.outlet, a.last)}
    assert {archive.database.load([i])[i][1].id for i in found} <= admitted
    assert archive.lexical.passing(allowed) == len(admitted)  # each has one passage


@pytest.mark.parametrize(
    "text",
    ["What of the budget in 2025?", "budget as of 1 March 1990", "since 2021, what budget?"],
)
def test_no_time_in_a_question_takes_an_article_away(archive: Archive, text: str) -> None:
    wished = window(text, date(2026, 1, 1))
    assert wished is not None
    found = {hit.article.name for hit in retrieval.search(archive, text, Filter(), 100, wished)}
    assert found == {article.name for article in corpus()}
    assert "undated" in found


def test_what_an_outlet_wrote_on_a_day_is_looked_for_among_just_that(archive: Archive) -> None:
    text = "what did the post report on the budget on January 5, 2020"

    def of_outlet(allowed: Filter, *without: Part) -> list[set[str]]:
        seen = retrieval.look(archive, text, allowed, without=without)
        loaded = archive.database.load([p.id for p, _ in seen.found])
        each = [search.found for search in seen.searches if search.by == "outlet"]
        return [{loaded[i][1].name for i in found} for found in each]

    wide, narrow = of_outlet(Filter())
    assert narrow == {"4"} < wide
    assert len(of_outlet(Filter(), "time")) == 1
    assert of_outlet(Filter(since=date(2020, 1, 9)))[1] == set()


def test_what_the_asker_does_not_want_moves_nothing(archive: Archive) -> None:
    text = "what did the post say of the budget of January 5, 2020"
    without = retrieval.search(archive, text, Filter(), 40, without=["time", "outlets"])
    assert {hit.parts["outlet"] for hit in without} == {0.0}
    seen = retrieval.look(archive, text, Filter(), without=["time"])
    assert not seen.features[:, FEATURES.index("date")].any()
    assert retrieval.look(archive, text, Filter()).features[:, FEATURES.index("date")].any()


def test_an_outlet_named_in_the_question_moves_up(archive: Archive) -> None:
    hits = retrieval.search(archive, "what did the post say of the budget", Filter(), 5)
    assert all(hit.article.outlet == "The Post" for hit in hits)


@pytest.mark.parametrize("text", ["?", "…", "zzz", "“” — 🙂", "a" * 4000])
def test_odd_questions_are_no_error(archive: Archive, text: str) -> None:
    assert len(retrieval.search(archive, text, Filter(), 3)) <= 3


def test_an_empty_archive_finds_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as empty:
        assert retrieval.search(empty, "anything", Filter(), 3) == []
