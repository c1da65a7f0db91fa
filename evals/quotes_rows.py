"""The questions of a set as the quotes answerer sees them, kept from one run to the next."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from evals import case
from evals.case import Case
from evals.matching import says
from index.schema import Hit
from service.answerability import lacking, signs
from service.app import open_archive
from service.candidates import Candidate
from service.ingest_cli import ingest_paths
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.reader import WEIGHTS, Reader
from service.rules import Linear
from service.sentence_features import FEATURES, READER
from service.settings import load

PROGRAM = ("prompts", "index", "service")  # what the features come from
FITTED = "quotes.json"  # but this comes from them
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """One case as the answerer sees it, with n sentences."""

    answerable: bool
    bears: Array  # (n,): whether the sentence holds a fact of the answer
    features: Array  # (n, len(FEATURES))
    lacks: Array  # (n, LACKS)

    def signs(self, ranking: Linear) -> Array:
        """The values that the decision is made from."""
        return signs(self.features, self.lacks, ranking(self.features, FEATURES))

    @property
    def unread(self) -> "Seen":
        """The same without a reader."""
        features = self.features.copy()
        features[:, READER:] = 0
        return replace(self, features=features)


def looked_at(set_: Path, corpus: Path, weights: Path | None, kept: Path | None) -> list[Seen]:
    """The cases over their own corpus; taken from the folder `kept` if nothing changed since.

    weights: of the reader, unless it is to be the packaged one.
    """
    if kept is None:
        return asyncio.run(look(case.load(set_), corpus, Reader(weights=weights)))
    state = digest([set_, corpus, weights or WEIGHTS, *map(Path, PROGRAM)])
    place = kept / f"{set_.stem}-{state}.npz"
    if not place.exists():
        kept.mkdir(parents=True, exist_ok=True)
        _keep(asyncio.run(look(case.load(set_), corpus, Reader(weights=weights))), place)
    columns = np.load(place)
    ends = np.cumsum(columns["sentences"])[:-1]
    parts = [np.split(columns[name], ends) for name in ("bears", "features", "lacks")]
    return [
        Seen(bool(could), *each)
        for could, each in zip(columns["answerable"], zip(*parts, strict=True), strict=True)
    ]


def _keep(seen: Sequence[Seen], place: Path) -> None:
    new = place.with_suffix(".new.npz")
    np.savez(
        new,
        answerable=np.array([s.answerable for s in seen]),
        sentences=np.array([len(s.bears) for s in seen]),
        bears=np.concatenate([s.bears for s in seen]),
        features=np.concatenate([s.features for s in seen]),
        lacks=np.concatenate([s.lacks for s in seen]),
    )
    new.replace(place)


async def look(cases: Sequence[Case], corpus: Path, reader: Reader) -> list[Seen]:
    """Retrieve for every case, and measure the sentences."""
    seen = []
    async for item, question, hits, quotes in retrieved(cases, corpus, reader):
        wording = quotes.wording(question, hits)
        found, features = quotes.features(wording, hits)
        if found:
            lacks = lacking(wording, found)
            seen.append(Seen(item.answerable, bearing(item, found), features, lacks))
    return seen


async def retrieved(
    cases: Sequence[Case], corpus: Path, reader: Reader
) -> AsyncIterator[tuple[Case, str, Sequence[Hit], QuotesAnswerer]]:
    """Every case over its corpus: as a question that stands by itself, what was found, and who
    answers."""
    with TemporaryDirectory() as scratch, open_archive(load(), Path(scratch)) as archive:
        ingest_paths([str(corpus)], archive, quiet=True)
        quotes = QuotesAnswerer(archive, reader=reader)
        pipeline = Pipeline(archive, quotes)
        for item in cases:
            hits, asked = await pipeline.understood(item.as_question())
            yield item, asked.text, hits, quotes


def bearing(item: Case, found: Sequence[Candidate]) -> Array:
    """Which sentences hold a fact of the answer, shape (n,)."""
    holding = [any(says(c.span.quote, form) for f in item.facts for form in f) for c in found]
    return np.array(holding, float)


def digest(places: Sequence[Path]) -> str:
    """Of files, and of what lies in folders but `FITTED`: all that what is read depends on."""
    found = blake2b(digest_size=8)
    for place in places:
        for path in _files(place):
            found.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        return iter([place])
    inside = (p for p in sorted(place.rglob("*")) if p.is_file())
    return (p for p in inside if p.suffix != ".pyc" and p.name != FITTED)
