"""The reader: finds the answer to a question inside passages, and says how likely there is one.

The packaged sentence encoder with low-rank adapters merged into its weights and two heads on top,
trained by `evals/train_reader.py`. Word pieces that question and passage share are marked by their
token type, so exact names and numbers count in languages the encoder has hardly seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from index.embedding import fast_bfloat16, packaged_encoder

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from torch import Tensor
    from transformers import BertModel

Range = tuple[int, int]

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
LONGEST_ANSWER = 30  # word pieces
LONGEST_QUESTION = 64  # word pieces
PASSAGE = 1  # token type bit: the piece belongs to the passage
SHARED = 2  # token type bit: the piece occurs in question and passage
WORDS = "embeddings.word_embeddings.weight"
STEP = 16  # lengths are rounded up to multiples of this: for each new one oneDNN keeps a kernel
NEVER = -1e4  # score of what cannot be


class Within(NamedTuple):
    """What lies within one range of characters of a passage.

    `chance`: probability that the answer does.
    `start`, `end`: the best span there, in characters; both 0 if there is none.
    `span`: its score minus that of "no answer", in nats.
    """

    chance: float
    start: int = 0
    end: int = 0
    span: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one passage says to a question.

    `start`, `end`: the answer in the passage, in characters; both 0 when there is none.
    `span`: score of the best span minus that of "no answer", in nats.
    `answerable`: calibrated probability that the passage answers the question.
    `ranges`: what lies within each range of characters asked about.
    """

    start: int
    end: int
    span: float
    answerable: float
    ranges: tuple[Within, ...] = ()


class Batch(NamedTuple):
    """Word pieces of question-passage pairs, (pairs, pieces) each."""

    ids: Tensor
    types: Tensor
    mask: Tensor


class Words(NamedTuple):
    """Word vectors, mapped from their file, and their adapter, which is not merged for that."""

    table: Tensor  # (words, width)
    up: Tensor  # (words, rank)
    down: Tensor  # (rank, width)

    def __call__(self, ids: Tensor) -> Tensor:
        """Vectors of word pieces, shape (*ids.shape, width)."""
        return self.table[ids] + self.up[ids] @ self.down


class Network(NamedTuple):
    """What is loaded."""

    tokenizer: Tokenizer
    encoder: BertModel
    words: Words
    heads: Mapping[str, Tensor]
    calibration: list[float]


