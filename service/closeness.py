"""How close English words are in meaning, one by one."""

from collections.abc import Sequence

from index.embedding import PACKAGED_NAME, Embedder
from service.candidates import SentenceVectors


class Closeness:
    """Cosines by the packaged encoder; another one's are on another scale, and are not asked."""

    def __init__(self, embedder: Embedder) -> None:
        self._vectors = SentenceVectors(embedder)

    def __call__(self, word: str, others: Sequence[str]) -> float:
        """The highest cosine of the word to another, in [-1, 1]; 1 with another encoder."""
        if self._vectors.embedder.name != PACKAGED_NAME:
            return 1.0
        if not others:
            return -1.0
        vectors = self._vectors.embed([(each, "en") for each in (word, *others)])
        return float((vectors[1:] @ vectors[0]).max())
