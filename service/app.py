"""The composition root: the only file that turns settings into objects."""

from dataclasses import dataclass
from pathlib import Path

from index.archive import Archive
from index.embedding import Embedder, SentenceTransformerEmbedder
from index.web.fetching import Fetcher
from index.web.networks import permission
from service.answering import Answerer
from service.model_answerer import ModelAnswerer
from service.models import Model
from service.models.llama import LlamaModel, packaged_gguf
from service.models.openai_api import OpenAIModel
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.reader import Reader
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Dateline:
    """An open archive with all that answers from it."""

    settings: Settings
    archive: Archive
    pipeline: Pipeline


def open_archive(
    settings: Settings, folder: Path | None = None, *, any_embedder: bool = False
) -> Archive:
    """The archive of the data directory, or of another folder.

    any_embedder: even if another embedder made it, to embed it anew.
    """
    url = None if folder else settings.chroma_url
    embedder = build_embedder(settings)
    return Archive(folder or settings.data, embedder, url, any_embedder=any_embedder)


def build_embedder(settings: Settings) -> Embedder:
    """The embedder of the settings, not yet loaded."""
    return SentenceTransformerEmbedder(settings.embedder, settings.device)


def assemble(settings: Settings, archive: Archive) -> Dateline:
    """All that answers from an open archive."""
    quotes = QuotesAnswerer(archive, reader=Reader())
    answerer: Answerer = quotes
    if settings.answerer == "model":
        answerer = ModelAnswerer(build_model(settings), quotes)
    return Dateline(settings, archive, Pipeline(archive, answerer, settings.passages))


def build_fetcher(settings: Settings) -> Fetcher:
    """What fetches pages and feeds, from where the settings allow."""
    return Fetcher(permission(settings.fetch_allow, settings.fetch_ports))


def build_model(settings: Settings) -> Model:
    """A server by URL, or a GGUF file in a child process."""
    if settings.model_url:
        return OpenAIModel(settings.model_url, settings.model, settings.model_key)
    path = packaged_gguf() if settings.model == "packaged" else Path(settings.model)
    return LlamaModel(path)
