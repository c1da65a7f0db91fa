"""The measures of trec_eval, the field's common scorer, by its own code (`pytrec_eval`)."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pytrec_eval import RelevanceEvaluator

Measure = Literal["recall", "success", "ndcg_cut", "recip_rank"]


def measured(measure: Measure, gains: Mapping[str, int], ranked: Sequence[str], k: int) -> float:
    """A measure in [0, 1] of the first k of these documents, best first, each named once.

    `gains` holds every document that is to be found, with what finding it is worth (1 for each
    where all are worth the same); it is not empty.
    """
    first = {name: -float(place) for place, name in enumerate(ranked[:k])}
    if not first:
        return 0.0
    asked, given = (measure, measure) if measure == "recip_rank" else _cut(measure, k)
    scored = RelevanceEvaluator({"": dict(gains)}, {asked}).evaluate({"": first})
    return float(scored[""][given])


def _cut(measure: str, k: int) -> tuple[str, str]:
    """How a measure up to a rank is asked for, and the name under which it comes back."""
    return f"{measure}.{k}", f"{measure}_{k}"
