"""`dateline doctor`: is everything there, and does the archive find what it holds?"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from index.errors import ArchiveLocked, DatelineError
from index.lock import holder
from index.vectors import missing
from service import tongues
from service.app import build_model, build_reranker, open_archive
from service.settings import Settings
from service.verifying import ADAPTER, Verifier

TOLERATED = 0.05  # share of its own vectors that an approximate search may miss
LIBRARIES = ("torch", "sentence-transformers", "chromadb", "tantivy", "llama-index-core", "gradio")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    well: bool
    detail: str  # what was found or, if not well, what to do

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'FAIL'}  {self.name}: {self.detail}"

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Everything worth knowing, in order; later checks need what earlier ones found well."""
    return [
        Finding("libraries", True, ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
        _tried("model", lambda: f"{build_model(settings).name} can be had"),
        *([_tried("verifier", _verifier)] if settings.verifier else []),
        *([_tried("reranker", lambda: _reranker(settings))] if settings.reranker else []),
        *_archive(settings),
    ]


def _verifier() -> str:
    return f"{Verifier().name} can be had, {ADAPTER.name} beside it"


def _reranker(settings: Settings) -> str:
    return f"{settings.reranker} was loaded" if build_reranker(settings) else "none is set"


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except DatelineError as error:
        return Finding(name, False, str(error))


def _archive(settings: Settings) -> Iterator[Finding]:
    try:
        archive = open_archive(settings)
    except ArchiveLocked as error:
        url = holder(settings.data).get("url")
        yield Finding("archive", bool(url), f"held by the server at {url}" if url else str(error))
        return
    except DatelineError as error:
        yield Finding("archive", False, str(error))
        return
    with archive:
        articles, passages = archive.database.counts()
        yield Finding("archive", True, f"{articles} articles, {passages} passages")
        undated = archive.database.undated()
        yield Finding("dates", True, f"{undated} of {articles} articles have no date")
        ids = archive.database.passage_ids()
        lost = missing(archive.vectors, iter(archive.database.vectors(ids).items()))
        yield Finding("vectors", lost <= TOLERATED, f"{lost:.1%} of the passages not found")
        yield Finding("words", archive.lexical.count() == passages, f"{archive.lexical.count()}")
        for note in tongues.notes(archive):
            yield Finding("languages", True, note)
