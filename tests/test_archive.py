"""The archive: three stores in step, whatever happens to the process or to the files."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from index import retrieval
from index.archive import Archive
from index.errors import ArchiveError, ArchiveLocked, EmbedderMismatch, NotFound
from index.lock import holder
from index.schema import Article, Filter
from tests.embedders import HashingEmbedder

TOPICS = ["harbour", "bakery", "railway", "election", "glacier", "orchestra", "vaccine", "bridge"]


def article(n: int, text: str = "") -> Article:
    topic = TOPICS[n % len(TOPICS)]
    body = (
        text or f"The {topic} number {n} opened. " + f"People spoke of {topic} {n} for long. " * 9
    )
    return Article(f"key-{n}", f"{n}.txt", body, f"The {topic} {n}", date(2020, 1, 1 + n % 28))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data", HashingEmbedder()) as opened:
        yield opened


def found(archive: Archive, text: str) -> list[str]:
    return [hit.article.name for hit in retrieval.search(archive, text, Filter(), 5)]


def in_step(archive: Archive) -> int:
    passages = archive.database.counts()[1]
    assert archive.vectors.count() == archive.lexical.count() == passages
    assert archive.database.pending() == []
    return passages


def test_what_was_added_is_found(archive: Archive) -> None:
    assert archive.add([article(n) for n in range(8)]) == ["added"] * 8
    assert in_step(archive) == 8
    assert all(found(archive, f"{TOPICS[n]} {n}")[0] == f"{n}.txt" for n in range(8))


def test_the_same_again_does_nothing_and_embeds_nothing(archive: Archive) -> None:
    archive.add([article(1)])
    embedder = archive.embedder
    assert isinstance(embedder, HashingEmbedder)
    before = embedder.embedded
    assert archive.add([article(1)]) == ["unchanged"]
    assert embedder.embedded == before


def test_a_changed_article_replaces_its_passages(archive: Archive) -> None:
    archive.add([article(1), article(2)])
    assert archive.add([article(1, "The lighthouse was painted red.")]) == ["changed"]
    in_step(archive)
    texts = [h.passage.text for h in retrieval.search(archive, "bakery 1", Filter(), 9)]
    assert not any("bakery" in text for text in texts)
    assert found(archive, "lighthouse red")[0] == "1.txt"


def test_an_archive_from_before_exact_dates_opens_and_has_not_changed(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([article(1), article(2)])
    with sqlite3.connect(tmp_path / "archive.sqlite") as connection:
        for index in ("ix_articles_days", "ix_articles_outlet_days"):
            connection.execute(f"DROP INDEX {index}")
        for column in ("published_as", "published_last", "updated", "updated_from", "agency"):
            connection.execute(f"ALTER TABLE articles DROP COLUMN {column}")
    connection.close()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        stored = archive.get("key-1")
        assert replace(stored, fetched=None) == article(1)
        assert archive.add([article(1)]) == ["unchanged"]
        day = article(1).published
        assert [a.name for a in archive.database.articles(9)] == ["2.txt", "1.txt"]
        only = retrieval.search(archive, "bakery railway", Filter(until=day), 9)
        assert {hit.article.name for hit in only} == {"1.txt"}


def test_all_that_is_known_of_a_date_is_kept(archive: Archive) -> None:
    known = replace(
        article(1),
        published=date(2020, 3, 1),
        published_from="meta",
        published_as="2020-03",
        updated="2020-04-02T10:15+02:00",
        updated_from="JSON-LD",
        agency="AP",
    )
    archive.add([known])
    stored = archive.get("key-1")
    assert replace(stored, fetched=None) == known
    assert (stored.written, stored.last, stored.precision) == (
        "2020-03",
        date(2020, 3, 31),
        "month",
    )
    for changed in (
        replace(known, published_as="2020-03-01T10:00"),
        replace(known, updated="2020-04-03"),
        replace(known, agency=None),
    ):
        assert changed.fingerprint != known.fingerprint


def test_changing_back_and_forth_keeps_one_version(archive: Archive) -> None:
    first, second = article(1), article(1, "The lighthouse was painted red.")
    for version in (first, second, first, second, first):
        archive.add([version])
    assert in_step(archive) == 1
    assert found(archive, "bakery 1") == ["1.txt"]


def test_a_change_of_the_date_alone_is_a_change(archive: Archive) -> None:
    archive.add([article(1)])
    assert archive.add([replace(article(1), published=date(1999, 1, 1))]) == ["changed"]
    assert archive.get("1.txt").published == date(1999, 1, 1)


def test_deleting_removes_everywhere(archive: Archive) -> None:
    archive.add([article(1), article(2)])
    archive.delete("1.txt")
    assert in_step(archive) == 1
    assert "1.txt" not in found(archive, "bakery 1")
    with pytest.raises(NotFound, match="1.txt"):
        archive.delete("1.txt")


def test_a_name_that_two_articles_have_needs_an_id(archive: Archive) -> None:
    archive.add([article(1), replace(article(2), name="1.txt")])
    with pytest.raises(NotFound, match="ids"):
        archive.get("1.txt")
    assert archive.get(article(2).id).key == "key-2"


def test_what_is_read_back_is_what_was_put_in(archive: Archive) -> None:
    whole = replace(
        article(1), outlet="Østlandet", author="Å", url="https://e.org/1", language="no"
    )
    archive.add([whole])
    stored = archive.get("https://e.org/1")
    assert stored.fetched is not None
    assert replace(stored, fetched=None) == whole


def test_a_second_writer_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveLocked, match=str(os.getpid())):
        Archive(archive.folder, HashingEmbedder())


def test_the_lock_tells_where_a_server_answers(archive: Archive) -> None:
    archive.lock.note("http://127.0.0.1:1")
    assert holder(archive.folder)["url"] == "http://127.0.0.1:1"


def test_an_index_of_another_embedder_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([article(1)])
    with pytest.raises(EmbedderMismatch, match="'hashing'.*'other'.*reindex"):
        Archive(tmp_path, HashingEmbedder("other"))
    with Archive(tmp_path, HashingEmbedder("other", 32), any_embedder=True) as archive:
        assert archive.reindex() == 1
        assert found(archive, "bakery 1") == ["1.txt"]
    with Archive(tmp_path, HashingEmbedder("other", 32)) as archive:
        assert found(archive, "bakery 1") == ["1.txt"]


def test_a_directory_of_another_format_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.database.set_meta("format", "99")
    with pytest.raises(ArchiveError, match="99"):
        Archive(tmp_path, HashingEmbedder())


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.test_archive import *\n"
        "with Archive(Path(sys.argv[1]), HashingEmbedder()) as archive:\n"
        "    for n in range(300):\n"
        "        archive.add([article(n)])\n"
        "        print(n, flush=True)\n"
    )
    for pause in (0.0, 0.02, 0.05, 0.1, 0.2):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline())]
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().split("\n")[:-1]]
        child.stdout.close()
        child.wait()
        with Archive(tmp_path, HashingEmbedder()) as archive:
            assert archive.database.counts()[0] >= len(acknowledged)
            in_step(archive)
            for n in acknowledged:
                assert f"{n}.txt" in found(archive, f"{TOPICS[n % 8]} {n}")
