"""Before an article is stored: its passages, and the texts to embed for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder
from index.glossing import readable
from index.schema import Article, Passage
from index.splitting import header_for, split

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """An article, split."""

    article: Article
    passages: Sequence[Passage]
    digests: Sequence[str]  # one for each passage: of its text under the header, and of the model
    texts: Mapping[str, str]  # what is to be embedded, by digest


@dataclass(frozen=True, slots=True)
class Work:
    """A batch of articles on its way; what is stored as it is has no part."""

    items: Sequence[tuple[Article, Part | None]]
    vectors: Mapping[str, Vector] = field(default_factory=dict)  # by digest

    @property
    def texts(self) -> dict[str, str]:
        """All that is to be embedded, by digest."""
        return {d: text for _, part in self.items if part for d, text in part.texts.items()}


def prepared(article: Article, embedder: Embedder) -> Part:
    """The article in passages, each with its header for the embedder to read."""

    def read(text: str) -> str:
        return readable(text, article.language, embedder.languages)

    def count(text: str) -> int:
        return max(embedder.count(each) for each in {text, read(text)})  # a gloss may be longer

    passages = split(article, count, embedder.max_tokens)
    header = header_for(article, count)
    texts = [read(f"{header}\n{passage.text}".strip()) for passage in passages]
    digests = [_digest(embedder.name, text) for text in texts]
    return Part(article, passages, digests, dict(zip(digests, texts, strict=True)))


def _digest(model: str, text: str) -> str:
    return blake2b(f"{model}\n{text}".encode(), digest_size=16).hexdigest()
