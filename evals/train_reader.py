"""Rebuilds the reader's weights from public question-answering files and our own.

    python -m evals.train_reader --data DIR --own evals/fitting/a --own evals/fitting/b \
        --out service/weights/reader.safetensors

DIR holds the files of `evals.reading_rows.FILES` (`NAME.jsonl.gz`), a question and its passage
a line: `id`, `question`, `passage`, `answers`, `answerable`, `lang`. The figures printed at the end
are measured on what is kept back. The same command takes up a run that was cut off; to start anew,
delete the checkpoint.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from evals.reading_measures import kept_back, measure
from evals.reading_pairs import Maker, Pair
from evals.reading_rows import FILES, OWN, OWN_REPEATS, Row, load, own
from index.embedding import packaged_encoder
from service import reader

RANK, RANK_WORDS = 32, 16
LONGEST = 192  # word pieces of a training pair
TOKENS = 2560  # word pieces in a batch
STEP = 32  # lengths are rounded up to multiples of this, for few shapes of matrices


@dataclass(frozen=True, slots=True)
class Example:
    encoding: Encoding
    first: int
    last: int


def example(tokenizer: Tokenizer, pairs: Sequence[Pair]) -> list[Example]:
    """Word pieces and the answer's first and last of them; both 0 if none, or cut off."""
    encodings = reader.encode(tokenizer, [(pair.question, pair.passage) for pair in pairs])
    made = []
    for pair, encoding in zip(pairs, encodings, strict=True):
        first = encoding.char_to_token(pair.start, 1) if pair.end > pair.start else None
        last = encoding.char_to_token(pair.end - 1, 1) if pair.end > pair.start else None
        known = first is not None and last is not None
        made.append(Example(encoding, first or 0, last or 0) if known else Example(encoding, 0, 0))
    return made


