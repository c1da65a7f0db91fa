"""Rerankers without weights."""

from collections.abc import Sequence
from dataclasses import replace

from index.schema import Hit


class ShortestFirst:
    """Likes short passages: the fewer letters, the higher the score."""

    name = "shortest"

    def __init__(self, first: int = 40, most: int | None = None) -> None:
        """most: how many it gives back, all if None."""
        self.first = first
        self._most = most
        self.asked: list[str] = []

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, shortest first."""
        self.asked.append(question)
        scored = [replace(hit, score=-float(len(hit.passage.text))) for hit in hits]
        return sorted(scored, key=lambda hit: -hit.score)[: self._most]
