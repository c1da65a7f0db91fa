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
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from evals.batching import by_length
from evals.reading_measures import kept_back, measure
from evals.reading_pairs import Maker, Pair
from evals.reading_rows import FILES, OWN, OWN_REPEATS, Row, load, own
from index.embedding import packaged_encoder
from service import reader

RANK, RANK_WORDS = 32, 16
TABLE = "embeddings.word_embeddings.weight"
LONGEST = 192  # word pieces of a training pair
TOKENS = 2560  # word pieces in a batch
AMONG = 2000  # pairs that are put in order of length at a time
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
    return by_length(examples, lambda item: len(item.encoding.ids), rng, TOKENS, AMONG, STEP)


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


def heads(width: int) -> dict[str, Tensor]:
    """New heads: the answer's edges, and whether there is an answer."""
    made = {}
    for layer, (out, inner) in {
        "span.0": (width, width),
        "span.1": (2, width),
        "answer.0": (width // 2, 3 * width),
        "answer.1": (1, width // 2),
    }.items():
        made[f"{layer}.weight"] = torch.randn(out, inner) / math.sqrt(inner)
        made[f"{layer}.bias"] = torch.zeros(out)
    return made


class Trainee(torch.nn.Module):
    """The encoder with all its weights free but the word vectors, which get an adapter."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.encoder: torch.nn.Module = reader.load_encoder(path)
        self.base = {name: t.detach().clone() for name, t in self.encoder.state_dict().items()}
        for name, weight in self.encoder.named_parameters():
            weight.requires_grad_("word_emb" not in name and "position_emb" not in name)
        words, width = self.base[TABLE].shape
        self.up = torch.nn.Parameter(torch.zeros(words, RANK_WORDS))
        self.down = torch.nn.Parameter(torch.randn(RANK_WORDS, width) / math.sqrt(width))
        named = heads(width)
        self.names = list(named)
        self.heads = torch.nn.ParameterList(named.values())

    def groups(self, rate: float) -> list[dict[str, object]]:
        """What the optimiser moves; what begins at nothing moves faster."""
        free = [weight for weight in self.encoder.parameters() if weight.requires_grad]
        return [
            {"params": free, "rate": rate},
            {"params": [*self.heads], "rate": 3 * rate},
            {"params": [self.up, self.down], "rate": 6 * rate},
        ]

    def forward(self, batch: reader.Batch) -> tuple[Tensor, Tensor]:
        """Scores of edges (pairs, pieces, 2) and of there being an answer (pairs)."""
        table = dict(self.encoder.named_parameters())[TABLE]
        states = self.encoder(
            inputs_embeds=table[batch.ids] + self.up[batch.ids] @ self.down,
            attention_mask=batch.mask,
            token_type_ids=batch.types,
        ).last_hidden_state
        return reader.heads(states, batch, dict(zip(self.names, self.heads, strict=True)))

    def cut(self) -> dict[str, Tensor]:
        """What is shipped: changes of matrices cut to rank `RANK` (Eckart and Young 1936), small
        tensors whole, heads."""
        made = {f"{TABLE}:up": self.up.detach(), f"{TABLE}:down": self.down.detach()}
        for name, weight in self.encoder.state_dict().items():
            if weight.ndim == 2 and "embeddings" not in name:
                u, s, v = torch.linalg.svd(weight - self.base[name].to(weight), False)
                root = s[:RANK].sqrt()
                made[f"{name}:up"], made[f"{name}:down"] = (
                    u[:, :RANK] * root,
                    root[:, None] * v[:RANK],
                )
            elif weight.ndim == 1 or "token_type" in name:
                made[name] = weight
        made |= {name: head.detach() for name, head in zip(self.names, self.heads, strict=True)}
        return {name: tensor.cpu().half().contiguous() for name, tensor in made.items()}


def train(args: argparse.Namespace, rows: Sequence[Row], device: torch.device) -> dict[str, Tensor]:
    """The trained tensors, after as many epochs as asked; picks up at the last checkpoint."""
    torch.manual_seed(args.seed)
    path = packaged_encoder()
    model = Trainee(path).to(device)
    model.train()
    tokenizer = reader.load_tokenizer(path, LONGEST)
    maker = Maker(rows)
    optimizer = torch.optim.AdamW(model.groups(args.lr), weight_decay=0.01, fused=True)
    plan = epoch(maker, rows, tokenizer, f"{args.seed}-0")
    per_epoch, at, drawn = len(plan), 0, 0
    total = args.steps or round(per_epoch * args.epochs)
    if args.checkpoint.exists():
        saved = torch.load(args.checkpoint, map_location=device)
        optimizer.load_state_dict(saved["optimizer"])
        model.load_state_dict(saved["model"])
        at = saved["step"]
    began = time.monotonic()
    for step in range(at, total):
        if step // per_epoch != drawn:
            drawn = step // per_epoch
            plan = epoch(maker, rows, tokenizer, f"{args.seed}-{drawn}")
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1, (step + 1) / 100, 1.02 - step / total)
        torch.manual_seed(args.seed + step)
        with torch.autocast(device.type, torch.bfloat16):
            losses = loss(model, plan[step % per_epoch % len(plan)], device)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(losses)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 50 == 0:
            parts = " ".join(f"{float(part.detach()):.3f}" for part in losses)
            print(
                f"{step + 1}/{total} {time.monotonic() - began:.0f} s, losses {parts}", flush=True
            )
        if (step + 1) % 250 == 0 or step + 1 == total:
            state = {
                "step": step + 1,
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
            }
            torch.save(state, args.checkpoint.with_suffix(".new"))
            args.checkpoint.with_suffix(".new").replace(args.checkpoint)
    return model.cut()


def loss(model: Trainee, examples: Sequence[Example], device: torch.device) -> list[Tensor]:
    """Losses of the span and of answerability."""
    batch = reader.Batch(
        *(t.to(device) for t in reader.collate([e.encoding for e in examples], STEP))
    )
    edges, answer = model(batch)
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
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="SOURCE",
        help="leave out sources whose names begin so; they are still measured",
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("reader.checkpoint"))
    parser.add_argument("--epochs", type=float, default=2.6)
    parser.add_argument("--steps", type=int, help="instead of epochs, to compare at equal length")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1.5e-4)
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = load(args.data) + [row for prefix in args.own for row in own(prefix)]
    print(
        f"{len(rows)} rows, {sum(bool(r.other) for r in rows)} in two languages,",
        f"{sum(r.kept for r in rows)} kept back",
        flush=True,
    )
    left_out = tuple(args.without)
    seen = [row for row in rows if not (row.kept or left_out and row.source.startswith(left_out))]
    tensors = train(args, seen, device)
    sets = kept_back(rows)
    tensors["calibration"] = torch.tensor([1.0, 0.0, 0.0])
    save(tensors, args.out, args.seed)
    tensors["calibration"] = torch.tensor(measure(args.out, sets))
    save(tensors, args.out, args.seed)


if __name__ == "__main__":
    main()
