"""How fast is ingesting? `python -m evals.ingest_bench --articles FILE`.

Block by block, in turning order, the same passages go through the bare model (float32, batches of
8), the bare model as Dateline runs it, Dateline's whole ingest (splitting, copies, SQL, Chroma,
Tantivy) and LlamaIndex's pipeline into Chroma; where there is no time for that, Dateline goes over
all blocks and the others over some drawn at random. Ratios are medians over the blocks that all
went over, for a machine is seldom quiet; seconds of processor time are told beside those of the
clock for the same reason. Then the same again unchanged, a change of the model, and memory.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from evals.hashing import HashingEmbedder
from evals.rivals import bare, llama_index
from index.archive import Archive
from index.embedding import SentenceTransformerEmbedder
from index.ingest import Report, ingest, read
from index.preparing import prepared
from index.schema import Article

FIRST, OWN, OURS = "bare, float32", "bare, as Dateline embeds", "dateline ingest"
SEED = 1
SHORT = 2500  # characters of an article where only memory is measured


@dataclass
class Took:
    """What one of them took for each block it went over, by the block's number."""

    passages: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)

    def add(self, block: int, passages: int, work: Callable[[], object]) -> None:
        """Do the work and note what it took."""
        busy = process_time()
        self.seconds[block] = _timed(work)
        self.cpu[block] = process_time() - busy
        self.passages[block] = passages

    def figures(self, bare: "Took", own: "Took") -> dict[str, object]:
        """Passages a second, and how that compares with the bare model's at either precision."""
        many = sum(self.passages.values())
        return {
            "passages": many,
            "seconds": round(sum(self.seconds.values()), 1),
            "per_second": round(many / sum(self.seconds.values()), 1),
            "to_bare": _ratios(bare.seconds, self.seconds),
            "to_own": _ratios(own.seconds, self.seconds),
            "per_cpu_second": round(many / sum(self.cpu.values()), 1),
            "to_bare_cpu": _ratios(bare.cpu, self.cpu),
            "to_own_cpu": _ratios(own.cpu, self.cpu),
        }


def measured(
    articles: Sequence[Article], size: int, others: int | None, folder: Path
) -> Iterator[dict[str, object]]:
    """The figures, one after the other; `others`: of how many blocks the rest have to do too."""
    embedder = SentenceTransformerEmbedder()
    blocks = [articles[at : at + size] for at in range(0, len(articles), size)]
    with Archive(folder / "data", embedder) as archive:
        contestants = _contestants(archive, embedder, folder)
        took = {name: Took() for name in contestants}
        everyone = Random(SEED).sample(range(len(blocks)), min(others or 10**9, len(blocks)))
        for turn, block in enumerate(blocks):
            texts = [text for a in block for text in prepared(a, embedder).texts.values()]
            order = list(contestants) if turn in everyone else [OURS]
            for name in order[turn % len(order) :] + order[: turn % len(order)]:
                took[name].add(turn, len(texts), partial(contestants[name], block, texts))
            print(f"{turn + 1} of {len(blocks)} blocks", file=sys.stderr)
        for name, found in took.items():
            yield {"what": name, **found.figures(took[FIRST], took[OWN])}
        first = sum(took[OURS].seconds.values())
        again = _timed(lambda: _ingest(archive, articles))
        yield {
            "what": "again, unchanged",
            "seconds": round(again, 2),
            "faster": round(first / again),
        }
    yield from _changed(folder / "data", sum(took[OURS].passages.values()), first)


def _contestants(
    archive: Archive, embedder: SentenceTransformerEmbedder, folder: Path
) -> dict[str, Callable[[Sequence[Article], Sequence[str]], object]]:
    encode, rival = bare(), llama_index(folder / "rival")
    for warm in (encode, embedder.embed, *([rival] if rival else [])):
        warm(["So that all is loaded."])
    prepared(Article("warm", "warm", "So that all is loaded."), embedder)
    found: dict[str, Callable[[Sequence[Article], Sequence[str]], object]] = {
        FIRST: lambda _, texts: encode(texts),
        OWN: lambda _, texts: embedder.embed(texts),
        OURS: lambda block, _: _ingest(archive, block),
    }
    if rival:
        found["LlamaIndex IngestionPipeline"] = lambda _, texts: rival(texts)
    return found


