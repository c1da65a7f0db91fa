"""How long is retrieval for one question? `python -m evals.retrieval_bench --passages 100000`.

Over a made-up archive (`evals.synthetic_archive`), which is kept in `--folder` for the next time.
All is timed that a question waits for: understanding it, its embedding by the packaged model, both
searches, loading, ranking and copies. What the stores take is told apart; "ours" is the rest.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from evals.synthetic_archive import SyntheticEmbedder, Writer, fill
from index.archive import Archive
from index.database import ARCHIVE
from index.embedding import SentenceTransformerEmbedder
from index.schema import Filter
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Question

Clock = Callable[[], float]  # seconds
SEED = 7
NOW = date(2024, 1, 1)
STAGES: Mapping[str, tuple[str, ...]] = {
    "embed": ("embed_question",),
    "words": ("lexical.search",),
    "nearest": ("vectors.search",),
    "filter": ("passing", "admitted", "admitted_among"),
    "rows": ("stubs",),
    "texts": ("load",),
    "copies": ("copies",),
    "archive": ("outlets", "languages", "span", "counts", "document_frequency"),
}
ASKED: Mapping[str, Question] = {
    "no filter": Question("", asked_at=NOW),
    "one week": Question("", since=date(2019, 5, 6), until=date(2019, 5, 12), asked_at=NOW),
    "eight of ten years": Question("", since=date(2016, 1, 1), asked_at=NOW),
    "small outlet": Question("", outlets=("smallest",), asked_at=NOW),
    "large outlets": Question("", outlets=("largest",), asked_at=NOW),
    "large outlets, five years": Question(
        "", since=date(2019, 1, 1), outlets=("largest",), asked_at=NOW
    ),
}


class Timed:
    """A store whose calls are timed, under the stage they belong to."""

    def __init__(self, store: Any, name: str, spent: Counter[str], clock: Clock) -> None:
        self._store, self._name, self._spent, self._clock = store, name, spent, clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        both = (name, f"{self._name}.{name}")
        stage = next((s for s, calls in STAGES.items() if set(calls) & set(both)), None)
        return self._timed(found, stage) if stage and callable(found) else found

    def _timed(self, call: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = self._clock()
            try:
                return call(*arguments)
            finally:
                self._spent[stage] += self._clock() - started  # type: ignore[assignment]

        return timed


class Bench:
    """An archive under a stopwatch."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._clock = clock
        self.spent: Counter[str] = Counter()
        named = archive.database.outlets()
        ordered = sorted(named, key=lambda o: -archive.lexical.passing(Filter(outlets=(o,))))
        self._outlets = {"smallest": ordered[-1:], "largest": ordered[:20]}
        archive.vectors.count()  # opened before it is wrapped
        watched: Any = archive
        for name in ("database", "embedder"):
            setattr(watched, name, Timed(getattr(archive, name), name, self.spent, clock))
        watched.derived._vectors = Timed(archive.vectors, "vectors", self.spent, clock)
        watched.derived.lexical = Timed(archive.lexical, "lexical", self.spent, clock)
        self._pipeline = Pipeline(archive, QuotesAnswerer(archive))

    def rows(self, questions: Sequence[str]) -> Iterator[tuple[str, dict[str, list[float]]]]:
        """For each filter, ms per stage of each question."""
        for name, asked in ASKED.items():
            outlets = tuple(o for size in asked.outlets for o in self._outlets[size])
            yield name, self._measured(replace(asked, outlets=outlets), questions)

    def _measured(self, asked: Question, questions: Sequence[str]) -> dict[str, list[float]]:
        taken: dict[str, list[float]] = {name: [] for name in ("all", *STAGES, "ours")}
        for text in questions:
            self.spent.clear()
            started = self._clock()
            self._pipeline.find(replace(asked, text=text))
            whole = self._clock() - started
            for stage in STAGES:
                taken[stage].append(1000 * self.spent[stage])
            taken["all"].append(1000 * whole)
            taken["ours"].append(1000 * (whole - sum(self.spent.values())))
        return taken


def opened(folder: Path, passages: int) -> Archive:
    """The made-up archive, built if it is not there."""
    embedder = SyntheticEmbedder(SentenceTransformerEmbedder(), SEED)
    if not (folder / ARCHIVE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        Archive(folder, embedder).close()
        fill(folder, embedder, Writer(SEED), passages)
    return Archive(folder, embedder)


def table(rows: Iterator[tuple[str, dict[str, list[float]]]]) -> str:
    """Median and 95th percentile, in ms, as Markdown."""
    lines = [f"| filter | {' | '.join(('all', *STAGES, 'ours'))} |"]
    lines.append("|---" * (len(STAGES) + 3) + "|")
    for name, taken in rows:
        cells = (f"{np.median(ms):.1f} / {np.percentile(ms, 95):.1f}" for ms in taken.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory() -> tuple[int, int]:
    """Bytes that are this process's own, and bytes of files, which the system may take back."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").open(encoding="ascii"))
    own, mapped = (int(told[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile"))
    return own, mapped


def main() -> None:
    """Build the archive if need be, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the archive is kept")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--cpu", action="store_true", help="CPU time, where others use the cores")
    given = parser.parse_args()
    logging.getLogger("index").setLevel(logging.ERROR)
    folder = given.folder or Path("var") / f"bench-{given.passages}"
    with opened(folder, given.passages) as archive:
        articles, passages = archive.database.counts()
        bench, writer = (
            Bench(archive, process_time if given.cpu else perf_counter),
            Writer(SEED + 1),
        )
        list(bench.rows([writer.question() for _ in range(5)]))  # warm
        unit = "ms of CPU" if given.cpu else "ms"
        print(f"{passages:,} passages of {articles:,} articles; median / p95 in {unit}\n")
        print(table(bench.rows([writer.question() for _ in range(given.questions)])))
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        own, mapped = memory()
        print(
            f"\n{own / 1e9:.2f} GB of memory and {mapped / 1e9:.2f} GB of files mapped into it, "
            f"{disk / 1e9:.2f} GB on disk"
        )


if __name__ == "__main__":
    main()
