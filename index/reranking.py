"""A second look at the first passages, by a model that reads question and passage together.

None is used by default. A cross-encoder of sentence-transformers is named by a setting; any node
postprocessor of LlamaIndex fits through `index.llama`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from index.errors import UsageError
from index.schema import Hit

FIRST = 40  # passages it looks at, unless told otherwise
BATCH = 8


class Reranker(Protocol):
    """Anything that puts hits into an order of its own."""

    name: str
    first: int  # how many of the first hits it is given

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first, with scores of its own; it may leave some out."""
        ...


def reranked(question: str, hits: Sequence[Hit], reranker: Reranker | None) -> list[Hit]:
    """The hits with the first ones in the reranker's order, the others after them.

    If it leaves some out, those that it was not given are left out too: they were worse before.
    """
    if reranker is None or not hits:
        return list(hits)
    first, rest = hits[: reranker.first], hits[reranker.first :]
    kept = reranker.rerank(question, first)
    return [*kept, *_beneath(kept, rest)] if len(kept) == len(first) else kept


def _beneath(above: Sequence[Hit], rest: Sequence[Hit]) -> list[Hit]:
    """The rest, all scores lowered alike so that the best of them is no better than those above."""
    if not rest:
        return []
    lower = min(0.0, min(hit.score for hit in above) - rest[0].score)
    return [replace(hit, score=hit.score + lower) for hit in rest]


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder by name or path. Raises UsageError if it is none.

    Loaded at once: a model that cannot be had should stop the start, not the first question.
    """

    def __init__(self, model: str, device: str = "cpu", first: int = FIRST) -> None:
        self.name = model
        self.first = first
        self._model = _load(model, device)

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first; `parts` keeps each score under "reranker"."""
        pairs = [(question, f"{hit.article.header}\n{hit.passage.text}".strip()) for hit in hits]
        scores = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
        scored = [
            replace(hit, score=float(score), parts={**hit.parts, "reranker": float(score)})
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(scored, key=lambda hit: -hit.score)  # stable: equals keep their order


def _load(model: str, device: str) -> Any:
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # Code in a model's folder, or in a pickle of weights, would run with our rights.
        safe = {"use_safetensors": True}
        loaded = CrossEncoder(model, device=device, trust_remote_code=False, model_kwargs=safe)
        fault = _fault(loaded)
    except Exception as error:  # each kind of damage has an error of its own
        raise UsageError(
            f"The reranker '{model}' cannot be loaded ({_line(error)}): give a "
            "sentence-transformers cross-encoder by a name that can be reached or by a path, or "
            "unset DATELINE_RERANKER to do without."
        ) from error
    if fault:
        raise UsageError(
            f"The reranker '{model}' {fault}: give a cross-encoder that was trained for ranking, "
            "e.g. cross-encoder/ms-marco-MiniLM-L6-v2, or unset DATELINE_RERANKER."
        )
    return loaded


def _fault(model: Any) -> str | None:
    """Why these scores would mean nothing; the library itself makes up weights that are missing."""
    kinds = getattr(model.config, "architectures", None) or ()
    if kinds and not any("Classification" in kind or "CausalLM" in kind for kind in kinds):
        return f"is no cross-encoder but a {kinds[0]}"
    if model.num_labels != 1:
        return f"gives {model.num_labels} scores for a pair instead of one"
    return None


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:200]
