"""How close English words are in meaning, one by one."""

from collections.abc import Callable, Sequence

from index.embedding import PACKAGED_NAME, Embedder


class Closeness:
    """Cosines by the packaged encoder; another one's are on another scale, and are not asked."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        """`embedder`: the archive's, which may change over to another while this is at work."""
        self._embedder = embedder

    def __call__(self, word: str, others: Sequence[str]) -> float:
        """The highest cosine of the word to another, in [-1, 1]; 1 with another encoder."""
        embedder = self._embedder()
        if embedder.name != PACKAGED_NAME:
            return 1.0
        if not others:
            return -1.0
        vectors = embedder.embed([word, *others])
        return float((vectors[1:] @ vectors[0]).max())
