"""Fit the linear model that ranks passages, on several sets of questions together.

    python -m evals.fit_ranking SET=ARCHIVE[=WEIGHT] ... \
        --out index/weights/ranking.json

ARCHIVE is a data directory into which the corpus of that set was ingested, e.g. by
`dateline ingest articles.jsonl --data ARCHIVE`. A conditional logit (McFadden 1974) with a ridge
penalty: for each question, the chance that one of its gold passages comes first, and that each of
them comes before all that are not gold. It is fitted twice: the first order goes by the features
alone, the second has also seen how each passage stands in the first. A set weighs 1 unless told
otherwise, however many questions it has; the packaged weights gave 3 to the one set whose answers
lie in several articles. Figures are printed for each set from a fit on the others, and for each
half of it from a fit that saw the other half only. The same files give the same weights.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from evals.ranking_rows import SHOWN, Array, Order, Question, by_words, measure, questions
from index.features import FEATURES, OWN
from index.ranking import NAMES, complete

RIDGE = 0.001
RIDGE_BESIDE = 0.003  # of features that only refine: what an outlet changes, and the standing
FIRST = 0.5  # what it weighs that any gold passage comes first, against that all come early


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the first order, shape (len(FEATURES),), and of the second, (len(NAMES),)."""

    first: Array
    second: Array

    def __call__(self, question: Question) -> Array:
        """A score for each candidate."""
        return np.asarray(_features(question, self.first) @ self.second, np.float64)


def _features(question: Question, first: Array | None) -> Array:
    """Of each candidate; with its standing in the first order by these weights."""
    own = question.seen.features[:, : len(FEATURES)]
    return own if first is None else complete(own, question.seen.found, first)


class Fit:
    """The loss of weights over the questions of one set, and its gradient.

    first: weights of the first order, if this is the second fit.
    """

    def __init__(self, asked: Sequence[Question], first: Array | None = None) -> None:
        told = [q for q in asked if q.gold.any() and not q.gold[q.kept].all()]
        self._rows = np.concatenate([_features(q, first)[q.kept] for q in told])
        self._gold = np.concatenate([q.gold[q.kept] for q in told])
        sizes = [int(q.kept.sum()) for q in told]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._of = np.repeat(np.arange(len(sizes)), sizes)

    def __call__(self, weights: Array) -> tuple[float, Array]:
        logits = self._rows @ weights
        logits -= np.maximum.reduceat(logits, self._starts)[self._of]
        power = np.exp(logits)
        total, gold = self._sum(power), self._sum(power * self._gold)
        first = np.log(total) - np.log(gold)
        slope = power / total[self._of] - power * self._gold / gold[self._of]
        early, slope_early = self._early(logits, power, total - gold)
        mixed = FIRST * slope + (1 - FIRST) * slope_early
        loss = float((FIRST * first + (1 - FIRST) * early).mean())
        return loss, self._rows.T @ mixed / len(self._starts)

    @property
    def width(self) -> int:
        """How many weights there are."""
        return int(self._rows.shape[1])

    def _early(self, logits: Array, power: Array, others: Array) -> tuple[Array, Array]:
        """Each gold passage against all that are not gold, on average over a question's gold."""
        rivals = others[self._of] + power
        many = self._sum(self._gold.astype(float))
        loss = self._sum(np.where(self._gold, np.log(rivals) - logits, 0.0)) / many
        pull = (self._sum(np.where(self._gold, 1 / rivals, 0.0)) / many)[self._of]
        slope = np.where(self._gold, (power / rivals - 1) / many[self._of], power * pull)
        return loss, slope

    def _sum(self, values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, self._starts), np.float64)


Weighted = tuple[Sequence[Question], float]  # a set and what it weighs


def fitted(sets: Sequence[Weighted]) -> Weights:
    """Weights under which gold comes first."""
    first = _minimum([Fit(asked) for asked, _ in sets], sets)
    return Weights(first, _minimum([Fit(asked, first) for asked, _ in sets], sets))


def _minimum(fits: Sequence[Fit], sets: Sequence[Weighted]) -> Array:
    shares = np.array([share for _, share in sets]) / sum(share for _, share in sets)
    ridge = np.where(np.arange(fits[0].width) < len(OWN), RIDGE, RIDGE_BESIDE)

    def loss(weights: Array) -> tuple[float, Array]:
        found = [fit(weights) for fit in fits]
        value = float(shares @ np.array([value for value, _ in found]))
        slope = shares @ np.stack([slope for _, slope in found])
        return value + float(ridge @ weights**2), slope + 2 * ridge * weights

    best = minimize(loss, np.zeros(fits[0].width), jac=True, method="L-BFGS-B")
    return np.asarray(best.x, np.float64)


def told(label: str, asked: Sequence[Question], order: Order) -> None:
    figures = measure(asked, order)
    print(f"{label:28}", *(f"{figures[name]:.3f}" for name in SHOWN), sep="  ", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("sets", nargs="+", metavar="SET=ARCHIVE[=WEIGHT]")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    sets = [_read(*named.split("=")) for named in given.sets]
    report(sets)
    names = ", ".join(_name(*named.split("=")) for named in given.sets)
    write(given.out, f"fitted by evals/fit_ranking.py on {names}", fitted(sets))


def write(out: Path, about: str, weights: Weights) -> None:
    """What `index.ranking` reads."""
    first = dict(zip(FEATURES, weights.first.round(4).tolist(), strict=True))
    second = dict(zip(NAMES, weights.second.round(4).tolist(), strict=True))
    told = {"about": about, "first": first, "weights": second}
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _name(path: str, _folder: str, share: str = "1") -> str:
    """The set, wherever its files lie, and what it weighs."""
    return f"{'/'.join(Path(path).parts[-2:])} (weight {share})"


def _read(path: str, folder: str, share: str = "1") -> Weighted:
    return questions(Path(path), Path(folder)), float(share)


def report(sets: Sequence[Weighted]) -> None:
    """What the weights are worth where they were not fitted."""
    print(f"{'':28}", *SHOWN, sep="  ")
    for n, (asked, share) in enumerate(sets):
        others = [*sets[:n], *sets[n + 1 :]]
        told(f"set {n}, words alone", asked, by_words)
        if others:
            told(f"set {n}, fit without it", asked, fitted(others))
        halves = [[q for q in asked if q.half == half] for half in (0, 1)]
        weights = [fitted([*others, (half, share)]) for half in halves]
        told(f"set {n}, fit on its other half", asked, by_other_half(*weights))


def by_other_half(first: Weights, second: Weights) -> Order:
    """Scores by weights that were fitted on the half that a question is not in."""
    return lambda question: (second, first)[question.half](question)


if __name__ == "__main__":
    main()
