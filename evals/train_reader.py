"""Rebuilds the reader's weights from public question-answering files.

    python -m evals.train_reader --data DIR --out service/weights/reader.safetensors

DIR holds the files named in FILES (`NAME.jsonl.gz`), a question and its passage a line: `id`,
`question`, `passage`, `answers`, `answerable`, `lang`. Every tenth block of ten passages is kept
back; the figures printed at the end are measured there. The same command takes up a run that was
cut off; to start anew, delete the checkpoint.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from index.sentences import sentence_spans
from service import reader

FILES = {  # how many rows of each file an epoch uses; all have open licences (see the model card)
    "squad2_dev_half_noxquad": 6000,
    "squad2_dev_500_noxquad": 300,
    "squad2_sv_dev_noxquad": 3500,
    "norquad_news": 1800,
    "norquad_wikipedia": 1200,
    "nq_open_oracle": 2700,
    "qamr_devtest": 5000,
    "hotpotqa_train100": 400,
    "musique_train100": 200,
}
RANK, RANK_WORDS = 32, 16
LONGEST = 192  # word pieces of a training pair
TOKENS = 2560  # word pieces in a batch
STEP = 32  # lengths are rounded up to multiples of this, for few shapes of matrices
NAME = re.compile(r"(?<=[\w,] )[A-ZÅÄÖÆØ][\w-]+(?: [A-ZÅÄÖÆØ][\w-]+)*")
NUMBER = re.compile(r"\b\d+\b")


@dataclass(frozen=True, slots=True)
class Row:
    """A question about a passage; `other` is the same question in another language, if known."""

    question: str
    passage: str
    answers: tuple[str, ...]
    lang: str
    source: str
    group: tuple[str, int]
    other: str = ""

    @property
    def kept(self) -> bool:
        return self.group[1] // 10 % 10 == 9


@dataclass(frozen=True, slots=True)
class Pair:
    """What the network sees; `start == end` when the passage does not answer."""

    question: str
    passage: str
    start: int = 0
    end: int = 0


Sets = dict[str, list[tuple[Pair, Row]]]


def load(folder: Path) -> list[Row]:
    """All rows, Swedish and English questions of the same paragraph joined."""
    groups: dict[str, tuple[str, int]] = {}
    counts: Counter[str] = Counter()
    files: dict[str, list[tuple[str, Row]]] = {}
    for name in sorted(FILES, key=lambda name: name != "squad2_sv_dev_noxquad"):
        files[name] = []
        for line in gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8"):
            r = json.loads(line)
            if r["passage"] not in groups:
                groups[r["passage"]] = (name, counts[name])
                counts[name] += 1
            answers = tuple(a for a in r["answers"] if a in r["passage"])
            if bool(answers) == r["answerable"]:
                row = Row(
                    r["question"], r["passage"], answers, r["lang"], name, groups[r["passage"]]
                )
                files[name].append((r["id"].split("-")[-1], row))
    swedish = dict(files["squad2_sv_dev_noxquad"])
    joined = [(e, swedish[key]) for key, e in files["squad2_dev_500_noxquad"] if key in swedish]
    joined += aligned([row for _, row in files["squad2_dev_half_noxquad"]], list(swedish.values()))
    twin = {id(e): s for e, s in joined} | {id(s): e for e, s in joined}
    moved = {e.passage: s.group for e, s in reversed(joined)}
    return [
        replace(
            row,
            other=twin[id(row)].question if id(row) in twin else "",
            group=moved.get(row.passage, row.group),
        )
        for rows in files.values()
        for _, row in rows
    ]


def words(text: str) -> set[str]:
    """What survives translation: beginnings of longer words, and numbers."""
    return {w[:5] for w in re.findall(r"\w{4,}|\d+", text.lower())}


def overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / (len(a | b) + 1)


def monotone(score: np.ndarray) -> list[tuple[int, int]]:
    """The pairs (row, column), both rising, with the greatest sum of scores."""
    best = np.zeros((score.shape[0] + 1, score.shape[1] + 1))
    for i, row in enumerate(score):
        best[i + 1, 1:] = np.maximum(best[i, 1:], best[i, :-1] + row)
        best[i + 1] = np.maximum.accumulate(best[i + 1])
    i, j = score.shape
    pairs = []
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def aligned(english: list[Row], swedish: list[Row]) -> list[tuple[Row, Row]]:
    """The same questions in two languages, from files that keep the original's order."""
    sides: list[dict[str, list[Row]]] = [defaultdict(list), defaultdict(list)]
    for side, rows in zip(sides, (english, swedish), strict=True):
        for row in rows:
            side[row.passage].append(row)
    texts = [list(side) for side in sides]
    keys = [[words(text) for text in side] for side in texts]
    score = np.array([[overlap(a, b) - 0.07 for b in keys[1]] for a in keys[0]])
    pairs = []
    for i, j in monotone(score):
        en, sv = sides[0][texts[0][i]], sides[1][texts[1][j]]
        if [bool(e.answers) for e in en] == [bool(s.answers) for s in sv]:
            pairs += list(zip(en, sv, strict=True))
        else:
            alike = [[alikeness(e, s) for s in sv] for e in en]
            pairs += [(en[a], sv[b]) for a, b in monotone(np.array(alike))]
    return pairs


