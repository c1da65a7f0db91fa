"""The questions of a set as the ranking sees them, and how an order of them is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from evals import case, result
from evals.case import Case
from evals.matching import contains
from evals.metrics import METRICS
from index.archive import Archive
from index.features import FEATURES
from index.retrieval import Seen, look
from index.schema import Article, Hit, Passage
from index.understanding import understand
from service.app import open_archive
from service.schema import Answer
from service.settings import load

NEGATIVES = 150  # candidates of a question that are not gold, by words, that a fit looks at
MOST = 12  # hits that are measured, as many as the pipeline retrieves
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its candidates as the ranking sees them."""

    case: Case
    seen: Seen
    found: Sequence[tuple[Passage, Article]]  # n of them, with their texts
    gold: NDArray[np.bool_]  # (n,)
    kept: NDArray[np.bool_]  # (n,): what a fit looks at

    @property
    def half(self) -> int:
        """0 or 1, the same in every run."""
        return crc32(self.case.id.encode()) % 2


def questions(path: Path, folder: Path) -> list[Question]:
    """The questions of a set that can be answered, over the archive in the folder."""
    shared: dict[str, tuple[Passage, Article]] = {}
    with open_archive(load(data=folder)) as archive:
        asked = [_question(item, archive, shared) for item in case.load(path) if item.answerable]
    return [question for question in asked if question.seen.found]


def _question(item: Case, archive: Archive, shared: dict[str, tuple[Passage, Article]]) -> Question:
    """`shared` keeps each passage once, however many questions find it."""
    asked = item.as_question()
    meant = understand(asked.text, asked.history, asked.now, span=archive.database.span())
    seen = look(archive, meant.text, asked.filter, meant.window)
    shared |= archive.database.load([p.id for p, _ in seen.found if p.id not in shared])
    found = [shared[p.id] for p, _ in seen.found]
    own = [a.name in item.articles or a.id in item.articles for _, a in found]
    quoted = [any(contains(p.text, quote) for quote in item.quotes) for p, _ in found]
    gold = np.array(quoted if item.quotes else own, bool)
    return Question(item, seen, found, gold, _kept(seen, gold))


def _kept(seen: Seen, gold: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Gold, and the most wordy of what is not gold and in the same language.

    Another language may hold the same article once more: its passages are neither right nor
    wrong.
    """
    spoken = {article.language for (_, article), g in zip(seen.found, gold, strict=True) if g}
    comparable = np.array([article.language in spoken for _, article in seen.found], bool)
    wordy = seen.features[:, FEATURES.index("body")] + (comparable & ~gold) * 1000
    best = np.argsort(-wordy, kind="stable")[:NEGATIVES]
    near = np.zeros(len(gold), bool)
    near[best] = True
    return np.asarray(gold | (near & comparable), np.bool_)


SHOWN = (
    "mrr@10 hits@10 hits@4 evidence_recall@10 all_evidence@10 "
    "article_hit@1 article_hit@5 article_hit@10"
).split()
Order = Callable[[Question], Array]  # a score for each candidate


def measure(asked: Sequence[Question], order: Order) -> dict[str, float]:
    """The metrics of `dateline eval run` for the ten best by these scores."""
    rows = [_result(question, order(question)) for question in asked]
    found: dict[str, float] = {}
    for metric in METRICS:
        if metric.name in SHOWN:
            values = [metric.score(q.case, row) for q, row in zip(asked, rows, strict=True)]
            told = [value for value in values if value is not None]
            found[metric.name] = sum(told) / len(told) if told else float("nan")
    return found


def _result(question: Question, scores: Array) -> result.Result:
    names = set(question.case.articles)
    best = np.argsort(-scores, kind="stable")[:MOST]
    found = [question.found[n] for n in best]
    hits = tuple(Hit(p, a, float(scores[n])) for n, (p, a) in zip(best, found, strict=True))
    answer = Answer("not_in_articles", (), (), hits, "none")
    return result.of(question.case, answer, names, retrieval_only=True)


def by_words(question: Question) -> Array:
    """BM25 alone."""
    return np.array([given["lexical"] for given in question.seen.parts])
