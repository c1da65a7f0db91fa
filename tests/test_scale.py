"""An archive of forty thousand passages, twenty writers at once, hours of use in short."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from evals.synthetic_archive import SyntheticEmbedder, Writer, fill
from index import retrieval
from index.archive import Archive
from index.repair import repair
from index.schema import Filter
from index.snapshot import export
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Question
from tests.embedders import HashingEmbedder
from tests.test_archive import TOPICS, article, found, in_step
from tests.test_server import answers, free_port

pytestmark = pytest.mark.scale

MANY = 40_000  # passages
EMBEDDER = SyntheticEmbedder(HashingEmbedder(), 7)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    Archive(folder, EMBEDDER).close()
    fill(folder, EMBEDDER, Writer(7), MANY)
    with Archive(folder, EMBEDDER) as archive:
        assert archive.vectors.count() >= MANY
    return folder


def test_forty_thousand_passages_are_listed_searched_and_exported(
    large: Path, tmp_path: Path
) -> None:
    with Archive(large, EMBEDDER) as archive:
        articles, passages = archive.database.counts()
        assert len(archive.database.passage_ids()) == passages >= MANY
        assert len(archive.database.articles(articles)) == articles
        ids = archive.database.passage_ids()
        assert len(archive.database.load(ids)) == len(archive.database.vectors(ids)) == passages
        assert len(archive.database.stubs(ids).found) == passages
        for vector in EMBEDDER.made(1000):
            assert len(archive.vectors.search(vector, 50)) == 50
        pipeline, writer = Pipeline(archive, QuotesAnswerer(archive)), Writer(8)
        wide = {"since": date(2015, 1, 1), "asked_at": date(2024, 1, 1)}
        for asked in (Question(writer.question(), **extra) for extra in [{}, wide] * 5):  # type: ignore[arg-type]
            assert len(pipeline.find(asked, 50)[0]) == 50
    manifest = export(large, tmp_path / "large.zip", "1")
    assert (manifest.articles, manifest.passages) == (articles, passages)


def test_of_forty_thousand_passages_a_source_is_deleted_and_the_rest_indexed_anew(
    large: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(large, folder)
    with Archive(folder, EMBEDDER) as archive:
        stored = archive.database.articles(archive.database.counts()[0])
        largest = max(archive.database.outlets(), key=[a.outlet for a in stored].count)
        gone = [a for a in stored if a.outlet == largest]
        for each in gone:
            archive.delete(each.id)
        assert largest not in archive.database.outlets() and len(gone) > 500
        assert archive.reindex() == len(stored) - len(gone)
        in_step(archive)
        rest = Filter(outlets=(largest,))
        assert retrieval.search(archive, gone[0].title, rest, 50) == []
    assert {finding.state for finding in repair(folder, EMBEDDER)} == {"sound"}


SERVER = """
import sys
from pathlib import Path
from index.archive import Archive
from service import server
from service.api import create_api
from service.settings import load
from tests.test_scale import EMBEDDER

server.open_archive = lambda settings: Archive(settings.data, EMBEDDER)
server.build = create_api  # the page takes seconds to load
server.serve(load(data=Path(sys.argv[1]), port=int(sys.argv[2])))
"""


def test_a_large_archive_is_alive_at_once_and_soon_ready(large: Path) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVER, str(large), str(port)]) as process:
        try:
            began, url = monotonic(), f"http://127.0.0.1:{port}"
            while not answers(f"{url}/healthz"):
                sleep(0.05)
            alive = monotonic() - began
            while not answers(f"{url}/readyz"):
                sleep(0.05)
            ready = monotonic() - began
            print(f"alive after {alive:.1f} s, ready after {ready:.1f} s")
            spent = processor_time(process.pid)
            asked = {"question": Writer(9).question()}
            assert httpx.post(f"{url}/v1/search", json=asked, timeout=60).json()["passages"]
        finally:
            process.terminate()
    assert spent < 15  # not by the clock, since other tests run beside it


def processor_time(pid: int) -> float:
    """Seconds that the process has worked."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


INGESTS = """
import os, sys
from pathlib import Path
from index.archive import Archive
from service import access
from service.cli import main
from tests.embedders import HashingEmbedder

access.open_archive = lambda settings: Archive(settings.data, HashingEmbedder())
import service.app, service.ingest_cli  # loaded once, before there are twenty

def ingest(folder):
    sys.argv = ["dateline", "ingest", str(folder), "--data", sys.argv[2]]
    try:
        main()
    except SystemExit as end:
        os._exit(end.code or 0)
    os._exit(3)

children = []
for folder in Path(sys.argv[1]).iterdir():
    if child := os.fork():
        children.append(child)
    else:
        ingest(folder)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 20
"""


def test_of_twenty_ingests_at_once_each_article_comes_in_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(20):
        folder = tmp_path / "in" / f"{n}"
        folder.mkdir(parents=True)
        for name in (3 * n, 3 * n + 1, 3 * n + 2, 999):  # one of them is everywhere
            (folder / f"{name}.txt").write_text(article(name).text)
    command = [sys.executable, "-c", INGESTS, str(tmp_path / "in"), str(data)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.count("4 added") == 20, done.stderr[-3000:]
    assert "is in use by process" in done.stderr, "they waited for each other"
    with Archive(data, HashingEmbedder()) as archive:
        assert archive.database.counts()[0] == 60 + 20, "999.txt is another file in each folder"
        in_step(archive)
        for n in range(60):
            assert f"{n}.txt" in found(archive, f"{TOPICS[n % 8]} {n}")
        for passage_id, vector in archive.database.vectors(archive.database.passage_ids()).items():
            near = archive.vectors.search(vector, 30)
            assert passage_id in dict(near) or near[-1][1] > 0.9999


def test_a_killed_holder_leaves_the_archive_to_others(tmp_path: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from tests.test_archive import *\n"
        "archive = Archive(Path(sys.argv[1]), HashingEmbedder()); print('open', flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline() == "open\n"
        holder.kill()
        holder.wait()
        with Archive(tmp_path, HashingEmbedder()) as archive:
            assert archive.add([article(1)]) == ["added"]


SECONDS = 20.0


def test_readers_and_writers_at_once_take_no_more_and_more_memory(tmp_path: Path) -> None:
    faults: list[BaseException] = []
    numbers, asked, over = count(1000), count(), threading.Event()
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([article(n) for n in range(500)])

        def reads() -> None:
            while not over.is_set():
                n = next(asked) % 500
                assert len(retrieval.search(archive, f"{TOPICS[n % 8]} {n}", Filter(), 5)) == 5

        def writes() -> None:
            while not over.is_set():
                n = next(numbers)
                archive.add([article(n)])
                archive.delete(f"{n}.txt")

        def guarded(work: object) -> None:
            try:
                work()  # type: ignore[operator]
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=guarded, args=(work,)) for work in [reads] * 6]
        threads += [threading.Thread(target=guarded, args=(writes,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        sizes = list(_sizes(over))
        for thread in threads:
            thread.join()
        in_step(archive)
    print(f"{next(asked)} questions, {next(numbers) - 1000} writes, {sizes[0]} to {sizes[-1]} MB")
    assert not faults and sizes[-1] - sizes[len(sizes) // 2] < 20


def _sizes(over: threading.Event) -> Iterator[int]:
    """Megabytes of memory, each second, until it is over."""
    for _ in range(int(SECONDS)):
        sleep(1)
        yield (
            int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
        )
    over.set()
