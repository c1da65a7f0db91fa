"""Training pairs for the reader: short windows with an answer, and hard ones without."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from evals.reading_rows import Row, overlap, words
from index.sentences import sentence_spans

NAME = re.compile(r"(?<=[\w,] )[A-ZÅÄÖÆØ][\w-]+(?: [A-ZÅÄÖÆØ][\w-]+)*")
NUMBER = re.compile(r"\b\d+\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """What the network sees; `start == end` when the passage does not answer."""

    question: str
    passage: str
    start: int = 0
    end: int = 0


@cache
def sentences(text: str) -> list[tuple[int, int]]:
    return sentence_spans(text) or [(0, len(text))]


def nearest(question: str, text: str, ranges: Sequence[tuple[int, int]]) -> int:
    """Which of the ranges shares most words with the question."""
    asked = words(question)
    return max(range(len(ranges)), key=lambda i: overlap(asked, words(text[slice(*ranges[i])])))


def alluring(question: str, text: str, among: Sequence[int], rng: random.Random) -> int:
    """One of these sentences; each that shares more words with the question is twice as likely.

    A reader meets not only the sentence that looks most like an answer.
    """
    ranges, asked = sentences(text), words(question)
    left = sorted(among, key=lambda i: -overlap(asked, words(text[slice(*ranges[i])])))
    at = 0
    while at + 1 < len(left) and rng.random() < 0.5:
        at += 1
    return left[at]


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
        """Sentences of a text that look like an answer and do not hold one."""
        chosen = alluring(question, text, range(len(sentences(text))), rng)
        low, high = window(text, (chosen, chosen), rng.randint(1, 6), rng)
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
        low = alluring(row.question, row.passage, starts, rng)
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
