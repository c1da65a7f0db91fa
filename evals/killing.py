"""A child that ingests and is killed: what it had acknowledged."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from signal import SIGKILL
from threading import Timer

from evals.hashing import HashingEmbedder
from index.archive import Archive, Outcome
from index.embedding import Embedder, SentenceTransformerEmbedder
from index.ingest import Report, ingest, read
from index.schema import Article

READY, NEW, OLD = "ready", "new", "old"  # first word of a line that a child prints
MOST_BATCHES = 4  # of articles acknowledged, after which the time to the kill begins
LONGEST = 0.6  # seconds to the kill
LONGEST_START = 2.5  # seconds from the start to the kill, for one kill in five


class Telling:
    """Tells the ids of what the archive has acknowledged."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.note = archive.note

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        """Store and tell."""
        return next(self.add_all([articles]))

    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]:
        """Store and tell, batch by batch."""
        begun: list[Sequence[Article]] = []

        def noted() -> Iterator[Sequence[Article]]:
            for batch in batches:
                begun.append(batch)
                yield batch

        for outcomes in self._archive.add_all(noted()):
            what = NEW if set(outcomes) - {"unchanged"} else OLD
            print(what, *(article.id for article in begun.pop(0)), flush=True)
            yield outcomes


def child(folder: Path, file: Path, embedder: Embedder) -> None:
    """Ingest the file, telling what is acknowledged."""
    with Archive(folder, embedder) as archive:
        archive.vectors  # noqa: B018 (mends what a kill left)
        print(READY, flush=True)
        for _ in ingest(read([file]), Telling(archive), Report()):
            pass


def command(folder: Path, file: Path, embedder: str) -> list[str]:
    """What starts such a child."""
    given = ["--articles", str(file), "--embedder", embedder, "--child", str(folder)]
    return [sys.executable, "-m", "evals.kill_bench", *given]


def build(name: str) -> Embedder:
    """The packaged embedder, or a fake one that costs nothing."""
    return SentenceTransformerEmbedder() if name == "packaged" else HashingEmbedder()


def killed(child: Sequence[str], random: Random, kills: Counter[str]) -> tuple[set[str], bool]:
    """What a child acknowledged until it was killed, and whether it came to its end before."""
    starting = random.random() < 0.2
    batches = random.randint(0, MOST_BATCHES)
    pause = random.uniform(0, LONGEST_START if starting else LONGEST)
    started = subprocess.Popen(child, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    said = ""
    if not starting:
        said = started.stdout.readline()
        assert said.startswith(READY), "the archive does not open"
        while said.count(NEW) < batches and (line := started.stdout.readline()):
            said += line
    timer = Timer(pause, started.send_signal, [SIGKILL])
    timer.start()
    said += started.stdout.read()
    code = started.wait()
    timer.cancel()
    started.stdout.close()
    kills["starting" if starting and READY not in said else "ingesting"] += code == -SIGKILL
    whole = said.rpartition("\n")[0].split()  # the kill may have cut the last line
    return set(whole) - {READY, NEW, OLD}, code == 0
