"""The reader as a reranker: passages that it finds an answer in move up. Off unless it is named."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

from index.glossing import glossed
from index.language import closest
from index.schema import Hit
from index.translation import LANGUAGES
from service.close_reading import READABLE, Reads

NAME = "reader"  # as the setting has it
FIRST = 15  # passages it reads at most: about 25 ms each
WEIGHT = 0.2  # of the log-odds of an answer beside the score of the ranking
LIMIT = 4.0  # log-odds are cut off here: beyond it they say no more


class ReaderReranker:
    """Reads the first passages; what is in a language that it does not know keeps its score."""

    name = NAME

    def __init__(self, reader: Reads, first: int = FIRST) -> None:
        self.first = min(first, FIRST)
        self._reader = reader

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first; `parts` keeps the chance of an answer under "reranker"."""
        spoken = dict.fromkeys(hit.article.language for hit in hits if hit.article.language)
        language = closest(question, [*spoken, *LANGUAGES])
        if language not in READABLE:
            return list(hits)
        legible = [n for n, hit in enumerate(hits) if hit.article.language in READABLE]
        texts = [glossed(hits[n].passage.text, hits[n].article.language).text for n in legible]
        readings = self._reader.read(glossed(question, language).text, texts)
        found = list(hits)
        for n, reading in zip(legible, readings, strict=True):
            found[n] = _scored(hits[n], reading.answerable)
        return sorted(found, key=lambda hit: -hit.score)  # stable: equals keep their order


def _scored(hit: Hit, chance: float) -> Hit:
    odds = log(max(chance, 1e-9) / max(1 - chance, 1e-9))
    score = hit.score + WEIGHT * max(-LIMIT, min(LIMIT, odds))
    return replace(hit, score=score, parts={**hit.parts, "reranker": chance})
