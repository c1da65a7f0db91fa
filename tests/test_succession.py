"""A change of the embedder: the old index answers until the new one is whole, whatever happens."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from starlette.testclient import TestClient

from index import retrieval
from index.archive import Archive
from index.database import Database
from index.embedding import Vectors
from index.errors import ArchiveLocked, EmbedderMismatch
from index.model_prompts import Prompts
from index.schema import Filter
from index.shared_lock import SharedLock
from index.succession import NEXT, Maker, begun, build, made_by, take_over
from service.access import rebuild
from service.api import create_api
from service.app import open_archive
from service.settings import load
from tests.embedders import HashingEmbedder
from tests.fakes import dateline, small_archive
from tests.serving import running, until
from tests.test_archive import article, found, in_step
from tests.tiny import tiny_embedder

pytestmark = pytest.mark.slow

MANY = 40


class Interrupted(Exception):
    """What an embedder was doing is cut off."""


class Other(HashingEmbedder):
    """Another embedder, which may give up."""

    def __init__(self, most: int = 10**6) -> None:
        """most: texts that it embeds before it fails."""
        super().__init__("other", 32, Prompts("q: ", "p: "))
        self._most = most

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.embedded + len(texts) > self._most:
            raise Interrupted
        return super().embed(texts)


def silent(done: int, total: int) -> None:
    """Tell nothing."""


def filled(folder: Path) -> Archive:
    archive = Archive(folder, HashingEmbedder())
    archive.add([article(n) for n in range(MANY)])
    return archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with filled(tmp_path) as opened:
        yield opened


def whole(archive: Archive, names: range = range(MANY)) -> None:
    """Articles are found, in stores that are in step, and nothing of the old index is left."""
    in_step(archive)
    for n in names[::9]:
        assert f"{n}.txt" in found(archive, f"{article(n).title}")
    folders = sorted(path.name for path in archive.folder.iterdir() if path.is_dir())
    assert len(folders) == 2 and NEXT not in folders, folders
    held = [
        vector.shape for vector in archive.database.vectors(archive.database.passage_ids()).values()
    ]
    assert set(held) == {(archive.embedder.dimension,)}


def test_the_new_index_takes_over_from_the_old_one(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with filled(tmp_path) as archive:
        assert build(tmp_path, Other(), lambda *each: told.append(each)) == MANY
        assert told[-1] == (MANY, MANY)
        assert archive.embedder.name == "hashing" and found(archive, "The bakery 1")[0] == "1.txt"
        assert take_over(archive, Other()) == MANY
        assert archive.embedder.name == "other"
        whole(archive)
        archive.add([article(MANY)])
        archive.delete("0.txt")
        whole(archive, range(1, MANY + 1))
    assert made_by(tmp_path) == Maker("other", Prompts("q: ", "p: "))
    with Archive(tmp_path, Other()) as again:
        whole(again, range(1, MANY + 1))
        build(tmp_path, HashingEmbedder(), silent)  # and back
        take_over(again, HashingEmbedder())
        whole(again, range(1, MANY + 1))


def test_what_was_embedded_before_an_interruption_stays_embedded(archive: Archive) -> None:
    with pytest.raises(Interrupted):
        build(archive.folder, Other(most=35), silent)
    assert found(archive, "The bakery 1")[0] == "1.txt"
    second = Other(most=MANY - 32)
    assert build(archive.folder, second, silent) == MANY
    assert second.embedded == MANY - 32  # a batch had been stored
    take_over(archive, Other())
    whole(archive)


def test_one_begun_for_yet_another_embedder_is_begun_anew(archive: Archive) -> None:
    build(archive.folder, HashingEmbedder("third"), silent)
    build(archive.folder, Other(), silent)
    changed = HashingEmbedder("other", 32, Prompts("q: ", "another: "))
    with begun(archive.folder, changed) as following:
        assert following.database.counts() == (0, 0)


def test_what_changes_meanwhile_is_not_lost(archive: Archive) -> None:
    build(archive.folder, Other(), silent)
    archive.add([article(99), replace(article(3), text="The lighthouse was painted red.")])
    archive.delete("5.txt")
    take_over(archive, Other())
    assert found(archive, "lighthouse red")[0] == "3.txt"
    assert not archive.holds("key-5")
    whole(archive, range(6, MANY))
    assert "99.txt" in found(archive, article(99).title)


def test_whoever_searches_during_the_change_gets_an_answer(archive: Archive) -> None:
    build(archive.folder, Other(), silent)
    done, answers, faults = Event(), [], []

    def ask() -> None:
        while not done.is_set():
            try:
                answers.append(found(archive, "The bakery 1")[0])
            except Exception as error:
                faults.append(error)
                return

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(answers) > 5 or bool(faults))
    take_over(archive, Other())
    after = len(answers) + 5
    until(lambda: len(answers) > after or bool(faults))
    done.set()
    for thread in threads:
        thread.join()
    assert faults == [] and set(answers) == {"1.txt"}


class Dying(Database):
    """Kills its process just before, or just after, it takes over."""

    after = False

    def adopt(self, path: Path, notes: object) -> None:
        if self.after:
            super().adopt(path, notes)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGKILL)


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_leaves_the_old_index_or_the_new_one(tmp_path: Path, after: bool) -> None:
    with filled(tmp_path):
        build(tmp_path, Other(), silent)
    code = (
        "import sys; from pathlib import Path; from tests.test_succession import *\n"
        "folder = Path(sys.argv[1]); Dying.after = sys.argv[2] == 'True'\n"
        "archive = Archive(folder, HashingEmbedder())\n"
        "archive.database = Dying(folder / 'archive.sqlite')\n"
        "take_over(archive, Other())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path), str(after)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    embedder = Other() if after else HashingEmbedder()
    with Archive(tmp_path, embedder) as again:
        in_step(again)
        assert "7.txt" in found(again, article(7).title)
        if not after:  # the next one is still there, whole
            assert build(tmp_path, Other(most=0), silent) == MANY
            take_over(again, Other())
            whole(again)


def test_the_command_changes_the_embedder_and_remembers_it(tmp_path: Path) -> None:
    model = str(tiny_embedder(tmp_path / "m", query="query: ", passage="passage: "))
    data = tmp_path / "data"
    small_archive(data).close()
    assert rebuild(load(data=data, embedder=model)) == 2
    with open_archive(load(data=data)) as archive:  # unset: the one that made it
        assert archive.embedder.name == model and archive.embedder.prompts.passage == "passage: "
        assert len(retrieval.search(archive, "Who voted?", Filter(), 9)) == 2
    assert rebuild(load(data=data)) == 2  # in its place
    assert rebuild(load(data=data, passage_prompt="the ")) == 2
    with open_archive(load(data=data)) as archive:  # a setting is remembered too
        assert archive.embedder.prompts == Prompts("query: ", "the ")
        assert len(retrieval.search(archive, "Who voted?", Filter(), 9)) == 2


def test_an_index_from_before_prompts_were_noted_is_made_anew(tmp_path: Path) -> None:
    model = str(tiny_embedder(tmp_path / "m", passage="passage: "))
    data = tmp_path / "data"
    assert rebuild(load(data=data, embedder=model, passage_prompt="")) == 0
    with open_archive(load(data=data)) as archive:
        archive.add([article(1)])
        archive.database.set_meta("prompts", "")
    with open_archive(load(data=data)) as archive:
        with pytest.raises(EmbedderMismatch, match="reindex"):
            found(archive, "The bakery 1")
    assert rebuild(load(data=data)) == 1
    with open_archive(load(data=data)) as archive:
        assert archive.embedder.prompts.passage == "passage: "
        assert found(archive, "The bakery 1") == ["1.txt"]


def test_a_server_that_holds_the_archive_changes_over(tmp_path: Path) -> None:
    model = str(tiny_embedder(tmp_path / "m"))
    with small_archive(tmp_path / "data") as archive:
        settings = load(data=archive.folder, embedder=model)
        with pytest.raises(ArchiveLocked):  # by no server
            rebuild(settings)
        with running(create_api(dateline(archive))) as url:
            archive.lock.note(url)
            assert rebuild(settings) == 2
            assert archive.embedder.name == model
            assert httpx.get(f"{url}/v1/articles").json()["total"] == 2
        assert len(retrieval.search(archive, "taxes", Filter(), 9)) == 2


def test_a_server_without_a_next_index_says_so(archive: Archive) -> None:
    client = TestClient(create_api(dateline(archive)), "http://localhost")
    reply = client.post("/v1/index/switch")
    assert reply.status_code == 404
    assert "dateline reindex --embedder" in reply.json()["error"]["message"]


def test_a_shared_lock_is_held_by_many_or_by_one() -> None:
    lock, entered, leave = SharedLock(), Event(), Event()
    order: list[str] = []

    def change() -> None:
        entered.set()
        with lock.alone():
            order.append("alone")
            leave.wait(5)

    def read() -> None:
        with lock.shared():
            order.append("shared")

    writer, reader = Thread(target=change), Thread(target=read)
    with lock.shared(), lock.shared():
        writer.start()
        entered.wait(5)
        assert order == []
    until(lambda: order == ["alone"], 5)
    reader.start()
    reader.join(0.05)
    assert order == ["alone"]
    leave.set()
    writer.join(5)
    reader.join(5)
    assert order == ["alone", "shared"]
