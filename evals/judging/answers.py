"""Answers judged by a language model, with LlamaIndex's evaluators."""

import re
from collections.abc import Awaitable

from llama_index.core.evaluation import (
    CorrectnessEvaluator,
    EvaluationResult,
    FaithfulnessEvaluator,
    RelevancyEvaluator,
)

from evals.case import Case
from evals.judging import Judgement
from evals.judging.llm import ModelLLM
from evals.matching import without_marks
from evals.result import Result
from index.errors import ModelError
from service.models import Model

BEST, WORST = 5.0, 1.0  # of LlamaIndex's correctness


class AnswerJudge:
    """Faithful to what it cites? To the question? Correct beside the known facts?

    *faithfulness* and *relevancy* are yes (1) or no (0), *correctness* the model's mark from 1 to 5
    laid upon [0, 1]; it is asked only where the facts are known.
    """

    def __init__(self, model: Model) -> None:
        llm = ModelLLM(model)
        self.name = model.name
        self._faithful = FaithfulnessEvaluator(llm=llm)
        self._relevant = RelevancyEvaluator(llm=llm)
        self._correct = CorrectnessEvaluator(llm=llm)

    async def __call__(self, case: Case, result: Result) -> Judgement:
        """One judgement; a mark that the model did not give is a failure and no zero."""
        answer = without_marks(result.answer)
        quotes = [cited.quote for cited in result.citations] or ["(nothing was cited)"]
        asked = {
            "faithfulness": self._faithful.aevaluate(response=answer, contexts=quotes),
            "relevancy": self._relevant.aevaluate(
                query=case.question, response=answer, contexts=quotes
            ),
        }
        if case.facts:
            known = "; ".join(forms[0] for forms in case.facts)
            asked["correctness"] = self._correct.aevaluate(
                query=case.question, response=answer, reference=known
            )
        judgement = Judgement(case.id, self.name)
        for name, waiting in asked.items():
            await _judge(judgement, name, waiting)
        return judgement


async def _judge(judgement: Judgement, name: str, waiting: Awaitable[EvaluationResult]) -> None:
    try:
        score = _score(name, await waiting)
    except (
        ModelError,
        ValueError,
    ) as error:  # ValueError: a mark LlamaIndex cannot read
        judgement.failed[name] = str(error)
        return
    if score is None:
        judgement.failed[name] = "the model gave no mark"
    else:
        judgement.scores[name] = score


def _score(name: str, said: EvaluationResult) -> float | None:
    if name == "correctness":
        mark = said.score
        known = mark is not None and WORST <= mark <= BEST
        return (mark - WORST) / (BEST - WORST) if known and mark is not None else None
    # LlamaIndex takes every reply without a "yes" for a no, an empty one too.
    words = re.findall(r"[a-z]+", (said.feedback or "").lower())
    verdict = next((word for word in words if word in ("yes", "no")), None)
    return None if verdict is None else float(verdict == "yes")