def batches(examples: list[Example], rng: random.Random) -> list[list[Example]]:
    """Batches of about `TOKENS` word pieces, of pairs of about the same length."""
    rng.shuffle(examples)
    made: list[list[Example]] = []
    for at in range(0, len(examples), 2000):
        part: list[Example] = []
        for item in sorted(examples[at : at + 2000], key=lambda item: len(item.encoding.ids)):
            if part and (len(part) + 1) * -(-len(item.encoding.ids) // STEP) * STEP > TOKENS:
                made.append(part)
                part = []
            part.append(item)
        made.append(part)
    rng.shuffle(made)
    return made


def epoch(
    maker: Maker, rows: Sequence[Row], tokenizer: Tokenizer, seed: str
) -> list[list[Example]]:
    rng = random.Random(seed)
    chosen = []
    for name, count in FILES.items():
        mine = [row for row in rows if row.source == name]
        chosen += rng.sample(mine, min(count, len(mine)))
    chosen += OWN_REPEATS * [row for row in rows if row.source == OWN]
    return batches(example(tokenizer, [maker.pair(row, rng) for row in chosen]), rng)


def fresh(state: dict[str, Tensor], seed: int) -> dict[str, Tensor]:
    """What is trained: adapters that change nothing yet, token types, and heads."""
    torch.manual_seed(seed)
    made: dict[str, Tensor] = {}
    for name, weight in state.items():
        if weight.ndim == 2 and "position" not in name and "token_type" not in name:
            rank = RANK_WORDS if "word_embeddings" in name else RANK
            made[f"{name}:up"] = torch.zeros(weight.shape[0], rank)
            made[f"{name}:down"] = torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1])
        elif weight.ndim == 1 or "token_type" in name:
            made[name] = weight.clone()
    width = state["embeddings.word_embeddings.weight"].shape[1]
    for layer, (out, inner) in {
        "span.0": (width, width),
        "span.1": (2, width),
        "answer.0": (width // 2, 3 * width),
        "answer.1": (1, width // 2),
    }.items():
        made[f"{layer}.weight"] = torch.randn(out, inner) / math.sqrt(inner)
        made[f"{layer}.bias"] = torch.zeros(out)
    return {name: tensor.requires_grad_() for name, tensor in made.items()}


def train(args: argparse.Namespace, rows: Sequence[Row], device: torch.device) -> dict[str, Tensor]:
    """The trained tensors, after as many epochs as asked; picks up at the last checkpoint."""
    path = packaged_encoder()
    encoder: torch.nn.Module = reader.load_encoder(path)
    encoder.to(device)
    base = {name: tensor.detach() for name, tensor in encoder.state_dict().items()}
    learned = {n: t.detach().to(device).requires_grad_() for n, t in fresh(base, args.seed).items()}
    tokenizer = reader.load_tokenizer(path, LONGEST)
    maker = Maker(rows)
    optimizer = torch.optim.AdamW(learned.values(), lr=args.lr, weight_decay=0.01)
    plan = epoch(maker, rows, tokenizer, f"{args.seed}-0")
    per_epoch, at, drawn = len(plan), 0, 0
    total = round(per_epoch * args.epochs)
    if args.checkpoint.exists():
        saved = torch.load(args.checkpoint, map_location=device)
        optimizer.load_state_dict(saved["optimizer"])
        at = saved["step"]
        for name, tensor in saved["learned"].items():
            learned[name].data.copy_(tensor)
    began = time.monotonic()
    for step in range(at, total):
        if step // per_epoch != drawn:
            drawn = step // per_epoch
            plan = epoch(maker, rows, tokenizer, f"{args.seed}-{drawn}")
        for group in optimizer.param_groups:
            group["lr"] = args.lr * min(1, (step + 1) / 60, 1.02 - step / total)
        with torch.autocast(device.type, torch.bfloat16):
            losses = loss(encoder, base, learned, plan[step % per_epoch % len(plan)], device)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(losses)
        torch.nn.utils.clip_grad_norm_(learned.values(), 1.0)
        optimizer.step()
        if (step + 1) % 50 == 0:
            parts = " ".join(f"{float(part.detach()):.3f}" for part in losses)
            print(
                f"{step + 1}/{total} {time.monotonic() - began:.0f} s, losses {parts}", flush=True
            )
        if (step + 1) % 100 == 0 or step + 1 == total:
            state = {"step": step + 1, "learned": learned, "optimizer": optimizer.state_dict()}
            torch.save(state, args.checkpoint.with_suffix(".new"))
            args.checkpoint.with_suffix(".new").replace(args.checkpoint)
    return {name: tensor.detach().cpu().half().contiguous() for name, tensor in learned.items()}


def loss(
    encoder: torch.nn.Module,
    base: dict[str, Tensor],
    learned: dict[str, Tensor],
    examples: Sequence[Example],
    device: torch.device,
) -> list[Tensor]:
    """Losses of the span and of answerability."""
    batch = reader.Batch(
        *(t.to(device) for t in reader.collate([e.encoding for e in examples], STEP))
    )
    table = "embeddings.word_embeddings.weight"
    adapters = {name: t for name, t in learned.items() if not name.startswith(table)}
    vectors = base[table][batch.ids] + learned[f"{table}:up"][batch.ids] @ learned[f"{table}:down"]
    output = functional_call(
        encoder,
        reader.merged(base, adapters),
        kwargs={
            "inputs_embeds": vectors,
            "attention_mask": batch.mask,
            "token_type_ids": batch.types,
        },
    )
    edges, answer = reader.heads(output.last_hidden_state, batch, learned)
    target = torch.tensor([(e.first, e.last) for e in examples], device=device)
    ruled_out = (batch.types & reader.PASSAGE) == 0
    ruled_out[:, 0] = False
    edges = edges.masked_fill(ruled_out.unsqueeze(-1), reader.NEVER)
    span = cross_entropy(edges[..., 0], target[:, 0]) + cross_entropy(edges[..., 1], target[:, 1])
    return [span / 2, binary_cross_entropy_with_logits(answer, (target[:, 0] > 0).float())]


def save(tensors: dict[str, Tensor], out: Path, seed: int) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "seed": str(seed),
        "data": " ".join([*FILES, OWN]),
        "script": "evals/train_reader.py",
        "licence": "CC-BY-SA-4.0",
    }
    save_file(tensors, out.with_suffix(".new"), metadata=about)
    out.with_suffix(".new").replace(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--own", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("reader.checkpoint"))
    parser.add_argument("--epochs", type=float, default=2.6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = load(args.data) + [row for prefix in args.own for row in own(prefix)]
    print(
        f"{len(rows)} rows, {sum(bool(r.other) for r in rows)} in two languages,",
        f"{sum(r.kept for r in rows)} kept back",
        flush=True,
    )
    tensors = train(args, [row for row in rows if not row.kept], device)
    sets = kept_back(rows)
    tensors["calibration"] = torch.tensor([1.0, 0.0, 0.0])
    save(tensors, args.out, args.seed)
    tensors["calibration"] = torch.tensor(measure(args.out, sets))
    save(tensors, args.out, args.seed)


if __name__ == "__main__":
    main()
