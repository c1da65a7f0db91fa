"""Fit the linear models of the quotes answerer on sets of questions with their articles.

    python -m evals.fit_quotes SET=CORPUS ... --near-misses SET=CORPUS ... --out FILE

Each set is answered over its own corpus. The ranking is a conditional logit (McFadden 1974: which
of these sentences is chosen), the decision a logistic regression, both with a ridge penalty. Sets
whose unanswerable questions are all near misses fit the ranking only: they would teach the decision
that what shares no word with a question may be its answer. Every figure printed for a set comes
from a fit on the other sets, and so do the chances from which the threshold is taken.

All is fitted twice, the second time without what the reader says, for languages that it does not
know; how the verifier joins in is fitted upon that by `evals.fit_verifying`. With --keep a run that
was cut off is taken up by the same command, set by set.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from evals.quotes_rows import Array, Seen, looked_at
from service.answerability import SIGNS
from service.rules import Linear
from service.sentence_features import FEATURES

REFUSED_ANSWERABLE = 0.06  # the threshold refuses this share of what could be answered
RIDGE = 0.003  # of the ranking, per standard deviation
DECISION_RIDGE = 0.02  # of the decision, likewise


def fit_ranking(seen: Sequence[Seen]) -> Linear:
    """Weights under which a sentence that bears a fact is chosen among those of its question."""
    told = [(s.features, s.bears) for s in seen if s.answerable and s.bears.any()]
    rows = np.vstack([features for features, _ in told])
    middle, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    cases = [
        (torch.tensor((features - middle) / scale), torch.tensor(bears > 0))
        for features, bears in told
    ]
    weights = torch.zeros(len(FEATURES), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        chances = [torch.log_softmax(x @ weights, 0)[bears].logsumexp(0) for x, bears in cases]
        total = -torch.stack(chances).mean() + RIDGE * (weights**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return _linear(weights.detach().numpy() / scale, middle, 0.0, FEATURES)


def fit_answering(seen: Sequence[Seen], ranking: Linear) -> Linear:
    """Weights under which what can be answered is told from what cannot.

    A logistic regression in which each sign may only speak the way that `SIGNS` says.
    """
    rows = np.array([s.signs(ranking) for s in seen])
    side = np.array([1.0 if s.answerable else -1.0 for s in seen])
    middle, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    values = np.column_stack([np.ones(len(rows)), (rows - middle) / scale])

    def loss(weights: Array) -> tuple[float, Array]:
        margin = side * (values @ weights)
        ridge = np.concatenate([[0.0], weights[1:]]) * DECISION_RIDGE
        pull = values.T @ (-side / (1 + np.exp(margin))) / len(side) + 2 * ridge
        return float(np.logaddexp(0, -margin).mean() + ridge @ weights), pull

    free = (None, None)
    ways = {1: (0.0, None), -1: (None, 0.0), 0: free}
    bounds = [free, *(ways[way] for way in SIGNS.values())]
    start = np.zeros(len(bounds))
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return _linear(found[1:] / scale, middle, float(found[0]), SIGNS)


def _linear(weights: Array, middle: Array, intercept: float, names: Iterable[str]) -> Linear:
    named = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    return Linear(intercept - float(weights @ middle), named)


def fit_both(seen: Sequence[Seen], near_misses: Sequence[Seen]) -> tuple[Linear, Linear]:
    """The ranking, and upon it the decision."""
    ranking = fit_ranking([*seen, *near_misses])
    return ranking, fit_answering(seen, ranking)


def judged(seen: Sequence[Seen], ranking: Linear, answering: Linear) -> tuple[Array, Array]:
    """The chance that each case is answered, and whether the best sentence bears a fact."""
    odds = np.array([float(answering(s.signs(ranking), SIGNS)) for s in seen])
    first = [s.bears[int(np.argmax(ranking(s.features, FEATURES)))] for s in seen]
    return 1 / (1 + np.exp(-odds)), np.array(first)


def main() -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="SET=CORPUS")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--near-misses", nargs="+", default=[], metavar="SET=CORPUS")
    parser.add_argument("--reader", type=Path, help="other weights of the reader")
    parser.add_argument("--keep", type=Path, help="folder for what was measured, used again")
    arguments = parser.parse_args()
    sets = _looked_at(arguments.pairs, arguments)
    near = [s for n in _looked_at(arguments.near_misses, arguments).values() for s in n]
    fitted = {
        "about": f"fitted by evals/fit_quotes.py on {' '.join(arguments.pairs)}"
        f" --near-misses {' '.join(arguments.near_misses)}",
        "companion": 2.0,
        "most": 4,
        "reader": _rule(sets, near),
    }
    print("without the reader")
    unread = {name: [s.unread for s in seen] for name, seen in sets.items()}
    fitted["words"] = _rule(unread, [s.unread for s in near])
    arguments.out.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def _rule(sets: Mapping[str, list[Seen]], near: Sequence[Seen]) -> dict[str, object]:
    chances, answerable = _left_out(sets, near)
    threshold = float(np.quantile(chances[answerable], REFUSED_ANSWERABLE))
    refused = float((chances[~answerable] < threshold).mean())
    print(f"all: threshold {threshold:.3f} refuses {refused:.3f} of the unanswerable")
    ranking, answering = fit_both([s for seen in sets.values() for s in seen], near)
    return {
        "ranking": {"intercept": ranking.intercept, "weights": ranking.weights},
        "answering": {"intercept": answering.intercept, "weights": answering.weights},
        "threshold": round(threshold, 4),
    }


def _looked_at(pairs: Sequence[str], given: argparse.Namespace) -> dict[str, list[Seen]]:
    seen = {}
    for pair in pairs:
        set_, corpus = pair.split("=", 1)
        started = perf_counter()
        seen[set_] = looked_at(Path(set_), Path(corpus), given.reader, given.keep)
        print(f"{set_}: {len(seen[set_])} cases, {perf_counter() - started:.0f} s", flush=True)
    return seen


def _left_out(
    sets: Mapping[str, list[Seen]], near: Sequence[Seen]
) -> tuple[Array, NDArray[np.bool_]]:
    """Chances of all cases, each from a fit on the other sets; prints a line per set."""
    chances, answerable = [], []
    for name, seen in sets.items():
        others = [s for other, group in sets.items() for s in group if other != name]
        chance, first = judged(seen, *fit_both(others or seen, near))
        could = np.array([s.answerable for s in seen])
        threshold = np.quantile(chance[could], REFUSED_ANSWERABLE)
        print(
            f"{name}: first sentence right {first[could].mean():.3f}, answerability AUC "
            f"{roc_auc_score(could, chance):.3f}, refused at {REFUSED_ANSWERABLE:.0%} wrongly: "
            f"{(chance[~could] < threshold).mean():.3f}"
        )
        chances.append(chance)
        answerable.append(could)
    return np.concatenate(chances), np.concatenate(answerable)


if __name__ == "__main__":
    main()
