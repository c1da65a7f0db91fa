"""What was deleted is nowhere: not in any file of the data directory, not after a kill."""

import asyncio
import ctypes
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest

from index import retrieval, succession
from index.archive import Archive
from index.errors import NotFound
from index.lexical import stems
from index.lock import Lock
from index.memory import blank_memory
from index.schema import Article, Filter, Visit
from service.wiping import wiping
from tests.embedders import HashingEmbedder

WORDS = ("zanzibarian", "quokkafold", "xylomancer", "brumbletide")
FIRST = " ".join(f"The {word} met the council on day {n}." for n, word in enumerate(WORDS * 30))
SECOND = FIRST.replace("council", "vexilloid")
SECRET = Article(
    "https://example.org/zanzibarian",
    "secret.html",
    FIRST,
    "A quokkafold affair",
    outlet="Xylomancer Weekly",
    author="Ada Brumbletide",
    url="https://example.org/zanzibarian",
)
OTHERS = [
    Article(f"key-{n}", f"{n}.txt", f"The bakery number {n} opened. " * 40) for n in range(20)
]


def filled(folder: Path) -> tuple[Archive, list[bytes]]:
    """An archive that holds two versions of the secret, and its vectors as the files have them."""
    archive = Archive(folder, HashingEmbedder())
    archive.add([*OTHERS[:10], SECRET])
    archive.add([*OTHERS[10:], replace(SECRET, text=SECOND)])
    archive.note(Visit(SECRET.key, datetime.now(UTC), SECRET.key, '"zanzibarian"'))
    ids = [i for i in archive.database.passage_ids() if i.startswith(SECRET.id)]
    assert ids and archive.vectors.count() == archive.database.counts()[1]
    return archive, [vector.tobytes() for vector in archive.database.vectors(ids).values()]


def traces(folder: Path, vectors: list[bytes]) -> dict[str, str]:
    """Which files still tell of the secret, and by what."""
    told = {*WORDS, "vexilloid", SECRET.id}
    told |= {stem for word in told for stem in stems(word, "en")}
    wanted = {word: word.encode() for word in told} | {"vector": vectors[0]}
    found = {}
    for name, raw in contents(folder).items():
        for word, part in wanted.items():
            if part in (raw if word == "vector" else raw.lower()):
                found[name] = word
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder. By another process: whoever closes one here frees SQLite's locks."""
    with TemporaryDirectory() as other:
        subprocess.run(["cp", "-r", folder, other], check=True)
        files = [path for path in Path(other).rglob("*") if path.is_file()]
        here = Path(other, folder.name)
        return {path.relative_to(here).as_posix(): path.read_bytes() for path in files}


def test_nothing_of_a_deleted_article_is_left_in_any_file(tmp_path: Path) -> None:
    archive, vectors = filled(tmp_path)
    with archive:
        assert {"archive.sqlite", "archive.sqlite-wal"} & traces(tmp_path, vectors).keys()
        archive.delete(SECRET.id)
        with pytest.raises(NotFound):
            archive.get(SECRET.id)
        assert traces(tmp_path, vectors)
        assert archive.wipe() and traces(tmp_path, vectors) == {}
        assert archive.vectors.count() == archive.lexical.count() == archive.database.counts()[1]
        assert archive.database.counts()[0] == len(OTHERS)
    assert traces(tmp_path, vectors) == {}


def test_the_traces_can_be_seen_before(tmp_path: Path) -> None:
    archive, vectors = filled(tmp_path)
    with archive:
        archive.vectors.count()
    kept = traces(tmp_path, vectors)
    assert "archive.sqlite" in kept
    assert any(name.startswith("lexical/") for name in kept)
    assert any(name.startswith("vectors-") for name in kept)


