"""Ingesting: what is embedded and what is not, the stages, and how much is held in memory."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.preparing as preparing
from index.archive import BATCH, Archive
from index.embedding import Vectors
from index.flow import staged
from index.ingest import MOST_TEXT, Report, ingest, read
from index.schema import Article, Passage
from index.sources import files
from index.splitting import split
from service.ingest_cli import ingest_paths
from tests.embedders import HashingEmbedder
from tests.test_archive import article, in_step


class Remembering(HashingEmbedder):
    """Remembers what it embedded."""

    def __init__(self, name: str = "hashing") -> None:
        super().__init__(name)
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return super().embed(texts)


def long(n: int) -> Article:
    """An article of several passages."""
    text = "\n\n".join(f"Part {part} of {n}. " + f"Word {part} {n}. " * 60 for part in range(4))
    return replace(article(n), text=text)


def test_each_stage_is_passed_in_order() -> None:
    done = staged(range(50), lambda n: n + 1, lambda n: n * 2, str)
    assert list(done) == [str((n + 1) * 2) for n in range(50)]


def test_the_stages_run_at_once_and_hold_one_item_each() -> None:
    taken: list[int] = []
    ahead = Event()

    def items() -> Iterator[int]:
        for n in range(20):
            taken.append(n)
            if n:
                ahead.set()
            yield n

    def work(n: int) -> int:
        assert ahead.wait(30), "the next one is taken while this is worked on"
        return n

    for done in staged(items(), int, work, int):
        assert len(taken) <= done + 4


@pytest.mark.parametrize("stage", ["items", "prepare", "work", "finish"])
def test_an_error_ends_it_after_what_was_begun_is_finished(stage: str) -> None:
    finished: list[int] = []

    def at(name: str, n: int) -> int:
        if name == stage and n == 5:
            raise ValueError(name)
        if name == "finish":
            finished.append(n)
        return n

    done = staged(
        (at("items", n) for n in range(9)),
        lambda n: at("prepare", n),
        lambda n: at("work", n),
        lambda n: at("finish", n),
    )
    with pytest.raises(ValueError, match=stage):
        list(done)
    assert finished[:4] == [0, 1, 2, 3]
    assert finished == list(range(len(finished)))


def test_a_text_that_stays_is_not_embedded_again(tmp_path: Path) -> None:
    embedder = Remembering()
    with Archive(tmp_path, embedder) as archive:
        archive.add([long(1)])
        first = list(embedder.seen)
        assert len(first) > 3
        archive.add([replace(long(1), text=long(1).text + "\n\nA new last line was added.")])
        again = embedder.seen[len(first) :]
        assert 0 < len(again) <= 2  # the last passage, and the new one
        assert not set(again) & set(first)


def test_the_same_text_in_batches_that_follow_is_embedded_once(tmp_path: Path) -> None:
    embedder = Remembering()
    with Archive(tmp_path, embedder) as archive:
        batches = ([replace(long(1), key=f"key {n}", outlet=None)] for n in range(6))
        assert list(archive.add_all(batches)) == [["added"]] * 6
        assert len(embedder.seen) == len(set(embedder.seen)) > 3
        in_step(archive)


def test_another_splitting_embeds_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([long(n) for n in range(3)])
    embedder, plain = Remembering(), split

    def without_last(*given: object) -> list[Passage]:
        passages = plain(*given)  # type: ignore[arg-type]
        a, b = passages[-2:]
        whole = given[0].text[a.start : b.end]  # type: ignore[attr-defined]
        return [*passages[:-2], Passage(a.id, a.article_id, a.start, b.end, whole)]

    with Archive(tmp_path, embedder) as archive:
        before = archive.database.counts()[1]
        archive.reindex()
        assert embedder.seen == []
        monkeypatch.setattr(preparing, "split", without_last)
        archive.reindex()
        assert len(embedder.seen) == 3
        assert archive.database.counts()[1] == before - 3
        in_step(archive)
        archive.reindex(anew=True)
        assert len(embedder.seen) == before


def test_another_model_embeds_all_and_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([long(1)])
        passages = archive.database.counts()[1]
    other = Remembering("other")
    with Archive(tmp_path, other, any_embedder=True) as archive:
        archive.reindex()
        assert len(other.seen) == in_step(archive) == passages


def test_of_a_folder_half_broken_the_other_half_goes_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    for n in range(10):
        (folder / f"{n}.txt").write_text(article(n).text)
    broken = {"a.txt": b"", "b.md": b" ", "c.html": b"\x89PNG\0", "d.json": b"{", "e.json": b"[[]]",
              "f.jsonl": b"[1]", "g.txt": "Sj\xf6".encode("latin-1"), "h.pdf": b"%PDF-1.7",
              "i.docx": b"PK", "j.md": b"---\ntitle: a: b\n---\nx"}  # fmt: skip
    for name, data in broken.items():
        (folder / name).write_bytes(data)
    with Archive(tmp_path / "data", HashingEmbedder()) as archive:
        report = ingest_paths([str(folder)], archive)
        assert in_step(archive)
    assert (report["added"], len(report["failed"])) == (10, 10)
    told = capsys.readouterr().err
    for name in broken:
        (fault,) = (each for each in report["failed"] if each.startswith(name))
        assert len(fault) > len(name) + 5 and f"error: {fault}" in told


def test_a_deleted_article_leaves_no_vectors(tmp_path: Path) -> None:
    embedder = Remembering()
    with Archive(tmp_path, embedder) as archive:
        archive.add([long(1), long(2)])
        ids = archive.database.passage_ids()
        archive.delete(long(1).id)
        gone = [i for i in ids if i.startswith(long(1).id)]
        assert gone and archive.database.vectors(gone) == {}
        part = preparing.prepared(long(1), embedder)
        assert archive.database.embedded(list(part.digests)) == {}
        in_step(archive)
        seen = len(embedder.seen)
        archive.add([long(3), long(1)])  # what was embedded last is not kept for ever either
        archive.delete(long(1).id)
        archive.add([long(4)])
        archive.add([long(1)])
        assert len(embedder.seen) >= seen + 2 * len(gone)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=5), max_size=5))
def test_in_stages_or_one_by_one_it_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, given_: list[list[tuple[int, int]]]
) -> None:
    batches = [
        [replace(article(n), text=f"Version {version} of {n} is here.") for n, version in batch]
        for batch in given_
    ]
    folder = tmp_path_factory.mktemp("stages")
    with (
        Archive(folder / "a", HashingEmbedder()) as staged_,
        Archive(folder / "b", HashingEmbedder()) as plain,
    ):
        outcomes = list(staged_.add_all(batches))
        assert outcomes == [[o for a in batch for o in plain.add([a])] for batch in batches]
        assert _texts(staged_) == _texts(plain)
        in_step(staged_)


def _texts(archive: Archive) -> dict[str, str]:
    return {a.key: a.text for a in archive.database.articles(1000)}


class Counting:
    """Stores nothing, and sees how far the reading is ahead."""

    def __init__(self) -> None:
        self.stored = 0
        self.sizes: list[int] = []

    def add_all(self, batches: Iterator[Sequence[Article]]) -> Iterator[list[str]]:
        for batch in batches:
            self.sizes.append(len(batch))
            yield ["added"] * len(batch)
            self.stored += len(batch)


def test_a_large_corpus_is_never_held_whole(tmp_path: Path) -> None:
    corpus = tmp_path / "large.jsonl"
    with corpus.open("w") as opened:
        for n in range(500):
            text = "x " * (MOST_TEXT // 12 if 246 <= n < 252 else 20)
            opened.write(json.dumps({"id": str(n), "text": f"{n} {text}"}) + "\n")
    taken, into, report = 0, Counting(), Report()

    def items() -> Iterator[object]:
        nonlocal taken
        for item in read(files.find(corpus)):
            taken += 1
            assert taken - into.stored <= 2 * BATCH
            yield item

    for _ in ingest(items(), into, report):  # type: ignore[arg-type]
        pass
    assert report.added == sum(into.sizes) == 500
    assert max(into.sizes) == BATCH
    assert into.sizes[15:17] == [252 - 15 * BATCH, BATCH]  # six long ones end their batch