def alikeness(a: Row, b: Row) -> float:
    if bool(a.answers) != bool(b.answers):
        return -1.0
    text = [words(" ".join([row.question, *row.answers[:1]])) for row in (a, b)]
    return overlap(*text) - 0.1


@cache
def sentences(text: str) -> list[tuple[int, int]]:
    return sentence_spans(text) or [(0, len(text))]


def nearest(question: str, text: str, ranges: Sequence[tuple[int, int]]) -> int:
    """Which of the ranges shares most words with the question."""
    asked = words(question)
    return max(range(len(ranges)), key=lambda i: overlap(asked, words(text[slice(*ranges[i])])))


def window(text: str, around: tuple[int, int], size: int, rng: random.Random) -> tuple[int, int]:
    """Characters of `size` sentences that include those numbered first to last in `around`."""
    ranges = sentences(text)
    low = max(0, around[0] - rng.randrange(size))
    high = min(len(ranges) - 1, max(around[1], low + size - 1))
    return ranges[low][0], ranges[high][1]


class Maker:
    """Makes training pairs of rows: short windows with the answer, and hard ones without."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.passages = list(dict.fromkeys((r.passage, r.lang, r.group) for r in rows))
        postings: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, (text, lang, _) in enumerate(self.passages):
            for word in words(text):
                postings[lang, word].append(i)
        self.postings = {key: found for key, found in postings.items() if len(found) < 150}
        self.names: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            self.names[row.lang] += NAME.findall(row.question)

    def pair(self, row: Row, rng: random.Random) -> Pair:
        if row.other and rng.random() < 0.25:
            row = replace(row, question=row.other)
        if not row.answers:
            return self.unanswered(row, rng)
        draw = rng.random()
        found: Pair | None = None
        if draw < 0.14:
            found = self.crossed(row, rng)
        elif draw < 0.28:
            found = self.away(row, rng)
        elif draw < 0.44:
            found = self.altered(row, rng)
        return found or self.answered(row, rng)

    def unanswered(self, row: Row, rng: random.Random) -> Pair:
        if rng.random() < 0.3:
            return Pair(row.question, row.passage)
        return self.around(row.question, row.passage, rng)

    @staticmethod
    def around(question: str, text: str, rng: random.Random) -> Pair:
        """The sentences of a text that look most like an answer and do not hold one."""
        best = nearest(question, text, sentences(text))
        low, high = window(text, (best, best), rng.randint(1, 6), rng)
        return Pair(question, text[low:high])

    def answered(self, row: Row, rng: random.Random) -> Pair:
        """A window of some sentences around the occurrence that the question is about."""
        ranges, text = sentences(row.passage), row.passage
        spots = [m.span() for a in row.answers[:3] for m in re.finditer(re.escape(a), text)][:20]
        held = [
            [i for i, (a, b) in enumerate(ranges) if a < end and start < b] for start, end in spots
        ]
        sides = [
            (ranges[h[0]][0], ranges[h[-1]][1]) if h else spot
            for h, spot in zip(held, spots, strict=True)
        ]
        best = nearest(row.question, text, sides)
        (start, end), within = spots[best], held[best] or [0, len(ranges) - 1]
        if len(ranges) == 1 and rng.random() < 0.6:
            return self.joined(row, Pair(row.question, text, start, end), rng)
        size = rng.choice((1, 2, 3, 3, 4, 5, len(ranges)))
        low, high = window(text, (within[0], within[-1]), size, rng)
        return Pair(row.question, text[low:high], start - low, end - low)

    def joined(self, row: Row, pair: Pair, rng: random.Random) -> Pair:
        """A lone sentence among sentences that look like it."""
        others = self.alike(row)[:6]
        rng.shuffle(others)
        before, after = others[: rng.randint(0, 2)], others[2 : 2 + rng.randint(0, 2)]
        lead = "".join(f"{text} " for text in before)
        passage = lead + pair.passage + "".join(f" {text}" for text in after)
        return Pair(pair.question, passage, pair.start + len(lead), pair.end + len(lead))

    def away(self, row: Row, rng: random.Random) -> Pair | None:
        """Other sentences of the same article."""
        ranges = sentences(row.passage)
        free = [not self.tells(row, row.passage[a:b]) and b - a > 25 for a, b in ranges]
        starts = [i for i, ok in enumerate(free) if ok]
        if not starts:
            return None
        low = rng.choice(starts)
        high, size = low, rng.randint(1, 6)
        while high + 1 < min(len(ranges), low + size) and free[high + 1]:
            high += 1
        return Pair(row.question, row.passage[ranges[low][0] : ranges[high][1]])

    def altered(self, row: Row, rng: random.Random) -> Pair | None:
        """The question with one name or number changed, over the passage that did answer it."""
        found = [*NUMBER.finditer(row.question), *NAME.finditer(row.question)]
        if not found:
            return None
        spot = rng.choice(found)
        if spot[0].isdigit():
            new = str(max(2, int(spot[0]) + rng.choice((-1, 1)) * rng.randint(1, 12)))
        else:
            near = [n for n in NAME.findall(row.passage) if n not in row.question]
            new = rng.choice(near if near and rng.random() < 0.4 else self.names[row.lang])
        if new.lower() in row.question.lower() or new in row.answers:
            return None
        changed = row.question[: spot.start()] + new + row.question[spot.end() :]
        return replace(self.answered(row, rng), question=changed, start=0, end=0)

    def crossed(self, row: Row, rng: random.Random) -> Pair | None:
        """A passage from elsewhere with the question's rarer words in it."""
        others = self.alike(row)
        if not others:
            return None
        text = rng.choice(others[:5])
        if len(sentences(text)) == 1:
            return Pair(row.question, " ".join([text, *others[5 : 5 + rng.randrange(4)]]))
        return self.around(row.question, text, rng)

    def alike(self, row: Row) -> list[str]:
        """Passages that share words with the question, best first, and do not hold its answer."""
        score: dict[int, float] = defaultdict(float)
        for word in sorted(words(row.question)):
            found = self.postings.get((row.lang, word), [])
            for i in found:
                score[i] += 1 / math.log(2 + len(found))
        best = sorted(score, key=lambda i: (-score[i], i))[:30]
        texts = [self.passages[i] for i in best]
        return [t for t, _, group in texts if group != row.group and not self.tells(row, t)]

    @staticmethod
    def tells(row: Row, text: str) -> bool:
        return any(answer.lower() in text.lower() for answer in row.answers)


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
    path = reader.packaged_encoder()
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


