"""Question-answering files as rows, and the same questions found in two languages.

Every tenth block of ten passages is kept back (`Row.kept`).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.glossing import glossed

FILES = {  # how many rows of each file an epoch uses; all have open licences (see the model card)
    "squad2_dev_half_noxquad": 6000,
    "squad2_dev_500_noxquad": 300,
    "squad2_sv_dev_noxquad": 3000,
    "norquad_news": 1000,
    "norquad_wikipedia": 500,
    "nq_open_oracle": 2700,
    "qamr_devtest": 3500,
    "hotpotqa_train100": 400,
    "musique_train100": 200,
}
OWN = "dateline_fitting"  # our own articles and near misses, the nearest to what it will read
OWN_REPEATS = 2  # of each of their rows in an epoch


@dataclass(frozen=True, slots=True)
class Row:
    """A question about a passage; `other` is the same question in another language, if known.

    All in English words, as the reader meets them; `lang`: what the question was asked in.
    """

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
            in_english(row, row.lang),
            other=asked_in_english(twin[id(row)]) if id(row) in twin else "",
            group=moved.get(row.passage, row.group),
        )
        for rows in files.values()
        for _, row in rows
    ]


def asked_in_english(row: Row) -> str:
    return glossed(row.question, row.lang).text


def in_english(row: Row, written: str) -> Row:
    """The row in English words; written: the language of its passage."""
    passage = glossed(row.passage, written)
    at = [(row.passage.find(answer), len(answer)) for answer in row.answers]
    answers = [passage.text[slice(*passage.place(a, a + n))] for a, n in at]
    return replace(
        row, question=asked_in_english(row), passage=passage.text, answers=tuple(answers)
    )


def own(prefix: Path) -> list[Row]:
    """Rows of `prefix`_cases.jsonl; a case's id begins with that of its article."""
    texts: dict[str, tuple[str, str, int]] = {}
    for line in Path(f"{prefix}_articles.jsonl").read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        texts[article["id"]] = (article["text"], article["language"], len(texts))
    rows = []
    for line in Path(f"{prefix}_cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text, written, number = texts[case["id"].rpartition("-")[0]]
        forms = [form for fact in case["facts"][:1] for form in fact if form in text]
        if bool(forms) == case["answerable"]:
            group = (f"{OWN} {prefix.name}", number)
            row = Row(case["question"], text, tuple(forms), case["language"], OWN, group)
            rows.append(in_english(row, written))
    return rows


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
