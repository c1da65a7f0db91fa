"""An embedder without weights, for what measures all but the embedding."""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from index.embedding import Vectors
from index.model_prompts import Prompts

NO_PROMPTS = Prompts()


class HashingEmbedder:
    """Words hashed into the numbers of a vector: texts that share words are near each other."""

    languages: frozenset[str] | None = None
    max_tokens = 256

    def __init__(
        self, name: str = "hashing", dimension: int = 64, prompts: Prompts = NO_PROMPTS
    ) -> None:
        self.name = name
        self.prompts = prompts
        self.dimension = dimension
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            vectors[row, 0] = 1e-3  # no text is the zero vector
            for word in re.findall(r"\w+", text.casefold()):
                place = int.from_bytes(blake2b(word.encode(), digest_size=4).digest())
                vectors[row, place % self.dimension] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / norms, np.float32)

    def embed_question(self, text: str) -> Vectors:
        """The unit vector of a question, shape (dimension,)."""
        return np.asarray(self.embed([text])[0], np.float32)

    def count(self, text: str) -> int:
        """Words of the text."""
        return len(text.split())
