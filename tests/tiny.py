"""Models of a few thousand random numbers, made where they are needed: nothing is downloaded."""

import json
import os
from pathlib import Path
from typing import Any

WORDS = "the a of council voted vote budget red house who what more query passage : ##s .".split()
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"bdefghijklmnopqrstuvwxyz"]


def tiny_encoder(folder: Path, longest: int = 128) -> Path:
    """A BERT without a head."""
    from transformers import BertModel

    return _saved(BertModel(_config(longest)), folder, longest)


def tiny_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """A BERT that scores pairs."""
    from transformers import BertForSequenceClassification

    config = _config(128)
    config.num_labels = labels
    return _saved(BertForSequenceClassification(config), folder, 128)


def tiny_embedder(folder: Path, longest: int = 128, **prompts: str) -> Path:
    """A sentence-transformers model that declares these prompts."""
    from sentence_transformers import SentenceTransformer

    bare = tiny_encoder(folder / "bare", longest)
    model = SentenceTransformer(str(bare), device="cpu")
    model.save(str(folder / "model"))
    described = folder / "model" / "config_sentence_transformers.json"
    known = json.loads(described.read_text())
    described.write_text(json.dumps({**known, "prompts": prompts}))
    return folder / "model"


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return os.mkdir, (str(self._canary),)


def pickled(folder: Path, canary: Path) -> Path:
    """The same model with its weights in a pickle, which does something else as well."""
    import torch
    from safetensors.torch import load_file

    (weights,) = folder.rglob("model.safetensors")
    state = {**load_file(weights), "payload": Payload(canary)}
    torch.save(state, weights.with_name("pytorch_model.bin"))
    weights.unlink()
    return folder


def _config(longest: int) -> Any:
    import torch
    from transformers import BertConfig

    torch.manual_seed(7)
    return BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=longest,
        initializer_range=0.5,  # far enough apart to tell texts from each other
    )


def _saved(model: Any, folder: Path, longest: int) -> Path:
    from transformers import BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(PIECES))
    model.save_pretrained(str(folder))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), model_max_length=longest)
    tokenizer.save_pretrained(str(folder))
    return folder
