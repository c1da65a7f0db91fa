"""Trains an adapter of the packaged language model: which sentence answers, or none.

    python -m evals.train_writer --data DIR --own evals/fitting/a --own evals/fitting/b \
        --out writer.gguf

The model reads numbered sentences and a question and goes on with the number of the sentence that
answers, or `none`, and then with the sentence, cut to what was asked. Low-rank adapters (LoRA, Hu
et al. 2021) on all matrices of the upper layers; the packaged weights, dequantized, stay as they
are. The same command takes up a run that was cut off. Needs, beside the project's own packages,
`pip install gguf accelerate`; llama.cpp loads the file as a LoRA over the packaged GGUF.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

from evals.batching import by_length
from evals.reading_rows import Row, load, own
from evals.writing_groups import NONE, Group, pools
from service.models.gguf import packaged_gguf
from service.verifying import asked, told

RANK = 16
SQUAD = "squad2_dev_half_noxquad"
TOKENS = 1200  # in a batch
AMONG = 300  # texts that are put in order of length at a time
WRITING = 0.3  # weight of what is written after the number
LONGEST = 500  # tokens of a text with its questions
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


class Writer(torch.nn.Module):
    """The packaged model with adapters in the layers from `first` on."""

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


@dataclass(frozen=True, slots=True)
class Example:
    """A text in tokens. `block`: 0 for the sentences, then one number a question.

    `targets`: (place, token that follows, weight).
    """

    ids: list[int]
    block: list[int]
    targets: list[tuple[int, int, float]]


def example(tokenizer: Any, group: Group) -> Example:
    def tokens(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    ids = tokens(told(group.sentences))
    block, targets = [0] * len(ids), []
    for n, item in enumerate(group.asked, 1):
        mine = tokens(asked(item.question))
        end = len(ids) + len(mine) - 1
        reply = tokens(str(item.number) if item.number else NONE)
        targets.append((end, reply[0], 1.0))
        if item.target:
            reply += tokens(f"] {item.target}") + [tokenizer.eos_token_id]
            rest = reply[1:]
            targets += [(end + 1 + i, t, WRITING / len(rest)) for i, t in enumerate(rest)]
            mine += reply[:-1]
        ids, block = ids + mine, block + [n] * len(mine)
    return Example(ids, block, targets)


def collate(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens, places and mask: a question sees the sentences and itself."""
    longest = -(-max(len(e.ids) for e in examples) // 16) * 16
    ids = torch.zeros(len(examples), longest, dtype=torch.long)
    places, block = torch.zeros_like(ids), torch.full_like(ids, -1)
    for i, e in enumerate(examples):
        n, shared = len(e.ids), e.block.count(0)
        ids[i, :n], block[i, :n] = torch.tensor(e.ids), torch.tensor(e.block)
        starts = [e.block.index(b) - shared if b else 0 for b in e.block]
        places[i, :n] = torch.arange(n) - torch.tensor(starts)
    same = block[:, :, None] == block[:, None, :]
    mask = (same | (block[:, None, :] == 0)) & torch.ones(longest, longest).tril().bool()
    return ids, places, mask[:, None]


def loss(model: Writer, examples: Sequence[Example]) -> tuple[Tensor, float, int]:
    """The loss, and how many questions of how many got the right number."""
    states = model.states(*collate(examples))
    rows = [i for i, e in enumerate(examples) for _ in e.targets]
    places, following, weights = zip(*(t for e in examples for t in e.targets), strict=True)
    logits = model.model.lm_head(states[rows, list(places)]).float()
    target, weight = torch.tensor(following), torch.tensor(weights)
    deciding = weight == 1
    right = float((logits.detach().argmax(-1) == target)[deciding].float().mean())
    count = int(deciding.sum())
    total = (cross_entropy(logits, target, reduction="none") * weight).sum() / count
    return total, right, count


def batches(examples: list[Example], rng: random.Random) -> list[list[Example]]:
    """Batches of about `TOKENS` tokens, of texts of about the same length."""
    return by_length(examples, lambda item: len(item.ids), rng, TOKENS, AMONG)


def plan(
    model: Writer, rows: Sequence[Row], epochs: int, tells: float, seed: int
) -> list[list[Example]]:
    """All batches of all epochs, mixed; public rows are used once."""
    rng, mixed = random.Random(seed), []
    found = pools(rows)
    for epoch in range(epochs):
        used = [p for p in found if not epoch or p.rows[0].source != SQUAD]
        groups = [g for p in used for g in p.groups(rng, tells) if g.asked]
        examples = [example(model.tokenizer, g) for g in groups]
        mixed += batches([e for e in examples if len(e.ids) <= LONGEST], rng)
    rng.shuffle(mixed)
    return mixed


def train(args: argparse.Namespace, rows: Sequence[Row]) -> dict[str, Tensor]:
    """The adapters after all batches, or the first `args.steps`; picks up at the checkpoint."""
    torch.manual_seed(args.seed)
    model = Writer(args.first)
    steps = plan(model, rows, args.epochs, args.tells, args.seed)
    steps = steps[: args.steps or len(steps)]
    adapters = model.adapters()
    optimizer = torch.optim.AdamW(adapters.values(), lr=args.lr, weight_decay=0.01)
    if args.begin:
        model.load_state_dict(torch.load(args.begin)["model"], strict=False)
    at = taken_up(args.checkpoint, model, optimizer)
    began, tally = time.monotonic(), Tally()
    for step in range(at, len(steps)):
        for group in optimizer.param_groups:
            group["lr"] = args.lr * min(1, (step + 1) / 40, 1.03 - step / len(steps))
        value, share, count = loss(model, steps[step])
        optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(adapters.values(), 1.0)
        optimizer.step()
        tally.add(float(value.detach()), share, count)
        if (step + 1) % 20 == 0:
            print(
                f"{step + 1}/{len(steps)} {time.monotonic() - began:.0f} s, {tally.told()}",
                flush=True,
            )
        if (step + 1) % 100 == 0 or step + 1 == len(steps):
            keep(args.checkpoint, step + 1, model, optimizer)
    return {n: p.detach() for n, p in adapters.items()}


@dataclass(slots=True)
class Tally:
    """Means over the questions since they were last told."""

    seen: int = 0
    lost: float = 0.0
    right: float = 0.0

    def add(self, value: float, share: float, count: int) -> None:
        self.seen, self.lost = self.seen + count, self.lost + value * count
        self.right += share * count

    def told(self) -> str:
        text = f"loss {self.lost / self.seen:.3f}, right {self.right / self.seen:.3f}"
        self.seen, self.lost, self.right = 0, 0.0, 0.0
        return text


def keep(place: Path, step: int, model: Writer, optimizer: torch.optim.Optimizer) -> None:
    tensors = {f"model.{n}": p.detach() for n, p in model.adapters().items()}
    state = {"step": step, "model": tensors, "optimizer": optimizer.state_dict()}
    torch.save(state, place.with_suffix(".new"))
    place.with_suffix(".new").replace(place)


def taken_up(place: Path, model: Writer, optimizer: torch.optim.Optimizer) -> int:
    """Loads a checkpoint, if there is one; how many steps are done."""
    if not place.exists():
        return 0
    saved = torch.load(place)
    model.load_state_dict(saved["model"], strict=False)
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


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


def save(tensors: Mapping[str, NDArray[np.float16]], out: Path) -> None:
    import gguf  # type: ignore[import-not-found]

    writer = gguf.GGUFWriter(out, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(RANK))
    for name, values in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--own", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("writer.checkpoint"))
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--first", type=int, default=15, help="the first layer with adapters")
    parser.add_argument("--begin", type=Path, help="a checkpoint whose adapters to begin with")
    parser.add_argument("--tells", type=float, default=0.3, help="share of answers to write")
    parser.add_argument("--steps", type=int, help="at most so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=6e-4)
    args = parser.parse_args()
    rows = [r for r in load(args.data) if r.source == SQUAD and not r.kept]
    rows += [row for prefix in args.own for row in own(prefix)]
    from transformers import AutoConfig

    path = packaged_gguf()
    config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
    save(lora(train(args, rows), config), args.out)


if __name__ == "__main__":
    main()
