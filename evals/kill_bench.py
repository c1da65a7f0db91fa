"""Is anything lost when ingesting is killed? `python -m evals.kill_bench --articles FILE`.

A child ingests the file and says which articles are acknowledged; it is killed with SIGKILL at a
moment drawn with a seed: up to 0.6 seconds after 0 to 4 new batches were acknowledged or, one time
in five, while it starts (and mends what the kill before left). After each kill the archive is
opened and compared with one that was never killed; the next child goes on where it was. When all
articles are in, a new archive is begun.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from signal import SIGKILL
from tempfile import TemporaryDirectory
from threading import Timer
from time import perf_counter

from evals.hashing import HashingEmbedder
from index import retrieval
from index.archive import Archive, Outcome
from index.embedding import Embedder, SentenceTransformerEmbedder
from index.ingest import Report, ingest, read
from index.preparing import prepared
from index.schema import Article, Filter

READY, NEW, OLD = "ready", "new", "old"  # first word of a line that a child prints
MOST_BATCHES = 4  # of articles acknowledged, after which the time to the kill begins
LONGEST = 0.6  # seconds to the kill
LONGEST_START = 2.5  # seconds from the start to the kill, for one kill in five
ASKED = 40  # articles asked for by title and first words after each kill, the newest among them


@dataclass
class Sums:
    """What the checks found, over all kills."""

    kills: Counter[str] = field(default_factory=Counter)  # by when: "starting", "ingesting"
    acknowledged: list[int] = field(default_factory=list)  # articles, at each kill
    rounds: int = 0  # archives that were completed
    faults: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    asked: int = 0  # questions for articles


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


def killed(command: Sequence[str], random: Random, kills: Counter[str]) -> tuple[set[str], bool]:
    """What a child acknowledged until it was killed, and whether it came to its end before."""
    starting = random.random() < 0.2
    batches = random.randint(0, MOST_BATCHES)
    pause = random.uniform(0, LONGEST_START if starting else LONGEST)
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
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


class Trial:
    """One archive that is killed again and again, beside what it should become."""

    def __init__(self, articles: Sequence[Article], embedder: Embedder, sums: Sums) -> None:
        self._articles = {article.id: article for article in articles}
        parts = [prepared(article, embedder) for article in articles]
        self._passages = {part.article.id: {p.id for p in part.passages} for part in parts}
        self._embedder = embedder
        self._sums = sums

    def check(self, folder: Path, acknowledged: set[str], newest: set[str], random: Random) -> None:
        """Compare the archive with what it should hold, and count what is wrong."""
        faults = self._sums.faults
        with Archive(folder, self._embedder) as archive:
            held = archive.vectors.ids()
            self._sums.mended.update(archive.mended)
            stored = archive.database.passage_ids()
            by_article: dict[str, set[str]] = {}
            for passage_id in stored:
                by_article.setdefault(passage_id.partition("-")[0], set()).add(passage_id)
            faults["lost"] += len(acknowledged - by_article.keys())
            faults["partial"] += sum(found != self._passages[i] for i, found in by_article.items())
            counts = (archive.vectors.count(), archive.lexical.count(), len(stored))
            faults["doubled"] += sum(count - len(set(stored)) for count in counts)
            faults["not in step"] += len(held ^ {*stored}) + len(archive.lexical.ids() ^ {*stored})
            faults["not found by vector"] += sum(
                not self._near(archive, article_id) for article_id in sorted(acknowledged)
            )
            older = sorted(acknowledged - newest)
            some = [*sorted(newest)[:ASKED], *random.sample(older, min(ASKED, len(older)))][:ASKED]
            self._sums.asked += len(some)
            faults["not found by question"] += sum(not self._answers(archive, i) for i in some)

    def complete(self, folder: Path) -> bool:
        """Whether the archive is as if it had never been killed."""
        with Archive(folder, self._embedder) as archive:
            everything = {i for ids in self._passages.values() for i in ids}
            return everything == {*archive.database.passage_ids()} == archive.vectors.ids()

    def _near(self, archive: Archive, article_id: str) -> bool:
        first = min(self._passages[article_id])
        vector = archive.database.vectors([first]).get(first)
        if vector is None:
            return False
        nearest = archive.vectors.search(vector, 10)
        same = nearest[-1][1] > 0.99999  # ten others have the very same text
        return same or any(i.startswith(article_id) for i, _ in nearest)

    def _answers(self, archive: Archive, article_id: str) -> bool:
        article = self._articles[article_id]
        question = f"{article.title} {' '.join(article.text.split()[:20])}"
        hits = retrieval.search(archive, question, Filter(), 5)
        return any(article_id in (h.article.id, *(c.id for c in h.also)) for h in hits)


def run(file: Path, kills: int, seed: int, name: str) -> Sums:
    """Kill so often, check after each, and let every archive be completed."""
    random, sums, embedder = Random(seed), Sums(), build(name)
    articles = [item for item in read([file]) if isinstance(item, Article)]
    trial = Trial(articles, embedder, sums)
    while sum(sums.kills.values()) < kills:
        with TemporaryDirectory(prefix="dateline-kill-") as folder:
            data, acknowledged, done = Path(folder, "data"), set[str](), False
            command = [sys.executable, "-m", "evals.kill_bench", "--articles", str(file)]
            command += ["--embedder", name, "--child", str(data)]
            while not done and sum(sums.kills.values()) < kills:
                newest, done = killed(command, random, sums.kills)
                acknowledged |= newest
                sums.acknowledged.append(len(acknowledged))
                trial.check(data, acknowledged, newest, random)
                print(f"{sum(sums.kills.values())} kills, {sums.faults}", file=sys.stderr)
            again = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
            whole = again == 0 and trial.complete(data)
            sums.faults["re-run not complete"] += not whole
            sums.rounds += whole
    return sums


def build(name: str) -> Embedder:
    """The packaged embedder, or a fake one that costs nothing."""
    return SentenceTransformerEmbedder() if name == "packaged" else HashingEmbedder()


def table(sums: Sums, given: argparse.Namespace, seconds: float) -> str:
    """The result in Markdown."""
    when = ", ".join(f"{count} while {name}" for name, count in sorted(sums.kills.items()))
    kept = sums.acknowledged
    rows = {
        "embedder": "fake (words hashed)" if given.embedder == "fake" else given.embedder,
        "kills (seed)": f"{sum(sums.kills.values())} ({given.seed}): {when}",
        "articles acknowledged at a kill, from / to": f"{min(kept)} / {max(kept)}",
        "archives completed by a re-run, as if never killed": sums.rounds,
        "indexes made anew at start": dict(sums.mended) or "none",
        "questions asked for an article": sums.asked,
        **{f"**{name}**": count for name, count in sums.faults.items()},
        "seconds": round(seconds),
    }
    return "\n".join(
        ["| what | found |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items())]
    )


def main() -> None:
    """Kill, check and print the table; exit 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="a .jsonl file")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--embedder", choices=["fake", "packaged"], default="fake")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.articles, build(given.embedder))
        return
    started = perf_counter()
    sums = run(given.articles, given.kills, given.seed, given.embedder)
    print(table(sums, given, perf_counter() - started))
    sys.exit(1 if any(sums.faults.values()) else 0)


if __name__ == "__main__":
    main()
