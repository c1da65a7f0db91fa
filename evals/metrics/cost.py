"""What an answer cost beside time."""

from evals.case import Case
from evals.result import Result


def tokens(case: Case, result: Result, of: str) -> float | None:
    """Tokens of the "prompt" or the "reply" as the model's server counts; None without a model."""
    return float(result.tokens[of]) if of in result.tokens else None


def passages(case: Case, result: Result) -> float | None:
    """How many passages were found for it."""
    return float(len(result.passages))
