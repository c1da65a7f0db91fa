"""Trains an adapter of the packaged language model: which sentence answers, or none.

    python -m evals.train_verifier --data DIR --own evals/fitting/a --own evals/fitting/b \
        --out service/weights/verifier.gguf

The model reads numbered sentences and a question and goes on with the number of the sentence that
answers, or `none`; with `--tells`, then with the sentence, cut to what was asked. The same command
takes up a run that was cut off; `--begin` goes on from the checkpoint of another. Needs, beside the
project's own packages, `pip install gguf accelerate`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from evals.batching import by_length
from evals.reading_rows import Row, load, own
from evals.verifier_model import Trainee, at_rank, lora, save
from evals.verifying_groups import Group, pools
from service.models.gguf import packaged_gguf
from service.verifying import NONE, asked, told

SQUAD = "squad2_dev_half_noxquad"
TOKENS = 1200  # in a batch
AMONG = 300  # texts that are put in order of length at a time
WRITING = 0.3  # weight of what is written after the number
LONGEST = 500  # tokens of a text with its questions


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


def loss(model: Trainee, examples: Sequence[Example]) -> tuple[Tensor, float, int]:
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
    model: Trainee, rows: Sequence[Row], epochs: int, tells: float, seed: int
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
    model = Trainee(args.first)
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


def keep(place: Path, step: int, model: Trainee, optimizer: torch.optim.Optimizer) -> None:
    tensors = {f"model.{n}": p.detach() for n, p in model.adapters().items()}
    state = {"step": step, "model": tensors, "optimizer": optimizer.state_dict()}
    torch.save(state, place.with_suffix(".new"))
    place.with_suffix(".new").replace(place)


def taken_up(place: Path, model: Trainee, optimizer: torch.optim.Optimizer) -> int:
    """Loads a checkpoint, if there is one; how many steps are done."""
    if not place.exists():
        return 0
    saved = torch.load(place)
    model.load_state_dict(saved["model"], strict=False)
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--own", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("verifier.checkpoint"))
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--first", type=int, default=15, help="the first layer with adapters")
    parser.add_argument("--begin", type=Path, help="a checkpoint whose adapters to begin with")
    parser.add_argument("--tells", type=float, default=0.0, help="share of answers to write")
    parser.add_argument("--rank", type=int, default=4, help="of what is written to the file")
    parser.add_argument("--steps", type=int, help="at most so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=6e-4)
    args = parser.parse_args()
    rows = [r for r in load(args.data) if r.source == SQUAD and not r.kept]
    rows += [row for prefix in args.own for row in own(prefix)]
    from transformers import AutoConfig

    path = packaged_gguf()
    config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
    save(lora(at_rank(train(args, rows), args.rank), config), args.rank, args.out)


if __name__ == "__main__":
    main()