def _changed(folder: Path, passages: int, first: float) -> Iterator[dict[str, object]]:
    other = SentenceTransformerEmbedder()
    other.embed(["So that all is loaded."])
    other.name = "another"
    with Archive(folder, other, any_embedder=True) as archive:
        took = _timed(lambda: archive.reindex())
        figures = {"per_second": round(passages / took, 1), "to_first": round(took / first, 2)}
        yield {"what": "after a change of the model", "seconds": round(took, 1), **figures}
        took = _timed(lambda: archive.reindex())
        yield {"what": "reindex with the same model", "seconds": round(took, 1)}


def _ingest(archive: Archive, articles: Sequence[Article]) -> None:
    for _ in ingest(iter(articles), archive, Report()):
        pass


def _ratios(bare: Mapping[int, float], took: Mapping[int, float]) -> list[float]:
    """How much faster than the bare model: median, least and most over the blocks of both."""
    ratios = [bare[block] / took[block] for block in bare.keys() & took.keys()]
    return [round(figure(ratios), 3) for figure in (median, min, max)]


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def memory(file: Path, many: int, folder: Path) -> dict[str, object]:
    """Peak memory of a process that ingests so many short articles with a fake embedder."""
    corpus = folder / f"{many}.jsonl"
    with corpus.open("w", encoding="utf-8") as opened:
        for line in islice(_short(file), many):
            opened.write(line)
    command = [sys.executable, "-m", "evals.ingest_bench", "--articles", str(corpus)]
    done = subprocess.run(
        [*command, "--child", str(folder / f"data-{many}")], stdout=subprocess.PIPE, check=True
    )
    size = corpus.stat().st_size // 1_000_000
    return {"what": "peak memory", "articles": many, "corpus_MB": size, **json.loads(done.stdout)}


def _short(file: Path) -> Iterator[str]:
    given = [item for item in read([file]) if isinstance(item, Article)]
    for turn in range(10**9):
        for article in given:
            text = f"Number {turn}. {article.text[turn % 7 * 100 :][:SHORT]}"
            yield json.dumps({"id": f"{turn}-{article.name}", "text": text}) + "\n"


def _child(folder: Path, file: Path) -> None:
    with Archive(folder, HashingEmbedder(dimension=384)) as archive:
        archive.vectors  # noqa: B018 (loads Chroma)
        for _ in ingest(islice(read([file]), 32), archive, Report()):
            pass
        start = _peak()
        for _ in ingest(read([file]), archive, Report()):
            pass
        passages = archive.database.counts()[1]
    print(json.dumps({"passages": passages, "start_MB": start, "peak_MB": _peak()}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


def main() -> None:
    """Print one line of JSON for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="a .jsonl file")
    parser.add_argument("--first", type=int, default=None, help="only so many articles")
    parser.add_argument("--block", type=int, default=64, help="articles of a block")
    parser.add_argument("--others", type=int, help="only so many blocks for all but Dateline")
    parser.add_argument("--memory", type=int, nargs="*", default=[], help="numbers of articles")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(given.child, given.articles)
        return
    items = islice(read([given.articles]), given.first)
    articles = [item for item in items if isinstance(item, Article)]
    with TemporaryDirectory(prefix="dateline-ingest-") as folder:
        for many in given.memory:
            print(json.dumps(memory(given.articles, many, Path(folder))), flush=True)
        figures = measured(articles, given.block, given.others, Path(folder))
        for figure in figures if articles else ():
            print(json.dumps(figure), flush=True)


if __name__ == "__main__":
    main()
