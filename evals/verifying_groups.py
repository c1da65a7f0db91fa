"""Training texts for the verifier: a few numbered sentences and several questions about them.

The questions of a text share its sentences and do not see one another, which costs half of what
one text a question does. A question whose answer is not among the sentences is answered `NONE`.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from evals.reading_pairs import sentences
from evals.reading_rows import Row, words

MOST = 6  # questions of a text
_JOINT = re.compile(
    r"(?:,\s(?=(?:and|but|while|which|who|whose|where|whereas|after|before|when|because|although|"
    r"though|as|since)\b)|;\s|\s[–—-]\s)",
)
_OPENING = re.compile(
    r"^(?:While|After|Before|When|Because|Although|Though|Whereas|Since|As)\b[^,]*,\s(?=\w)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a text: the number of the sentence that answers (0: none), what to write."""

    question: str
    number: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences as the model reads them, and the questions about them."""

    sentences: tuple[str, ...]
    asked: tuple[Asked, ...]


def cut(sentence: str, answers: Sequence[str]) -> str:
    """The sentence without what is joined to it after the answer, or opens it before."""
    ends = [sentence.find(a) + len(a) for a in answers if a in sentence]
    if not ends:
        return sentence
    end = min(ends)
    for joint in _JOINT.finditer(sentence, end):
        kept = sentence[: joint.start()]
        if (
            len(kept.split()) >= 6
            and kept.count('"') % 2 == 0
            and kept.count("“") == kept.count("”")
        ):
            sentence = kept.rstrip(" ,;:–—-") + "."
            break
    opening = _OPENING.match(sentence)
    if (
        opening
        and not any(a in opening[0] for a in answers)
        and any(a in sentence for a in answers)
    ):
        rest = sentence[opening.end() :]
        if len(rest.split()) >= 6 and not re.match(r"(?:he|she|it|they)\b", rest, re.IGNORECASE):
            sentence = rest[0].upper() + rest[1:]
    return sentence


class Pool:
    """The sentences and questions of articles that are searched together."""

    def __init__(self, rows: Sequence[Row]) -> None:
        texts = list(dict.fromkeys(row.passage for row in rows))
        self.sentences: list[str] = []
        self.article: list[int] = []
        for n, text in enumerate(texts):
            found = [text[a:b] for a, b in sentences(text)]
            found = [s for s in found if len(s.split()) >= 4]
            self.sentences += found
            self.article += [n] * len(found)
        self.of_text = {text: n for n, text in enumerate(texts)}
        self.words = [words(s) for s in self.sentences]
        count = Counter(w for found in self.words for w in found)
        self.idf = {w: log(1 + len(self.sentences) / n) for w, n in count.items()}
        self.postings: dict[str, list[int]] = defaultdict(list)
        for i, held in enumerate(self.words):
            for word in sorted(held):
                self.postings[word].append(i)
        ranked = [(row, self._ranked(row)[:8]) for row in rows]
        self.rows = [row for row, found in ranked if found]
        self.ranked = [found for _, found in ranked if found]
        self.holding = [self._holding(row) for row in self.rows]

    def _ranked(self, row: Row) -> list[int]:
        """Sentences by the words they and their neighbours share with the question, best first."""
        asked = {w: self.idf.get(w, 0.0) for w in words(row.question)}
        own = [0.0] * len(self.words)
        for word, weight in asked.items():
            for i in self.postings.get(word, ()):
                own[i] += weight
        score = [
            own[i] + 0.3 * max([own[j] for j in (i - 1, i + 1) if self.beside(i, j)], default=0.0)
            for i in range(len(own))
        ]
        return sorted((i for i, s in enumerate(score) if s > 0), key=lambda i: (-score[i], i))

    def beside(self, i: int, j: int) -> bool:
        return 0 <= j < len(self.article) and self.article[i] == self.article[j]

    def _holding(self, row: Row) -> list[int]:
        """The sentences of the row's text that hold its answer, the likeliest first."""
        text = self.of_text[row.passage]
        found = [
            i
            for i, s in enumerate(self.sentences)
            if self.article[i] == text and any(a in s for a in row.answers)
        ]
        asked = words(row.question)
        return sorted(found, key=lambda i: -len(asked & self.words[i]))

    def groups(self, rng: random.Random, tells: float) -> Iterator[Group]:
        """Each question at least once; tells: share of those with an answer that is written."""
        key, keyed = {}, defaultdict(list)
        for n, row in enumerate(self.rows):
            if row.answers and not self.holding[n]:
                continue
            key[n] = self.holding[n][0] if row.answers else rng.choice(self.ranked[n][:2])
            keyed[key[n]].append(n)
        waiting = list(key)
        rng.shuffle(waiting)
        done: set[int] = set()
        for n in waiting:
            if n not in done:
                chosen = self._chosen(n, key[n], keyed, done, rng)
                mine = [m for i in chosen for m in keyed[i] if m not in done and m != n]
                near = [
                    m
                    for m in key
                    if m not in mine
                    and m != n
                    and key[m] not in chosen
                    and set(self.ranked[m][:3]) & set(chosen)
                ]
                rng.shuffle(mine)
                rng.shuffle(near)
                asked = [n, *mine][:MOST]
                done.update(asked)
                asked += near[: len(asked) < 4]
                yield self._group(chosen, asked, tells, rng)

    def _chosen(
        self, n: int, key: int, keyed: dict[int, list[int]], done: set[int], rng: random.Random
    ) -> list[int]:
        """Which sentences the model reads for a question: as the search would find them."""
        others = [i for i in self.ranked[n][:6] if i != key]
        if rng.random() < 0.3:
            others += [i for i in (key - 1, key + 1) if self.beside(key, i) and i not in others]
        others.sort(key=lambda i: rng.random() - 0.15 * sum(m not in done for m in keyed[i]))
        chosen = [key, *others[: rng.choice((1, 2, 2, 2, 2, 3))]]
        if rng.random() < 0.3:
            rng.shuffle(chosen)
            return chosen
        order = {a: rng.random() for a in {self.article[i] for i in chosen}}
        return sorted(chosen, key=lambda i: (order[self.article[i]], i))

    def _group(
        self, chosen: list[int], asked: list[int], tells: float, rng: random.Random
    ) -> Group:
        made = []
        for m in asked:
            row = self.rows[m]
            held = [i for i in self.holding[m] if i in chosen] if row.answers else []
            if not held and any(a in self.sentences[i] for a in row.answers for i in chosen):
                continue
            if not held:
                made.append(Asked(row.question, 0))
                continue
            said = ""
            if rng.random() < tells and row.lang == "en":
                said = cut(self.sentences[held[0]], row.answers)
            made.append(Asked(row.question, 1 + chosen.index(held[0]), said))
        return Group(tuple(self.sentences[i] for i in chosen), tuple(made))


def pools(rows: Sequence[Row]) -> list[Pool]:
    """Our own articles of one part are searched together, a public file's paragraphs one by one."""
    parts: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row.group[0] if row.group[0].startswith("dateline") else row.passage].append(row)
    return [Pool(part) for part in parts.values()]
