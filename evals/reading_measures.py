"""How well the reader reads what was kept back, and the calibration of its chances."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor

from evals.reading_pairs import Maker, Pair, sentences
from evals.reading_rows import Row
from service import reader

Sets = dict[str, list[tuple[Pair, Row]]]


def kept_back(rows: Sequence[Row]) -> Sets:
    """The sets measured: SQuAD's paragraphs whole, the others as windows with and without."""
    kept = [row for row in rows if row.kept]
    maker, rng = Maker(kept), random.Random(0)
    sets: Sets = defaultdict(list)
    for row in kept:
        if row.source.startswith("squad2"):
            start = row.passage.find(row.answers[0]) if row.answers else 0
            end = start + len(row.answers[0]) if row.answers else 0
            sets[f"squad2 {row.lang}"].append((Pair(row.question, row.passage, start, end), row))
            if row.other:
                pair = Pair(row.other, row.passage, start, end)
                sets[f"squad2 {row.lang}, the other language asks"].append((pair, row))
        elif row.answers:
            for made in (maker.answered(row, rng), maker.away(row, rng), maker.crossed(row, rng)):
                if made:
                    sets[row.source].append((made, row))
    return {name: rng.sample(found, min(800, len(found))) for name, found in sorted(sets.items())}


def normal(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.lower()) if w not in ("a", "an", "the")]


def f1(said: str, answers: Sequence[str]) -> float:
    """SQuAD's: shared words; an empty answer is right when there is none."""
    if not answers or not said:
        return float(not answers and not said)
    best = 0.0
    for answer in answers:
        a, b = Counter(normal(said)), Counter(normal(answer))
        best = max(best, 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values())))
    return best


def auc(yes: np.ndarray, score: np.ndarray) -> float:
    """Chance that an answerable pair scores above one that is not."""
    order = np.argsort(np.argsort(score, kind="stable"), kind="stable") + 1.0
    n = int(yes.sum())
    return float((order[yes].sum() - n * (n + 1) / 2) / max(1, n * (len(yes) - n)))


def calibrated(odds: Tensor, spans: Tensor, truth: Tensor) -> list[float]:
    """Weights of the two scores and a constant that make their sum the log-odds of an answer."""
    x = torch.stack([odds, spans, torch.ones_like(odds)], dim=1).numpy()
    side = np.where(truth.numpy() > 0, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margin = side * (x @ weights)
        pull = x.T @ (-side * expit(-margin)) / len(side)
        return float(np.logaddexp(0, -margin).mean()), pull

    return [float(v) for v in minimize(loss, np.array([1.0, 0.0, 0.0]), jac=True).x]


def measure(out: Path, sets: Sets) -> list[float]:
    """Prints the figures of uncalibrated weights over the kept-back sets; the calibration."""
    model = reader.Reader(weights=out)
    items = [item for found in sets.values() for item in found]
    pairs = [(pair.question, pair.passage) for pair, _ in items]
    ranges = [sentences(pair.passage) for pair, _ in items]
    readings = model.read_pairs(pairs, ranges)
    odds = torch.tensor([r.answerable for r in readings]).double().logit(1e-6)
    spans = torch.tensor([r.span for r in readings]).double()
    truth = torch.tensor([pair.end > 0 for pair, _ in items])
    weights = calibrated(odds, spans, truth.double())
    chance = torch.sigmoid(weights[0] * odds + weights[1] * spans + weights[2]).numpy()
    right, first = np.zeros(len(items)), np.full(len(items), np.nan)
    for i, ((pair, row), reading) in enumerate(zip(items, readings, strict=True)):
        answers = row.answers if pair.end else ()
        said = pair.passage[reading.start : reading.end] if chance[i] >= 0.5 else ""
        right[i] = f1(said, answers)
        if answers and len(ranges[i]) > 1:
            a, b = ranges[i][int(np.argmax([part.chance for part in reading.ranges]))]
            first[i] = any(answer in pair.passage[a:b] for answer in answers)
    print(f"{'set':42} {'pairs':>5} {'F1':>5} {'F1 ans':>6} {'AUC':>5} {'Brier':>5} {'sent@1':>6}")
    start = 0
    for name, found in sets.items():
        part, start = slice(start, start + len(found)), start + len(found)
        yes, p = truth[part].numpy(), chance[part]
        print(
            f"{name:42} {len(found):5} {right[part].mean():5.3f} {right[part][yes].mean():6.3f} "
            f"{auc(yes, p):5.3f} {((p - yes) ** 2).mean():5.3f} {np.nanmean(first[part]):6.3f}"
        )
    return weights
