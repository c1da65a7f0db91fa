"""Exact match and token F1 of SQuAD (arXiv 1606.05250), for sets whose answers are a few words.

They speak about cases with one fact, whose forms are the reference answers: the best form counts.
An answer of whole sentences scores low here by its nature; `facts_found` is the figure for those,
and of the bare answer that is set off in it whether it says the fact, and its token F1.
"""

import re
import string
from collections import Counter

from evals.case import Case
from evals.matching import fold, says, without_marks
from evals.result import Result

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def tokens(text: str) -> list[str]:
    """Words in lower case, without punctuation and without a, an, the."""
    return _ARTICLES.sub(" ", fold(text).translate(_PUNCTUATION)).split()


def exact(case: Case, result: Result) -> float | None:
    """1 where the answer is one of the forms and nothing else; 0 for a refusal."""
    said = _said(result)
    return max((float(said == tokens(form)) for form in _forms(case)), default=None)


def f1(case: Case, result: Result) -> float | None:
    """Harmonic mean of the precision and recall of the words, over the best form."""
    said = _said(result)
    return max((_overlap(said, tokens(form)) for form in _forms(case)), default=None)


def bare(case: Case, result: Result) -> float | None:
    """1 where the bare answer says the fact; 0 where it does not, or none is set off."""
    told = result.bare or ""
    return max((float(says(told, form)) for form in _forms(case)), default=None)


def bare_f1(case: Case, result: Result) -> float | None:
    """Token F1 of the bare answer, over the best form; 0 where none is set off."""
    told = tokens(result.bare or "")
    return max((_overlap(told, tokens(form)) for form in _forms(case)), default=None)


def _forms(case: Case) -> tuple[str, ...]:
    return case.facts[0] if len(case.facts) == 1 else ()


def _said(result: Result) -> list[str]:
    return [] if result.refused else tokens(without_marks(result.answer))


def _overlap(said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    shared = (Counter(said) & Counter(gold)).total()
    return 2 * shared / (len(said) + len(gold))
