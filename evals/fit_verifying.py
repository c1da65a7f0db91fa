"""Fit how far the verifier may turn the decision of the quotes answerer where that is close.

    python -m evals.fit_verifying SET=CORPUS ... --out service/weights/quotes.json

Runs the verifier over the close cases of each set as the answerer meets them: a logistic regression
over the two log-odds. Its intercept is moved until it refuses as many answerable questions as are
refused without the verifier, so that all that is gained goes to refusing the others. Figures of a
set come from a fit on the other sets. What is written are the packaged rules with this one. With
--keep a run that was cut off is taken up, set by set.
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
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from evals import case
from evals.case import Case
from evals.quotes_rows import PROGRAM, digest, retrieved
from service.reader import WEIGHTS, Reader
from service.rules import VERIFIED, Linear, load_weights
from service.verifying import Verifier

RULES = WEIGHTS.with_name("quotes.json")
Rows = NDArray[np.float64]  # of the cases of a set: answerable, and the two of `VERIFIED`


async def verified(cases: Sequence[Case], corpus: Path) -> Rows:
    """Each case that has sentences; what the verifier says is NaN where it is not asked."""
    rows, verifier = [], Verifier()
    async for item, question, hits, quotes in retrieved(cases, corpus, Reader()):
        weighed = quotes.weigh(question, hits)
        if weighed and weighed.basis == "reader":
            near = weighed.rule.close(weighed.log_odds)
            odds = await verifier.odds(*weighed.to_verify()) if near else np.nan
            rows.append((float(item.answerable), weighed.log_odds, odds))
    await verifier.close()
    return np.array(rows)


def fit(rows: Rows, threshold: float) -> Linear:
    """The rule over close cases; threshold: log-odds from which something answers."""
    rows = rows[~np.isnan(rows[:, 2])]
    could, values = rows[:, 0] > 0, rows[:, 1:]
    found = LogisticRegression(C=1.0).fit(values, could)
    odds = found.decision_function(values)
    refused = int((values[could, 0] < threshold).sum())
    ordered = np.sort(odds[could])
    edge = ordered[max(refused - 1, 0) : refused + 1].mean()
    weights = dict(zip(VERIFIED, map(float, found.coef_[0]), strict=True))
    return Linear(float(found.intercept_[0]) + threshold - float(edge), weights)


def turned(rows: Rows, rule: Linear) -> Rows:
    """Log-odds of every case, where it is close by the rule, shape (n,)."""
    return np.where(np.isnan(rows[:, 2]), rows[:, 1], rule(rows[:, 1:], VERIFIED))


def report(name: str, rows: Rows, rule: Linear, threshold: float) -> None:
    """A line on one set, without the verifier and with it."""
    could, told = rows[:, 0] > 0, f"{name}: close {(~np.isnan(rows[:, 2])).mean():.2f}"
    for odds in (rows[:, 1], turned(rows, rule)):
        refused = odds < threshold
        told += (
            f", AUC {roc_auc_score(could, odds):.3f} refused {refused[~could].mean():.3f}"
            f" wrongly {refused[could].mean():.3f}"
        )
    print(told, flush=True)


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
        report(name, rows, fit(np.concatenate(others), threshold), threshold)
    fitted = json.loads(RULES.read_text(encoding="utf-8"))
    fitted["reader"]["verifying"] = asdict(fit(np.concatenate([*sets.values()]), threshold))
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
