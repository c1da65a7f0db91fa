"""How much each feature of a passage counts: linear models, fitted by `evals.fit_ranking`.

A first one puts the candidates in order, a second one sees how each of them stands in it.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from index.features import FEATURES, z_scores
from index.schema import ArticleStub, PassageStub
from index.standing import STANDING, standing
from index.terms import Array

NAMES = (*FEATURES, *STANDING)
_OUTLET = FEATURES.index("outlet")


def complete(
    features: Array,
    found: Sequence[tuple[PassageStub, ArticleStub]],
    first: Array | None = None,
) -> Array:
    """Features, shape (n, len(FEATURES)), with the standing in a first order, (n, len(NAMES)).

    first: weights of the first order, shape (len(FEATURES),); those of the package if None.
    """
    order = z_scores(features @ (_weights("first", FEATURES) if first is None else first))
    return np.hstack([features, standing(order, found, features[:, _OUTLET])])


def scores(features: Array) -> Array:
    """What `weights/ranking.json` makes of features, shape (n, len(NAMES)), as shape (n,)."""
    return np.asarray(features @ _weights("weights", NAMES), np.float64)


def contributions(features: Array) -> Array:
    """What each feature adds to the score, shape (n, len(NAMES))."""
    return np.asarray(features * _weights("weights", NAMES), np.float64)


@cache
def _weights(model: str, names: tuple[str, ...]) -> Array:
    text = files("index").joinpath("weights", "ranking.json").read_text(encoding="utf-8")
    fitted = json.loads(text)[model]
    return np.array([fitted[name] for name in names])
