"""Articles that changed: the newest is searched, the earlier ones can still be read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import retrieval
from index.archive import Archive
from index.errors import NotFound
from index.schema import Article, Filter
from index.versions import successor
from service.reading import changed_after
from tests.embedders import HashingEmbedder

MAY = datetime(2024, 5, 3, 12, tzinfo=UTC)
STORY = Article(
    "key", "story.txt", "Taxes rise by 2 percent.\n\nThe mayor is glad.", "Taxes", fetched=MAY
)
LATER = replace(STORY, text="Taxes rise by 3 percent.\n\nThe mayor is glad.", fetched=None)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path, HashingEmbedder()) as opened:
        yield opened


def test_a_changed_text_is_a_new_version_and_the_old_one_stays(archive: Archive) -> None:
    archive.add([STORY])
    assert archive.add([LATER]) == ["changed"]
    assert archive.get("key").text == LATER.text
    old = archive.version("key", STORY.version)
    assert old == replace(STORY, fetched=MAY)
    assert [each.version for each in archive.history(STORY)] == [LATER.version, STORY.version]
    newest = archive.history(STORY)[0].fetched
    assert newest and newest > MAY


def test_only_the_newest_version_is_searched(archive: Archive) -> None:
    archive.add([STORY])
    passages = archive.database.counts()[1]
    archive.add([LATER])
    assert archive.database.counts() == (1, passages)
    assert archive.vectors.count() == archive.lexical.count() == passages
    hits = retrieval.search(archive, "how much do taxes rise", Filter(), 5)
    assert {hit.article.version for hit in hits} == {LATER.version}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"text": " Taxes rise by 2  percent.\nThe mayor is glad. \n"}, "unchanged"),
        ({"title": "Taxes\n"}, "unchanged"),
        ({"fetched": MAY + timedelta(days=1)}, "unchanged"),
        ({"published": date(2024, 5, 1)}, "changed"),
        ({"outlet": "The Post", "text": "Taxes rise by 2 percent. The mayor is glad."}, "changed"),
    ],
)
def test_what_changes_no_word_makes_no_version(
    archive: Archive, change: dict[str, object], outcome: str
) -> None:
    archive.add([STORY])
    changed = replace(STORY, **{"fetched": None, **change})  # type: ignore[arg-type]
    assert archive.add([changed]) == [outcome]
    (kept,) = archive.history(STORY)
    assert (kept.text, kept.title, kept.fetched) == (STORY.text, STORY.title, MAY)
    assert (kept.published, kept.outlet) == (changed.published, changed.outlet)


def test_a_changed_title_is_a_version(archive: Archive) -> None:
    archive.add([STORY, replace(STORY, title="Taxes rise")])
    assert [each.title for each in archive.history(STORY)] == ["Taxes rise", "Taxes"]


def test_the_same_batch_may_hold_an_article_in_several_versions(archive: Archive) -> None:
    archive.add([STORY, LATER, STORY])
    texts = [each.text for each in archive.history(STORY)]
    assert texts == [STORY.text, LATER.text, STORY.text]
    archive.add([LATER, STORY])
    assert archive.get("key").text == STORY.text


def test_a_version_that_never_was_is_not_found(archive: Archive) -> None:
    archive.add([STORY])
    with pytest.raises(NotFound, match="no version 'abc'"):
        archive.version("key", "abc")
    archive.add([LATER])
    archive.delete("key")
    archive.add([LATER])
    with pytest.raises(NotFound, match=STORY.version):
        archive.version("key", STORY.version)


def versions(archive: Archive) -> list[int]:
    return [int(each.text.split()[-1][:-1]) for each in archive.history(archive.get("key"))]


def lives(archive: Archive, first: int, last: int) -> None:
    """The article as a live blog: a version for each number."""
    for n in range(first, last + 1):
        archive.add([replace(STORY, text=f"Taxes rise by {n}.", fetched=None)])


def test_a_live_blog_keeps_its_first_its_last_and_its_cited_versions(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder(), versions=3) as archive:
        lives(archive, 1, 5)
        archive.cite([archive.get("key")])
        lives(archive, 6, 7)
        hits = retrieval.search(archive, "how much do taxes rise", Filter(), 1)
        lives(archive, 8, 8)  # while the answer is written
        archive.cite([hit.article for hit in hits])
        lives(archive, 9, 20)
        assert versions(archive) == [20, 19, 18, 17, 7, 5, 1]
        assert archive.version("key", hits[0].article.version).text == "Taxes rise by 7."
    with Archive(tmp_path, HashingEmbedder(), versions=1) as archive:
        lives(archive, 21, 21)
        assert versions(archive) == [21, 20, 7, 5, 1]
        gone = archive.delete("key")
        archive.cite([gone])
        lives(archive, 30, 33)
        assert versions(archive) == [33, 32, 30]


def test_versions_from_before_citations_were_noted_stay(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        lives(archive, 1, 6)
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as connection:
        connection.execute("DELETE FROM meta WHERE key = 'cited_since'")
        connection.execute("DROP TABLE cited")
        connection.commit()
    with Archive(tmp_path, HashingEmbedder(), versions=1) as archive:
        lives(archive, 7, 10)
        assert versions(archive) == [10, 9, 6, 5, 4, 3, 2, 1]


def test_embedding_anew_makes_no_versions(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([STORY])
        archive.add([LATER])
    with Archive(tmp_path, HashingEmbedder("other", 32), any_embedder=True) as archive:
        archive.reindex()
        assert [each.text for each in archive.history(STORY)] == [LATER.text, STORY.text]


def test_an_archive_without_versions_opens_and_gets_them(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([STORY])
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as before:
        before.execute("DROP TABLE versions")
        before.commit()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([LATER])
        assert archive.version("key", STORY.version).text == STORY.text


WORDS = st.lists(st.sampled_from(["tax", "rises", "mayor", "\n\n", " ", "2."]), min_size=1)
EDITS = st.lists(
    st.tuples(st.sampled_from("ab"), WORDS.map(" ".join), st.sampled_from(["T", "T ", "U"])),
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(EDITS)
def test_whatever_is_edited_every_citation_keeps_its_words(
    edits: list[tuple[str, str, str]],
) -> None:
    given_out: list[tuple[str, str, int, int, str]] = []
    with TemporaryDirectory() as folder, Archive(Path(folder), HashingEmbedder()) as archive:
        for key, text, title in edits:
            archive.add([Article(key, key, f"Lead. {text}", title)])
            article = archive.get(key)
            end = len(article.text)
            for start in (0, end // 2):
                quote = article.text[start:end]
                given_out.append((article.id, article.version, start, end, quote))
        for article_id, version, start, end, quote in given_out:
            assert archive.version(article_id, version).text[start:end] == quote


def test_white_space_keeps_the_very_text() -> None:
    spaced = replace(STORY, text=STORY.text.replace(" ", "  "), author="Kim")
    kept = successor(spaced, STORY)
    assert kept == replace(STORY, author="Kim")
    assert kept.version == STORY.version != LATER.version


def test_what_changed_after_the_day_asked_about_is_told(archive: Archive) -> None:
    archive.add([STORY])
    day = date(2024, 5, 10)
    assert changed_after(archive, [archive.get("key")], day) == []
    archive.add([replace(LATER, fetched=MAY + timedelta(days=1))])
    assert changed_after(archive, [archive.get("key")], day) == []
    archive.add([replace(STORY, fetched=datetime(2024, 6, 1, tzinfo=UTC))])
    (told,) = changed_after(archive, [archive.get("key")], day)
    assert told.startswith("“Taxes” was changed on 2024-06-01, after 2024-05-10")
