"""The packaged language model with low-rank adapters (LoRA, Hu et al. 2021), and their export.

Adapters change all matrices of the upper layers; the packaged weights, dequantized, stay as they
are. llama.cpp loads what `save` writes as a LoRA over the packaged GGUF.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import linear

from service.models.gguf import packaged_gguf

RANK = 16
MATRICES = {  # names of the matrices in llama.cpp
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


class Adapted(torch.nn.Module):
    """A matrix with a low-rank change, which starts at nothing."""

    def __init__(self, base: torch.nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = torch.nn.Parameter(torch.empty(RANK, base.in_features))
        self.b = torch.nn.Parameter(torch.zeros(base.out_features, RANK))
        torch.nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        low = linear(x, self.a.to(x.dtype))
        return linear(x, self.base.weight) + linear(low, self.b.to(x.dtype))


class Trainee(torch.nn.Module):
    """The packaged model with adapters in the layers from `first` on; needs `accelerate`."""

    def __init__(self, first: int) -> None:
        super().__init__()
        from transformers import AutoModelForCausalLM, AutoTokenizer

        path = packaged_gguf()
        named = {"gguf_file": path.name}
        self.tokenizer: Any = AutoTokenizer.from_pretrained(path.parent, **named)
        self.model: Any = AutoModelForCausalLM.from_pretrained(
            path.parent, dtype=torch.bfloat16, attn_implementation="sdpa", **named
        )
        self.model.requires_grad_(False)
        self.first = first
        for layer in self.model.model.layers[first:]:
            for part in (layer.self_attn, layer.mlp):
                for name, child in list(part.named_children()):
                    if isinstance(child, torch.nn.Linear):
                        setattr(part, name, Adapted(child))

    def adapters(self) -> dict[str, Tensor]:
        """Names as in the model, with `.a` and `.b`, and their tensors."""
        return {n: p for n, p in self.model.named_parameters() if p.requires_grad}

    def states(self, ids: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """Last hidden states; mask: (texts, 1, tokens, tokens), true where one may look."""
        inner = self.model.model
        with torch.no_grad():
            x = inner.embed_tokens(ids)
            turned = inner.rotary_emb(x, position_ids=places)
            for layer in inner.layers[: self.first]:
                x = layer(x, attention_mask=mask, position_ids=places, position_embeddings=turned)
        for layer in inner.layers[self.first :]:
            x = layer(x, attention_mask=mask, position_ids=places, position_embeddings=turned)
        normed: Tensor = inner.norm(x)
        return normed


def at_rank(tensors: Mapping[str, Tensor], rank: int) -> dict[str, Tensor]:
    """The same changes at a lower rank, by singular value decomposition (Eckart and Young 1936)."""
    made = {}
    for name in (n.removesuffix(".a") for n in tensors if n.endswith(".a")):
        down, up = tensors[f"{name}.a"].float(), tensors[f"{name}.b"].float()
        (outer, left), (inner, right) = torch.linalg.qr(up), torch.linalg.qr(down.T)
        u, s, v = torch.linalg.svd(left @ right.T)
        root = s[:rank].sqrt()
        made[f"{name}.a"] = root[:, None] * (v[:rank] @ inner.T)
        made[f"{name}.b"] = outer @ u[:, :rank] * root
    return made


def lora(tensors: Mapping[str, Tensor], config: Any) -> dict[str, NDArray[np.float16]]:
    """The adapters by llama.cpp's names; rows of queries and keys in the order of its rotations."""
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    made = {}
    for name, tensor in tensors.items():
        layer, matrix, side = re.fullmatch(r"model\.layers\.(\d+)\.(.+)\.(a|b)", name).groups()  # type: ignore[union-attr]
        theirs, values = MATRICES[matrix], tensor.float().numpy()
        if side == "b" and theirs in heads:
            halves = values.reshape(heads[theirs], 2, -1, values.shape[1])
            values = halves.swapaxes(1, 2).reshape(values.shape)
        made[f"blk.{layer}.{theirs}.weight.lora_{side}"] = values.astype(np.float16)
    return made


def save(tensors: Mapping[str, NDArray[np.float16]], rank: int, out: Path) -> None:
    """Write a LoRA file for llama.cpp; needs `pip install gguf`."""
    import gguf  # type: ignore[import-not-found]

    writer = gguf.GGUFWriter(out, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(rank))
    for name, values in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
