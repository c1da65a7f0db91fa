"""Is an archive whose ingesting was killed what it should be?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from index import retrieval
from index.archive import Archive
from index.embedding import Embedder
from index.preparing import prepared
from index.schema import Article, Filter

ASKED = 40  # articles asked for by title and first words after each kill, half of them the newest


@dataclass
class Sums:
    """What the checks found, over all kills."""

    kills: Counter[str] = field(default_factory=Counter)  # by when: "starting", "ingesting"
    acknowledged: list[int] = field(default_factory=list)  # articles, at each kill
    rounds: int = 0  # times that all was in
    faults: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    asked: int = 0  # questions for articles


class Trial:
    """What an archive should become, and may be until then: for each article, its versions."""

    def __init__(self, embedder: Embedder, sums: Sums) -> None:
        self._versions: dict[str, list[Article]] = {}  # by id, oldest first
        self._passages: dict[str, list[set[str]]] = {}  # of the version before and of the last
        self._due: set[str] = set()  # ids of what is to come now
        self._embedder = embedder
        self._sums = sums

    def expect(self, articles: Sequence[Article]) -> None:
        """These are to come now, each as a version of its own; what is not among them stays."""
        for held in self._passages.values():
            held[0] = held[1]
        self._due = {article.id for article in articles}
        for article in articles:
            passages = {passage.id for passage in prepared(article, self._embedder).passages}
            before = self._passages.get(article.id, [set()])[-1]
            self._passages[article.id] = [before, passages]
            self._versions.setdefault(article.id, []).append(article)

    def check(self, folder: Path, acknowledged: set[str], newest: set[str], random: Random) -> None:
        """Compare the archive with what it should hold, and count what is wrong.

        acknowledged, newest: the ids of all articles that are in for certain, and of the last.
        """
        faults = self._sums.faults
        with Archive(folder, self._embedder) as archive:
            vectors = archive.vectors.ids()
            self._sums.mended.update(f"{name}: {why}" for name, why in archive.mended.items())
            stored = archive.database.passage_ids()
            held: dict[str, set[str]] = {}
            for passage_id in stored:
                held.setdefault(passage_id.partition("-")[0], set()).add(passage_id)
            due = self._due & held.keys()
            self._compare(archive, held, acknowledged)
            counts = (archive.vectors.count(), archive.lexical.count(), len(stored))
            faults["doubled"] += sum(count - len(set(stored)) for count in counts)
            words = archive.lexical.ids()
            faults["not in step"] += len(vectors ^ {*stored}) + len(words ^ {*stored})
            faults["not found by vector"] += sum(not _near(archive, held[i]) for i in due)
            older = sorted(due - newest)
            asked = [*sorted(newest & due)[: ASKED // 2]]
            asked += random.sample(older, min(ASKED - len(asked), len(older)))
            self._sums.asked += len(asked)
            faults["not found by question"] += sum(not _answers(archive, i) for i in asked)

    def complete(self, folder: Path) -> bool:
        """Whether the archive is as if it had never been killed."""
        with Archive(folder, self._embedder) as archive:
            everything = {i for _, ids in self._passages.values() for i in ids}
            whole = everything == {*archive.database.passage_ids()} == archive.vectors.ids()
            return whole and not any(
                self._history(archive, article_id, last=True) for article_id in self._versions
            )

    def _compare(
        self, archive: Archive, held: Mapping[str, set[str]], acknowledged: set[str]
    ) -> None:
        faults = self._sums.faults
        for article_id, (before, last) in self._passages.items():
            found = held.get(article_id, set())
            faults["lost"] += not found and bool(before or article_id in acknowledged)
            faults["acknowledged, yet as before"] += article_id in acknowledged and found != last
            faults["partial, or of two versions"] += found not in (before, last)
            faults["versions lost or doubled"] += self._history(
                archive, article_id, last=found == last
            )

    def _history(self, archive: Archive, article_id: str, *, last: bool) -> bool:
        """Whether any version of the article is missing, too many or out of order."""
        versions = [article.version for article in self._versions[article_id]]
        expected = versions if last else versions[:-1]
        found = archive.history(self._versions[article_id][-1])
        return [article.version for article in found] != expected[::-1]


def _near(archive: Archive, passages: set[str]) -> bool:
    """Whether an article with these passages is found by the vector of one of them."""
    first = min(passages)
    vector = archive.database.vectors([first]).get(first)
    if vector is None:
        return False
    nearest = archive.vectors.search(vector, 10)
    same = nearest[-1][1] > 0.99999  # ten others have the very same text
    return same or any(i in passages for i, _ in nearest)


def _answers(archive: Archive, article_id: str) -> bool:
    """Whether a question for the article finds it, or a copy of it."""
    article = archive.database.article(article_id)
    if article is None:
        return False
    question = f"{article.title} {' '.join(article.text.split()[:20])}"
    hits = retrieval.search(archive, question, Filter(), 5)
    return any(article_id in (h.article.id, *(c.id for c in h.also)) for h in hits)
