"""How much each feature of a passage counts: a linear model, fitted by `evals.fit_ranking`."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from index.features import FEATURES
from index.terms import Array


def scores(features: Array) -> Array:
    """What `weights/ranking.json` makes of features, shape (n, len(FEATURES)), as shape (n,)."""
    return np.asarray(features @ _weights(), np.float64)


def contributions(features: Array) -> Array:
    """What each feature adds to the score, shape (n, len(FEATURES))."""
    return np.asarray(features * _weights(), np.float64)


@cache
def _weights() -> Array:
    text = files("index").joinpath("weights", "ranking.json").read_text(encoding="utf-8")
    fitted = json.loads(text)["weights"]
    return np.array([fitted[name] for name in FEATURES])
