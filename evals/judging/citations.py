"""Citation recall and precision of ALCE (arXiv 2305.14627), judged by an inference model."""

from collections.abc import Callable, Sequence

from evals.case import Case
from evals.judging import Judgement
from evals.metrics.support import cited_sentences
from evals.result import Result

Entails = Callable[[Sequence[tuple[str, str]]], list[bool]]  # (premise, hypothesis) pairs


class CitationJudge:
    """Do the quotes that a sentence cites entail it?

    *alce_recall*: the share of sentences that all their quotes together entail. *alce_precision*:
    the share of citations, of sentences so entailed, that entail the sentence by themselves or
    without which the others do not; all citations of other sentences count as useless.
    """

    def __init__(self, name: str, entails: Entails) -> None:
        self.name = name
        self._entails = entails

    async def __call__(self, case: Case, result: Result) -> Judgement:
        """One judgement; no score of precision where nothing is cited."""
        sentences = [
            (text, [each.quote for each in cited]) for text, cited in cited_sentences(result)
        ]
        whole = self._borne(sentences)
        useful = [
            self._useful(text, quotes, at)
            for (text, quotes), borne in zip(sentences, whole, strict=True)
            for at in range(len(quotes))
            if borne
        ]
        cited = sum(len(quotes) for _, quotes in sentences)
        scores = {"alce_recall": sum(whole) / len(whole)} if whole else {}
        if cited:
            scores["alce_precision"] = sum(useful) / cited
        return Judgement(case.id, self.name, scores)

    def _borne(self, sentences: Sequence[tuple[str, list[str]]]) -> list[bool]:
        pairs = [(" ".join(quotes), text) for text, quotes in sentences if quotes]
        entailed = iter(self._entails(pairs) if pairs else [])
        return [bool(quotes) and next(entailed) for _, quotes in sentences]

    def _useful(self, text: str, quotes: list[str], at: int) -> bool:
        if len(quotes) == 1:
            return True
        others = " ".join([*quotes[:at], *quotes[at + 1 :]])
        alone, without = self._entails([(quotes[at], text), (others, text)])
        return alone or not without