class Reader:
    """Loaded at first use, on the CPU; reading is deterministic and changes nothing."""

    def __init__(
        self,
        encoder_path: Path | None = None,
        weights: Path | None = None,
        *,
        longest: int = 256,
        batch: int = 8,
    ) -> None:
        """`longest`: word pieces of a question and passage together; `batch`: pairs at a time."""
        self._path = encoder_path
        self._weights = weights or WEIGHTS
        self._longest = longest
        self._batch = batch
        self._loading = Lock()

    @cached_property
    def _loaded(self) -> Network:
        from safetensors.torch import load_file

        path = self._path or packaged_encoder()
        tensors = {name: t.float() for name, t in load_file(self._weights).items()}
        encoder = load_encoder(path)
        table = encoder.embeddings.word_embeddings.weight.detach()
        words = Words(table, tensors.pop(f"{WORDS}:up"), tensors.pop(f"{WORDS}:down"))
        changed = merged(encoder.state_dict(), tensors)
        encoder.load_state_dict(changed, strict=False, assign=True)
        heads = {n: t for n, t in tensors.items() if n.startswith(("span.", "answer."))}
        tokenizer = load_tokenizer(path, self._longest)
        return Network(tokenizer, encoder, words, heads, tensors["calibration"].tolist())

    @property
    def _network(self) -> Network:
        with self._loading:  # two threads must not load it twice
            return self._loaded

    def read(
        self,
        question: str,
        passages: Sequence[str],
        ranges: Sequence[Sequence[Range]] | None = None,
    ) -> list[Reading]:
        """One reading per passage, in order; `ranges`: per passage, character ranges to score."""
        return self.read_pairs([(question, passage) for passage in passages], ranges)

    def read_pairs(
        self,
        pairs: Sequence[tuple[str, str]],
        ranges: Sequence[Sequence[Range]] | None = None,
    ) -> list[Reading]:
        """The same for pairs of a question and a passage."""
        pieces = encode(self._network.tokenizer, pairs)
        asked: Sequence[Sequence[Range]] = ranges if ranges is not None else [()] * len(pieces)
        readings: dict[int, Reading] = {}
        order = sorted(range(len(pieces)), key=lambda i: len(pieces[i].ids))
        for at in range(0, len(order), self._batch):
            part = order[at : at + self._batch]
            found = self._read_batch([pieces[i] for i in part], [asked[i] for i in part])
            readings.update(zip(part, found, strict=True))
        return [readings[i] for i in range(len(pieces))]

    def _read_batch(self, pairs: list[Encoding], ranges: list[Sequence[Range]]) -> list[Reading]:
        import torch

        network, batch = self._network, collate(pairs, STEP)
        with torch.inference_mode():
            vectors = network.words(batch.ids)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=fast_bfloat16()):
            states = network.encoder(
                inputs_embeds=vectors, attention_mask=batch.mask, token_type_ids=batch.types
            ).last_hidden_state
            edges, answer = heads(states, batch, network.heads)
            spans = span_scores(edges, batch)
            best, where = spans.flatten(1).max(1)
            margin = (best - edges[:, 0].sum(-1)).clamp(min=-30.0)
            of_answer, of_span, constant = network.calibration
            chance = torch.sigmoid(of_answer * answer + of_span * margin + constant)
            mass = spans.flatten(1).softmax(1).view_as(spans)
        readings = []
        for i, pair in enumerate(pairs):
            first, last = divmod(int(where[i]), spans.shape[1])
            span = float(margin[i])
            answerable = float(chance[i]) if float(best[i]) > NEVER else 0.0
            found = answerable >= 0.5 or span > 0
            start, end = (pair.offsets[first][0], pair.offsets[last][1]) if found else (0, 0)
            scores = spans[i] - edges[i, 0].sum()
            parts = tuple(within(scores, mass[i], answerable, pair, area) for area in ranges[i])
            readings.append(Reading(start, end, span, answerable, parts))
        return readings


def load_tokenizer(path: Path, longest: int) -> Tokenizer:
    """The encoder's tokenizer; a pair of more than `longest` word pieces loses its tail."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest, strategy="only_second")
    return tokenizer


def load_encoder(path: Path) -> BertModel:
    """The encoder with two more token types, which start as copies of the first two."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    state = load_file(path / "model.safetensors")
    types = "embeddings.token_type_embeddings.weight"
    state[types] = torch.cat([state[types], state[types]])
    config = BertConfig.from_pretrained(path, type_vocab_size=len(state[types]))
    with torch.device("meta"):  # the file's tensors take the place of these: none is copied
        encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict(state, strict=False, assign=True)
    positions = torch.arange(config.max_position_embeddings).unsqueeze(0)
    for name, buffer in {"position_ids": positions, "token_type_ids": 0 * positions}.items():
        encoder.embeddings.register_buffer(name, buffer, persistent=False)
    encoder.train(False)
    return encoder


