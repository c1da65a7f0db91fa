"""Are excerpts found again, and others refused? Nothing here is fitted; all is seeded.

    python -m evals.excerpt_bench --articles corpus.jsonl

Excerpts of 20 to 90 words. "cut": mid-word at both ends. "altered": cut, and a word in ten replaced
by another of the corpus. "pasted": with the marks, hyphens and line breaks of some other program.
"foreign": from articles that were left out, and right when refused. Some of the corpus's words
stand in several articles, between which no excerpt can tell: "named" counts those too that are
given beside the one found; "marked", where the place is right but for a tenth. No embedder and no
language model: the archive's vectors are stand-ins, as finding an excerpt takes words alone.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np

from evals.corpus import read
from evals.table import columns
from index.archive import Archive
from index.embedding import Vectors
from index.finding import Place, find
from index.model_prompts import Prompts
from index.schema import Article

LEFT_OUT = 50
SIZES = {"verbatim": 200, "altered": 100, "pasted": 100, "foreign": LEFT_OUT}
SHORTEST, LONGEST = 20, 90  # words
ALTERED = 10  # one word in so many
CUT = 3  # characters at each end, at most
_WORD = re.compile(r"\S+")


class NoEmbedder:
    """Stands for an embedder where vectors play no part."""

    name = "none"
    languages: frozenset[str] | None = None
    dimension = 2
    max_tokens = 256
    prompts = Prompts()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The same unit vector for each text, shape (len(texts), 2)."""
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))

    def embed_question(self, text: str) -> Vectors:
        """The same unit vector, shape (2,)."""
        return np.array([1, 0], np.float32)

    def count(self, text: str) -> int:
        """About as many word pieces as a real one sees."""
        return len(text.split()) * 4 // 3


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text to find, and where it was taken from: `article.text[start:end]`, but for changes."""

    kind: str
    text: str
    article: Article
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one excerpt; all is "right" where a foreign one was refused."""

    kind: str
    right: bool  # headline, outlet, date and address
    named: bool  # or it is named among the articles that hold the same words
    marked: bool  # and the place, but for a tenth of it
    seconds: float
    cpu: float  # seconds, whatever else the machine does


def split(articles: Sequence[Article], random: Random) -> tuple[list[Article], list[Article]]:
    """The articles to find things in, and those left out."""
    long = [article for article in articles if len(article.text.split()) > 2 * LONGEST]
    out = {article.key for article in random.sample(long, LEFT_OUT)}
    return [a for a in articles if a.key not in out], [a for a in articles if a.key in out]


def excerpts(kept: Sequence[Article], out: Sequence[Article], random: Random) -> list[Excerpt]:
    """All excerpts of all kinds, each foreign one from another article."""
    words = [match.group() for article in kept for match in _WORD.finditer(article.text)]
    change: dict[str, Callable[[str], str]] = {
        "altered": lambda text: _altered(text, words, random),
        "pasted": lambda text: _pasted(text, random),
    }
    long = [article for article in kept if len(article.text.split()) > LONGEST]
    return [
        _excerpt(kind, article, change.get(kind, str), random)
        for kind, size in SIZES.items()
        for article in (out if kind == "foreign" else random.choices(long, k=size))
    ]


def _excerpt(kind: str, article: Article, change: Callable[[str], str], random: Random) -> Excerpt:
    found = list(_WORD.finditer(article.text))
    size = random.randint(SHORTEST, LONGEST)
    first = random.randrange(len(found) - size)
    start, end = found[first].start(), found[first + size - 1].end()
    return Excerpt(kind, change(article.text[start:end]), article, start, end)


def _altered(text: str, words: Sequence[str], random: Random) -> str:
    """A word in ten another one, and cut within the words at both ends."""
    cut = text[random.randint(1, CUT) : -random.randint(1, CUT)]
    parts = cut.split(" ")
    for at in random.sample(range(len(parts)), max(1, len(parts) // ALTERED)):
        parts[at] = random.choice(words)
    return " ".join(parts)


def _pasted(text: str, random: Random) -> str:
    """As another program would have it: other marks, soft hyphens, lines of its own."""
    other = text.translate(str.maketrans("\"'“”’-–—", '“’""\'‐—-'))
    parts = [f"{p[:4]}\u00ad{p[4:]}" if len(p) > 7 else p for p in other.split(" ")]
    return "«" + "".join(p + random.choice([" ", " ", "\u00a0", "\n  "]) for p in parts) + "»"


@contextmanager
def archive_of(articles: Sequence[Article]) -> Iterator[Archive]:
    """An archive of the articles, for as long as it is needed."""
    with TemporaryDirectory() as folder, Archive(Path(folder), NoEmbedder()) as archive:
        archive.add(articles)
        yield archive


def tried(archive: Archive, excerpt: Excerpt) -> Outcome:
    """Look for the excerpt and judge what is found."""
    began, cpu = perf_counter(), process_time()
    place = find(archive, excerpt.text)
    took = perf_counter() - began, process_time() - cpu
    if excerpt.kind == "foreign":
        return Outcome(excerpt.kind, place is None, place is None, place is None, *took)
    right = place is not None and _told(place.article) == _told(excerpt.article)
    others = [copy.id for copy in place.also] if place else []
    named = right or excerpt.article.id in others
    return Outcome(excerpt.kind, right, named, right and _same_place(excerpt, place), *took)


def _told(article: Article) -> tuple[object, ...]:
    return article.title, article.outlet, article.published, article.url


def _same_place(excerpt: Excerpt, place: Place | None) -> bool:
    if place is None:
        return False
    common = min(place.end, excerpt.end) - max(place.start, excerpt.start)
    return common >= 0.9 * (max(place.end, excerpt.end) - min(place.start, excerpt.start))


def report(outcomes: Sequence[Outcome]) -> str:
    """One row for each kind of excerpt."""
    rows: list[tuple[str, ...]] = [("", "of", "right", "named", "marked", "median ms", "of CPU")]
    for kind in SIZES:
        of_kind = [outcome for outcome in outcomes if outcome.kind == kind]
        ms = [1000 * median(o.seconds for o in of_kind), 1000 * median(o.cpu for o in of_kind)]
        sums = [sum(getattr(o, name) for o in of_kind) for name in ("right", "named", "marked")]
        cells = [str(count) for count in (len(of_kind), *sums)]
        rows.append((kind, *cells, f"{ms[0]:.0f}", f"{ms[1]:.0f}"))
    return columns(rows)


def main() -> None:
    """Print the table for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="articles, as ingest has them")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    articles, _ = read([arguments.articles])
    for seed in arguments.seeds:
        random = Random(seed)
        kept, out = split(articles, random)
        with archive_of(kept) as archive:
            tries = excerpts(kept, out, random)
            find(archive, tries[0].text)  # the first one loads
            print(f"seed {seed}: {len(kept)} articles, {len(out)} left out")
            print(report([tried(archive, excerpt) for excerpt in tries]), flush=True)


if __name__ == "__main__":
    main()
