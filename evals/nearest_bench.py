"""How much does the approximate search miss? `python -m evals.nearest_bench --folder DIR`.

Over the made-up archive of `evals.retrieval_bench`: the nearest passages by Chroma beside those by
the cosines with every vector. Made-up vectors of a cluster lie all about as far from each other,
which is harder than real ones do.
"""

import argparse
import logging
from pathlib import Path
from time import perf_counter

import numpy as np

from evals.retrieval_bench import SEED, opened
from evals.synthetic_archive import SyntheticEmbedder
from index.archive import Archive
from index.embedding import SentenceTransformerEmbedder, Vectors
from index.retrieval import CANDIDATES
from index.tables import pages

DEPTHS = (1, 10, CANDIDATES)


def exact(archive: Archive, asked: Vectors, k: int) -> list[list[str]]:
    """For each of n vectors, shape (n, dimension), the ids of the k nearest, best first."""
    best: list[list[tuple[float, str]]] = [[] for _ in asked]
    for page in pages(archive.database.passage_ids()):
        found = archive.database.vectors(page)
        cosines = asked @ np.stack(list(found.values())).T
        for at, row in enumerate(cosines):
            top = np.argsort(-row)[:k]
            ids = list(found)
            merged = best[at] + [(float(row[n]), ids[n]) for n in top]
            best[at] = sorted(merged, key=lambda pair: -pair[0])[:k]
    return [[passage_id for _, passage_id in row] for row in best]


def main() -> None:
    """Print the share that is found, at several depths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the archive is kept")
    parser.add_argument("--passages", type=int, default=100_000, help="if it has to be built")
    parser.add_argument("--questions", type=int, default=50)
    given = parser.parse_args()
    logging.getLogger("index").setLevel(logging.ERROR)
    asked = SyntheticEmbedder(SentenceTransformerEmbedder(), SEED)
    with opened(given.folder, given.passages) as archive:
        vectors = asked.made(given.questions)
        truth = exact(archive, vectors, CANDIDATES)
        archive.vectors.search(vectors[0], CANDIDATES)  # warm
        started = perf_counter()
        near = [[i for i, _ in archive.vectors.search(vector, CANDIDATES)] for vector in vectors]
        taken = 1000 * (perf_counter() - started) / len(near)
        print(f"{archive.database.counts()[1]:,} passages, {len(near)} questions, {taken:.1f} ms")
        for k in DEPTHS:
            pairs = zip(truth, near, strict=True)
            shares = [len({*right[:k]} & {*found[:k]}) / k for right, found in pairs]
            print(f"of the {k} nearest {np.mean(shares):.3f}, at worst {min(shares):.2f}")


if __name__ == "__main__":
    main()