def merged(state: Mapping[str, Tensor], adapters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights that adapters change: `up` (out, rank) times `down` (rank, in) is added.

    They are in bfloat16 where autocast would turn them into it anyway, each time.
    """
    import torch

    kind = torch.bfloat16 if fast_bfloat16() else torch.float32
    changed = {name: tensor for name, tensor in adapters.items() if name in state}
    for name in (key.removesuffix(":up") for key in adapters if key.endswith(":up")):
        added = adapters[f"{name}:up"] @ adapters[f"{name}:down"]
        changed[name] = (state[name] + added).to(kind)
    return changed


def encode(tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> list[Encoding]:
    """Question and passage as one sequence of word pieces; a long question loses its tail too."""
    short: dict[str, str] = {"": ""}
    for question, _ in pairs:
        if question not in short:
            pieces = tokenizer.encode("", question, add_special_tokens=False).offsets
            short[question] = question[: pieces[:LONGEST_QUESTION][-1][1]] if pieces else ""
    encoded: list[Encoding] = tokenizer.encode_batch([(short[q], passage) for q, passage in pairs])
    return encoded


def collate(pairs: Sequence[Encoding], step: int = 1) -> Batch:
    """Pairs filled up to the longest's length, rounded up to a multiple of `step`; token types
    are made of `PASSAGE` and `SHARED`."""
    import torch

    width = -(-max(len(pair.ids) for pair in pairs) // step) * step
    ids, types, mask = (torch.zeros(len(pairs), width, dtype=torch.long) for _ in range(3))
    for row, pair in enumerate(pairs):
        pieces = list(zip(pair.ids, pair.sequence_ids, strict=True))
        shared = {i for i, part in pieces if part == 0} & {i for i, part in pieces if part == 1}
        kinds = [0 if p is None else p * PASSAGE + (i in shared) * SHARED for i, p in pieces]
        ids[row, : len(pieces)] = torch.tensor(pair.ids)
        types[row, : len(pieces)] = torch.tensor(kinds)
        mask[row, : len(pieces)] = 1
    return Batch(ids, types, mask)


def heads(states: Tensor, batch: Batch, w: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Scores of each piece as first and last of the answer (pairs, pieces, 2), the very first
    piece standing for "no answer", and the score of there being an answer (pairs)."""
    import torch
    from torch.nn.functional import gelu, linear

    hidden = gelu(linear(states, w["span.0.weight"], w["span.0.bias"]))
    edges = linear(hidden, w["span.1.weight"], w["span.1.bias"]).float()
    passage = (batch.types & PASSAGE).bool()
    question = ~passage & (batch.mask == 1)
    weight = edges.sum(-1).masked_fill(~passage, NEVER).softmax(-1)
    answer = (weight.unsqueeze(-1) * states).sum(1)
    asked = (question.unsqueeze(-1) * states).sum(1) / question.sum(1, keepdim=True)
    hidden = torch.cat([states[:, 0], answer, asked], dim=-1)
    hidden = gelu(linear(hidden, w["answer.0.weight"], w["answer.0.bias"]))
    return edges, linear(hidden, w["answer.1.weight"], w["answer.1.bias"]).squeeze(-1).float()


def span_scores(edges: Tensor, batch: Batch) -> Tensor:
    """Scores of all spans (pairs, first piece, last piece), `NEVER` where none may be."""
    import torch

    passage = (batch.types & PASSAGE).bool()
    allowed = passage.unsqueeze(2) & passage.unsqueeze(1)
    allowed &= torch.ones_like(allowed[0]).triu().tril(LONGEST_ANSWER - 1)
    scores = edges[:, :, 0].unsqueeze(2) + edges[:, :, 1].unsqueeze(1)
    return scores.masked_fill(~allowed, NEVER)


def within(scores: Tensor, mass: Tensor, answerable: float, pair: Encoding, area: Range) -> Within:
    """What lies within a character range, of the spans' scores above "no answer" and their
    probabilities, (pieces, pieces) each."""
    pieces = [
        at
        for at, ((start, end), part) in enumerate(zip(pair.offsets, pair.sequence_ids, strict=True))
        if part == 1 and area[0] <= start and end <= area[1]
    ]
    if not pieces:
        return Within(0.0)
    there = slice(pieces[0], pieces[-1] + 1)
    inner = scores[there, there]
    first, last = divmod(int(inner.argmax()), len(inner))
    start, end = pair.offsets[pieces[0] + first][0], pair.offsets[pieces[0] + last][1]
    chance = answerable * min(1.0, float(mass[there, there].sum()))
    return Within(chance, start, end, float(inner[first, last]))