def kept_back(rows: Sequence[Row]) -> Sets:
    """The sets measured: SQuAD's paragraphs whole, the others as windows with and without."""
    kept = [row for row in rows if row.kept]
    maker, rng = Maker(kept), random.Random(0)
    sets: Sets = defaultdict(list)
    for row in kept:
        if row.source.startswith("squad2"):
            start = row.passage.find(row.answers[0]) if row.answers else 0
            end = start + len(row.answers[0]) if row.answers else 0
            sets[f"squad2 {row.lang}"].append((Pair(row.question, row.passage, start, end), row))
            if row.other:
                pair = Pair(row.other, row.passage, start, end)
                sets[f"squad2 {row.lang}, the other language asks"].append((pair, row))
        elif row.answers:
            for made in (maker.answered(row, rng), maker.away(row, rng), maker.crossed(row, rng)):
                if made:
                    sets[row.source].append((made, row))
    return {name: rng.sample(found, min(800, len(found))) for name, found in sorted(sets.items())}


def normal(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.lower()) if w not in ("a", "an", "the")]


def f1(said: str, answers: Sequence[str]) -> float:
    """SQuAD's: shared words; an empty answer is right when there is none."""
    if not answers or not said:
        return float(not answers and not said)
    best = 0.0
    for answer in answers:
        a, b = Counter(normal(said)), Counter(normal(answer))
        best = max(best, 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values())))
    return best