@pytest.mark.slow
def test_a_kill_between_deleting_and_wiping_only_puts_it_off(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from tests.test_deleting import *\n"
        "archive, _ = filled(Path(sys.argv[1]))\n"
        "archive.database.delete(SECRET)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    vectors = HashingEmbedder().embed(["zanzibarian"])
    assert traces(tmp_path, [vectors[0].tobytes()])
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert archive.wipe()
    assert traces(tmp_path, [vectors[0].tobytes()]) == {}


def test_a_feed_does_not_bring_back_what_was_deleted(tmp_path: Path) -> None:
    archive, _ = filled(tmp_path)
    with archive:
        archive.delete(SECRET.id)
        visit = archive.visit(SECRET.key)
        assert visit and (visit.address, visit.key, visit.etag) == (SECRET.key, None, None)
        later = Visit(SECRET.key, datetime.now(UTC), SECRET.key, '"2"')
        archive.note(later)
        assert archive.visit(SECRET.key) == later


def test_a_watched_file_does_not_come_back_either(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([Article("/news/a.txt", "a.txt", "The bridge opened.")])
        archive.note(Visit("file:/news/a.txt", datetime.now(UTC), etag="18-1"))
        archive.delete("a.txt")
        assert archive.wipe()
        visit = archive.visit("file:/news/a.txt")
        assert visit and visit.etag == "18-1"
        assert not any(b"/news/a.txt" in data for data in contents(tmp_path).values())


def test_an_archive_from_before_is_written_anew_once(tmp_path: Path) -> None:
    """Its freed pages may hold what was there before they were overwritten on being freed."""
    archive, vectors = filled(tmp_path)
    archive.close()
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE old (text)")
        careless.execute("INSERT INTO old VALUES (?)", ("vexilloid " * 5000,))
        careless.execute("DELETE FROM old")
        careless.commit()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.delete(SECRET.id)
        assert archive.wipe() and traces(tmp_path, vectors) == {}
        archive.delete("1.txt")
        assert archive.wipe() and archive.database.get_meta("secure") == "yes"


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told so")
def test_blank_memory_holds_nothing_of_before() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    size, blocks = 40_000, []
    for _ in range(50):
        blocks.append(libc.malloc(size))
        ctypes.memset(blocks[-1], ord("x"), size)
    for block in blocks:
        libc.free(block)
    with blank_memory(), blank_memory():
        again = [libc.malloc(size) for _ in range(50)]
        assert not any(any(ctypes.string_at(block, size)) for block in again)
    for block in again:
        libc.free(block)


class Held:
    """Says on being asked whether to go on: first when the test says so."""

    def __init__(self, answer: bool = True) -> None:
        self.answer, self.begun, self.go_on = answer, Event(), Event()

    def __call__(self) -> bool:
        self.begun.set()
        assert self.go_on.wait(20)
        return self.answer


def texts(archive: Archive) -> list[str]:
    hits = retrieval.search(archive, "which bakery or lighthouse opened", Filter(), 9)
    return [hit.article.name for hit in hits]


def test_nobody_waits_while_what_was_deleted_is_wiped(tmp_path: Path) -> None:
    archive, vectors = filled(tmp_path)
    with archive, ThreadPoolExecutor(1) as pool:
        archive.delete(SECRET.id)
        held = Held()
        wiping = pool.submit(archive.wipe, held)
        assert held.begun.wait(20)
        assert texts(archive) and SECRET.name not in texts(archive)
        archive.add([Article("new", "new.txt", "The lighthouse opened.")])
        archive.add([replace(OTHERS[1], text="The bakery was painted red.")])
        assert "new.txt" in texts(archive)
        archive.delete("2.txt")
        held.go_on.set()
        assert not wiping.result(60), "more was deleted meanwhile"
        assert archive.vectors.ids() == archive.lexical.ids() == {*archive.database.passage_ids()}
        assert "new.txt" in texts(archive) and "2.txt" not in texts(archive)
        assert archive.wipe() and traces(tmp_path, vectors) == {}
        assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {
            path.name for path in archive.derived.folders.values()
        }


def test_wiping_that_is_given_up_changes_nothing(tmp_path: Path) -> None:
    archive, _ = filled(tmp_path)
    with archive:
        archive.delete(SECRET.id)
        before = {path.name for path in tmp_path.iterdir()}
        assert not archive.wipe(lambda: False)
        assert {path.name for path in tmp_path.iterdir()} == before
        assert texts(archive) and archive.database.unwiped()
        assert archive.wipe() and archive.database.unwiped() is None


def test_nothing_is_made_anew_where_nothing_was_deleted(tmp_path: Path) -> None:
    archive, _ = filled(tmp_path)
    with archive:
        before = archive.derived.folders
        assert archive.wipe(lambda: False) and archive.derived.folders == before


def test_what_is_half_empty_gives_its_room_back(tmp_path: Path) -> None:
    with Archive(tmp_path / "all", HashingEmbedder()) as archive:
        archive.add([replace(each, text=each.text * 20) for each in OTHERS])
        for each in OTHERS[:10]:
            archive.delete(each.id)
        archive.wipe()
    with Archive(tmp_path / "half", HashingEmbedder()) as archive:
        archive.add([replace(each, text=each.text * 20) for each in OTHERS[10:]])
    whole, half = (
        sum(path.stat().st_size for path in (tmp_path / name).rglob("*") if path.is_file())
        for name in ("all", "half")
    )
    assert whole <= 1.3 * half


@pytest.mark.parametrize("more", [0, 3], ids=["ready", "not yet ready"])
def test_an_index_that_is_being_built_keeps_nothing_of_it_either(tmp_path: Path, more: int) -> None:
    archive, _ = filled(tmp_path)
    other = HashingEmbedder("other")
    with archive:
        succession.build(tmp_path, other, lambda *_: None)
        archive.add([Article(f"new-{n}", "n.txt", f"The bridge {n} opened.") for n in range(more)])
        following = tmp_path / succession.NEXT
        assert traces(following, [b"no vector"])
        archive.delete(SECRET.id)
        lock = Lock(following)  # as if another process were at it
        assert not succession.wipe(archive)
        lock.release()
        assert succession.wipe(archive)
        assert traces(tmp_path, [b"no vector"]) == {}
        assert succession.take_over(archive, other) == len(OTHERS) + more


def test_a_server_wipes_by_itself(tmp_path: Path) -> None:
    archive, vectors = filled(tmp_path)

    async def served() -> None:
        async with wiping(archive, 0.05):
            archive.delete(SECRET.id)
            async with asyncio.timeout(60):
                while archive.database.unwiped():
                    await asyncio.sleep(0.05)

    with archive:
        asyncio.run(served())
        assert traces(tmp_path, vectors) == {}
