"""The fitted rules of the quotes answerer, made by `python -m evals.fit_quotes`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NEAR = 1.5  # log-odds between a decision and its threshold, within which the verifier is asked
VERIFIED = ("decided", "verifier")  # log-odds of the decision, and of the verifier
LINEAR = ("ranking", "answering", "verifying")
Basis = Literal["reader", "words"]


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds as a weighted sum of named values."""

    intercept: float
    weights: Mapping[str, float]

    def __call__(self, values: NDArray[np.float64], names: Iterable[str]) -> NDArray[np.float64]:
        """Log-odds of each row of values, shape (n, len(names)) or (len(names),)."""
        result = values @ np.array([self.weights[name] for name in names]) + self.intercept
        return np.asarray(result, np.float64)

    def parts(self, values: NDArray[np.float64], names: Iterable[str]) -> dict[str, float]:
        """What each value adds to the log-odds, the strongest first; zeros are left out."""
        added = {n: float(v) * self.weights[n] for n, v in zip(names, values, strict=True)}
        return strongest_first(added)


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted."""

    ranking: Linear  # over FEATURES: does this sentence answer
    answering: Linear  # over SIGNS: does anything answer
    threshold: float  # the chance, in [0, 1], from which it does
    companion: float  # how far below the best log-odds a further sentence may lie
    most: int  # sentences in an answer
    verifying: Linear | None = None  # over VERIFIED: the decision anew, with the verifier's odds
    choosing: float = 0.0  # log-odds of a sentence for each log-chance that the verifier gives it

    def close(self, log_odds: float) -> bool:
        """Whether a decision is so close that the verifier is worth its time."""
        if not 0 < self.threshold < 1:
            return False
        return abs(log_odds - log(self.threshold / (1 - self.threshold))) < NEAR


def load_weights(basis: Basis = "reader") -> Weights:
    """The fitted weights that come with the package, with what the reader says or without it."""
    text = files("service").joinpath("weights", "quotes.json").read_text(encoding="utf-8")
    fitted = json.loads(text)
    rule: dict[str, Any] = fitted[basis]
    linear = {name: Linear(**rule[name]) for name in LINEAR if name in rule}
    return Weights(
        **linear,
        threshold=rule["threshold"],
        companion=fitted["companion"],
        most=fitted["most"],
        choosing=rule.get("choosing", 0.0),
    )


def strongest_first(added: Mapping[str, float]) -> dict[str, float]:
    """The same, sorted, without zeros."""
    ordered = sorted(added, key=lambda name: -abs(added[name]))
    return {name: added[name] for name in ordered if added[name]}