def auc(yes: np.ndarray, score: np.ndarray) -> float:
    """Chance that an answerable pair scores above one that is not."""
    order = np.argsort(np.argsort(score, kind="stable"), kind="stable") + 1.0
    n = int(yes.sum())
    return float((order[yes].sum() - n * (n + 1) / 2) / max(1, n * (len(yes) - n)))


def calibrated(odds: Tensor, spans: Tensor, truth: Tensor) -> list[float]:
    """Weights of the two scores and a constant that make their sum the log-odds of an answer."""
    x = torch.stack([odds, spans, torch.ones_like(odds)], dim=1)
    w = torch.tensor([1.0, 0.0, 0.0]).double()
    for _ in range(30):
        p = torch.sigmoid(x @ w)
        w = w + torch.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (truth - p))
    return [float(v) for v in w]


def measure(out: Path, sets: Sets) -> list[float]:
    """Prints the figures of uncalibrated weights over the kept-back sets; the calibration."""
    model = reader.Reader(weights=out)
    items = [item for found in sets.values() for item in found]
    pairs = [(pair.question, pair.passage) for pair, _ in items]
    ranges = [sentences(pair.passage) for pair, _ in items]
    readings = model.read_pairs(pairs, ranges)
    odds = torch.tensor([r.answerable for r in readings]).double().logit(1e-6)
    spans = torch.tensor([r.span for r in readings]).double()
    truth = torch.tensor([pair.end > 0 for pair, _ in items])
    weights = calibrated(odds, spans, truth.double())
    chance = torch.sigmoid(weights[0] * odds + weights[1] * spans + weights[2]).numpy()
    right, first = np.zeros(len(items)), np.full(len(items), np.nan)
    for i, ((pair, row), reading) in enumerate(zip(items, readings, strict=True)):
        answers = row.answers if pair.end else ()
        said = pair.passage[reading.start : reading.end] if chance[i] >= 0.5 else ""
        right[i] = f1(said, answers)
        if answers and len(ranges[i]) > 1:
            a, b = ranges[i][int(np.argmax(reading.ranges))]
            first[i] = any(answer in pair.passage[a:b] for answer in answers)
    print(f"{'set':42} {'pairs':>5} {'F1':>5} {'F1 ans':>6} {'AUC':>5} {'Brier':>5} {'sent@1':>6}")
    start = 0
    for name, found in sets.items():
        part, start = slice(start, start + len(found)), start + len(found)
        yes, p = truth[part].numpy(), chance[part]
        print(
            f"{name:42} {len(found):5} {right[part].mean():5.3f} {right[part][yes].mean():6.3f} "
            f"{auc(yes, p):5.3f} {((p - yes) ** 2).mean():5.3f} {np.nanmean(first[part]):6.3f}"
        )
    return weights


def save(tensors: dict[str, Tensor], out: Path, seed: int) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "seed": str(seed),
        "data": " ".join(FILES),
        "script": "evals/train_reader.py",
        "licence": "CC-BY-SA-4.0",
    }
    save_file(tensors, out.with_suffix(".new"), metadata=about)
    out.with_suffix(".new").replace(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("reader.checkpoint"))
    parser.add_argument("--epochs", type=float, default=2.6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = load(args.data)
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
