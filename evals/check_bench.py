"""How well the check of a model's sentences tells true from false, beside plain word overlap.

    python -m evals.check_bench DIR [--most 3000]

DIR holds the files of `evals.check_rows.FILES`. Printed for each set: the share of the true that
pass, the share of the false that pass, and the balanced accuracy (the mean of sensitivity and
specificity) with its 95 % bootstrap interval. Word overlap is the share of the claim's words that
stand in one sentence of the passage; its threshold is the best one of the other sets together. A
last line gives the interval of the difference of the two, drawn in pairs.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.bootstrap import Scores, draw_means, interval
from evals.check_rows import Row, load
from index.embedding import SentenceTransformerEmbedder
from index.lexical import stems
from index.sentences import sentence_spans
from service.checking import support
from service.closeness import Closeness

Passed = NDArray[np.bool_]
GRID = np.linspace(0, 1, 51)  # thresholds tried


def checked(rows: Sequence[Row]) -> Passed:
    """Which claims the check lets pass."""
    embedder = SentenceTransformerEmbedder()
    close = Closeness(lambda: embedder)
    return np.array([bool(support(row.claim, [1], [row.hit], close)) for row in rows])


def overlap(row: Row) -> float:
    """The share, in [0, 1], of the claim's words that stand in the nearest sentence."""
    text, language = row.hit.passage.text, row.hit.article.language
    words = set(stems(row.claim, None))
    parts = [text[start:end] for start, end in sentence_spans(text, language)]
    return max(len(words & set(stems(part, None))) for part in parts) / max(len(words), 1)


def balanced(true: Passed, passed: Passed) -> float:
    """Mean of the shares of true ones passed and of false ones stopped, in [0, 1]."""
    return float(passed[true].mean() + (~passed)[~true].mean()) / 2


def threshold(sets: Sequence[tuple[Passed, Scores]]) -> float:
    """The threshold with the best balanced accuracy, on average over the sets."""
    means = [np.mean([balanced(true, scores >= at) for true, scores in sets]) for at in GRID]
    return float(GRID[int(np.argmax(means))])


def draws(true: Passed, passed: Passed) -> Scores:
    """Balanced accuracy of each bootstrap draw of the rows."""
    right = passed == true
    by_kind = np.where(np.stack([true, ~true], axis=1), right[:, None], np.nan)
    halves: Scores = draw_means(by_kind).mean(axis=1)
    return halves


def line(name: str, true: Passed, passed: Passed) -> str:
    """One line of the table."""
    low, high = interval(draws(true, passed))
    shares = f"{passed[true].mean():.3f} {passed[~true].mean():.3f}"
    return f"{name:28} {shares} {balanced(true, passed):.3f} ({low:.3f} to {high:.3f})"


def main() -> None:
    """Judge every set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("--most", type=int, default=3000, help="rows of a set")
    arguments = parser.parse_args()
    sets = load(arguments.data, arguments.most)
    true = {name: np.array([row.true for row in rows]) for name, rows in sets.items()}
    scores = {name: np.array([overlap(row) for row in rows]) for name, rows in sets.items()}
    print("share of true and of false passed, balanced accuracy (95 % interval)", flush=True)
    for name, rows in sets.items():
        at = threshold([(true[other], scores[other]) for other in sets if other != name])
        plain, ours = scores[name] >= at, checked(rows)
        print(f"{name}: {true[name].sum()} true, {(~true[name]).sum()} false")
        print(line(f"  overlap from {at:.2f}", true[name], plain))
        print(line("  check", true[name], ours))
        gain = draws(true[name], ours) - draws(true[name], plain)
        low, high = interval(gain)
        print(f"  difference {low:+.3f} to {high:+.3f}", flush=True)


if __name__ == "__main__":
    main()
