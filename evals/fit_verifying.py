"""Fit what the verifier adds where the decision of the quotes answerer is close.

    python -m evals.fit_verifying SET=CORPUS ... --out service/weights/quotes.json

Runs the verifier over the close cases of each set as the answerer meets them. How far it may turn
the decision is a logistic regression over the two log-odds, whose intercept is moved until it
refuses as many answerable questions as are refused without the verifier, so that all that is gained
goes to refusing the others. How much its chances add to the ranking of the sentences is a
conditional logit. Figures of a set come from a fit on the other sets. What is written are the
packaged rules with these. With --keep a run that was cut off is taken up, set by set.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from evals import case
from evals.case import Case
from evals.quotes_rows import PROGRAM, Array, bearing, digest, retrieved
from service.reader import WEIGHTS, Reader
from service.rules import VERIFIED, Linear, load_weights
from service.verifying import SENTENCES, Verifier

RULES = WEIGHTS.with_name("quotes.json")
Rows = NDArray[np.float64]
"""Of the cases of a set: answerable, the two of `VERIFIED`, and of each sentence that the verifier
reads its log-odds, its log-chance and whether it holds a fact of the answer; NaN is what is not."""
READ = slice(len(VERIFIED) + 1, None)


async def verified(cases: Sequence[Case], corpus: Path) -> Rows:
    """Each case that has sentences."""
    rows, verifier = [], Verifier()
    async for item, question, hits, quotes in retrieved(cases, corpus, Reader()):
        weighed = quotes.weigh(question, hits)
        if weighed and weighed.basis == "reader":
            row = np.full(READ.start + 3 * SENTENCES, np.nan)
            row[:2] = item.answerable, weighed.log_odds
            if weighed.rule.close(weighed.log_odds):
                chances = await verifier.chances(*weighed.to_verify())
                bears = bearing(item, [weighed.found[n] for n in weighed.read])
                each = np.column_stack([weighed.odds[weighed.read], chances.each, bears])
                row[2] = chances.odds
                row[READ][: each.size] = each.ravel()
            rows.append(row)
    await verifier.close()
    return np.array(rows)


def choosing(rows: Rows) -> float:
    """Log-odds that a sentence's log-chance adds: a conditional logit (McFadden 1974) over the
    answerable cases of which some sentences hold a fact, at least 0."""
    odds, chances, bears = _sentences(rows)

    def loss(weights: Array) -> float:
        value = np.where(np.isnan(odds), -np.inf, weights[0] * odds + weights[1] * chances)
        right = np.where(bears > 0, value, -np.inf)
        return float((logsumexp(value, axis=1) - logsumexp(right, axis=1)).sum())

    own, added = minimize(loss, np.ones(2), bounds=[(0.01, None), (0, None)]).x
    return float(added / own)


def first_right(rows: Rows, adds: float) -> float:
    """Share of those cases in which the first sentence holds a fact, if the verifier adds so
    much."""
    odds, chances, bears = _sentences(rows)
    first = np.nanargmax(odds + adds * chances, axis=1)
    return float(bears[np.arange(len(bears)), first].mean())


def _sentences(rows: Rows) -> Array:
    """Log-odds, log-chances and facts of the sentences of cases that have one, (3, n, read)."""
    each = rows[:, READ].reshape(len(rows), SENTENCES, 3).transpose(2, 0, 1)
    return each[:, (rows[:, 0] > 0) & (each[2] > 0).any(axis=1)]


def fit(rows: Rows, threshold: float) -> Linear:
    """The rule over close cases; threshold: log-odds from which something answers."""
    rows = rows[~np.isnan(rows[:, 2])]
    could, values = rows[:, 0] > 0, rows[:, 1 : READ.start]
    found = LogisticRegression(C=1.0).fit(values, could)
    odds = found.decision_function(values)
    refused = int((values[could, 0] < threshold).sum())
    ordered = np.sort(odds[could])
    edge = ordered[max(refused - 1, 0) : refused + 1].mean()
    weights = dict(zip(VERIFIED, map(float, found.coef_[0]), strict=True))
    return Linear(float(found.intercept_[0]) + threshold - float(edge), weights)


def turned(rows: Rows, rule: Linear) -> Array:
    """Log-odds of every case, where it is close by the rule, shape (n,)."""
    return np.where(np.isnan(rows[:, 2]), rows[:, 1], rule(rows[:, 1 : READ.start], VERIFIED))


def report(name: str, rows: Rows, others: Rows, threshold: float) -> None:
    """A line on one set, without the verifier and with it."""
    could, told = rows[:, 0] > 0, f"{name}: close {(~np.isnan(rows[:, 2])).mean():.2f}"
    for odds in (rows[:, 1], turned(rows, fit(others, threshold))):
        refused = odds < threshold
        told += (
            f", AUC {roc_auc_score(could, odds):.3f} refused {refused[~could].mean():.3f}"
            f" wrongly {refused[could].mean():.3f}"
        )
    first = [first_right(rows, adds) for adds in (0.0, choosing(others))]
    print(f"{told}, first right {first[0]:.3f} to {first[1]:.3f}", flush=True)


def main() -> None:
    """Ask, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="SET=CORPUS")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="folder for what the verifier said")
    given = parser.parse_args()
    sets = {pair: _rows(pair, given.keep) for pair in given.pairs}
    weights = load_weights()
    threshold = log(weights.threshold / (1 - weights.threshold))
    for name, rows in sets.items():
        others = [r for other, r in sets.items() if other != name] or [rows]
        report(name, rows, np.concatenate(others), threshold)
    rows = np.concatenate([*sets.values()])
    fitted = json.loads(RULES.read_text(encoding="utf-8"))
    fitted["reader"]["verifying"] = asdict(fit(rows, threshold))
    fitted["reader"]["choosing"] = choosing(rows)
    given.out.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def _rows(pair: str, kept: Path | None) -> Rows:
    set_, corpus = map(Path, pair.split("=", 1))
    state = digest([set_, corpus, RULES, *map(Path, PROGRAM)])
    place = kept / f"{set_.stem}-{state}.npy" if kept else None
    if place and place.exists():
        return np.asarray(np.load(place), np.float64)
    rows = asyncio.run(verified(case.load(set_), corpus))
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        np.save(place, rows)
    return rows


if __name__ == "__main__":
    main()
