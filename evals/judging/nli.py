"""A model for natural language inference, to judge whether a text follows from another."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evals.judging.citations import Entails
from index.errors import UsageError

BATCH = 8


def cross_encoder(name: str, device: str = "cpu") -> Entails:
    """A sentence-transformers cross-encoder by name or path.

    Raises UsageError where it cannot be loaded or has no class for entailment.
    """
    model = _load(name, device)
    labels = [str(label).lower() for _, label in sorted(model.config.id2label.items())]
    entailment = next((at for at, label in enumerate(labels) if label.startswith("entail")), None)
    if entailment is None:
        raise UsageError(
            f"{name} does not tell entailment (its classes: {', '.join(labels)}). "
            "Name a model for natural language inference."
        )

    def entails(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        scores = model.predict(list(pairs), batch_size=BATCH, show_progress_bar=False)
        return [int(row.argmax()) == entailment for row in np.asarray(scores)]

    return entails


def _load(name: str, device: str) -> Any:
    from sentence_transformers import CrossEncoder

    try:
        # Code in a model's folder, or in a pickle of weights, would run with our rights.
        safe = {"use_safetensors": True}
        return CrossEncoder(name, device=device, trust_remote_code=False, model_kwargs=safe)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The inference model {name} cannot be loaded: give a cross-encoder by a name that "
            "can be reached or by a path."
        ) from error
