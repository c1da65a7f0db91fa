"""Is the answer in the language of the question?"""

from evals.case import Case
from evals.matching import without_marks
from evals.result import Result
from index.language import closest


def score(case: Case, result: Result) -> float | None:
    """1 or 0; None for a refusal, and where the set does not say the question's language.

    Told among the languages of the question and of the articles cited: sentences are short.
    """
    if result.refused or case.language is None:
        return None
    known = {case.language, *(cited.language for cited in result.citations if cited.language)}
    return float(closest(without_marks(result.answer), known) == case.language)
