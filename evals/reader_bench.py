"""How long does the reader read, and what does it hold? `python -m evals.reader_bench`

Ten sentences with those beside them are read for each question, from the articles and questions of
`evals/fitting/i`, with as many threads as PyTorch has (OMP_NUM_THREADS). Memory is what loading and
reading add to a process that has the embedder.
"""

import argparse
import json
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch

from evals.retrieval_bench import memory
from index.embedding import SentenceTransformerEmbedder
from index.sentences import sentence_spans
from service.reader import WEIGHTS, Reader

ARTICLES = Path(__file__).parent / "fitting" / "i_articles.jsonl"
CASES = ARTICLES.with_name("i_cases.jsonl")


def windows(text: str) -> list[str]:
    """Each sentence with the one before it and the one after it."""
    told = [text[start:end] for start, end in sentence_spans(text, "en")]
    return [" ".join(told[max(0, n - 1) : n + 2]) for n in range(len(told))]


def main() -> None:
    """Load, read, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--sentences", type=int, default=10)
    given = parser.parse_args()
    texts = [json.loads(line)["text"] for line in ARTICLES.open(encoding="utf-8")]
    asked = [json.loads(line)["question"] for line in CASES.open(encoding="utf-8")]
    pool = cycle(window for text in texts for window in windows(text))
    embedder = SentenceTransformerEmbedder()
    embedder.embed(texts)
    embedder.embed_question(asked[0])
    before = memory()[0]
    reader = Reader()
    reader.read(asked[0], list(islice(pool, given.sentences)))
    loaded = memory()[0]
    wall, cpu = [], []
    for question in asked[: given.questions]:
        read = list(islice(pool, given.sentences))
        at, used = perf_counter(), process_time()
        reader.read(question, read)
        wall.append(1000 * (perf_counter() - at))
        cpu.append(1000 * (process_time() - used))
    print(
        f"{given.sentences} sentences with their neighbours, {torch.get_num_threads()} threads: "
        f"{min(wall):.0f} / {np.median(wall):.0f} / {np.percentile(wall, 95):.0f} ms "
        f"(least, median, 95th percentile), {np.median(cpu):.0f} ms of processor time"
    )
    print(
        f"loading adds {(loaded - before) / 1e6:.0f} MB, reading {(memory()[0] - loaded) / 1e6:.0f}"
        f" MB more; weights {WEIGHTS.stat().st_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
