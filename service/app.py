"""The composition root: the only file that turns settings into objects."""

import logging
from dataclasses import dataclass
from pathlib import Path

from index.archive import Archive
from index.embedding import PACKAGED, SentenceTransformerEmbedder
from index.errors import ModelError
from index.reranking import CrossEncoderReranker, Reranker
from index.succession import Maker, made_by, next_maker
from index.web.fetching import Fetcher
from index.web.networks import permission
from service import reader_reranking
from service.answering import Answerer
from service.closeness import Closeness
from service.model_answerer import ModelAnswerer
from service.models import Model
from service.models.gguf import PACKAGED_SHA256, packaged_gguf, pinned
from service.models.llama import LlamaModel
from service.models.llama_child import Loaded
from service.models.openai_api import OpenAIModel
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.reader import Reader
from service.settings import Settings
from service.verifying import Verifier

logger = logging.getLogger(__name__)


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
    place = folder or settings.data
    embedder = build_embedder(settings, made_by(place))
    url = None if folder else settings.chroma_url
    return Archive(place, embedder, url, any_embedder=any_embedder, versions=settings.versions)


def build_embedder(settings: Settings, maker: Maker | None = None) -> SentenceTransformerEmbedder:
    """The embedder of the settings; what they leave open is as with the maker of the index."""
    name = settings.embedder or (maker.name if maker else PACKAGED)
    embedder = SentenceTransformerEmbedder(name, settings.device)
    query, passage = settings.query_prompt, settings.passage_prompt
    if maker and maker.prompts and maker.name == embedder.name:
        query = maker.prompts.query if query is None else query
        passage = maker.prompts.passage if passage is None else passage
    return SentenceTransformerEmbedder(name, settings.device, query, passage)


def next_embedder(settings: Settings) -> SentenceTransformerEmbedder:
    """The one that built an index beside the archive's own. Raises NotFound if none did."""
    maker = next_maker(settings.data)
    told = settings.model_copy(
        update={"embedder": None, "query_prompt": None, "passage_prompt": None}
    )
    return build_embedder(told, maker)


def assemble(settings: Settings, archive: Archive, *, reads: bool = True) -> Dateline:
    """All that answers from an open archive; reads: whether answers may rest on the reader."""
    reader = Reader()
    verifier = build_verifier(settings) if reads else None
    quotes = QuotesAnswerer(archive, reader=reader if reads else None, verifier=verifier)
    answerer: Answerer = quotes
    if settings.answerer == "model":
        close = Closeness(lambda: archive.embedder)
        answerer = ModelAnswerer(build_model(settings), quotes, settings.answer_seconds, close)
    reranker = build_reranker(settings, reader)
    return Dateline(settings, archive, Pipeline(archive, answerer, settings.passages, reranker))


def build_reranker(settings: Settings, reader: Reader | None = None) -> Reranker | None:
    """The reader or the cross-encoder that is named; None if none is. Raises UsageError."""
    if not settings.reranker:
        return None
    if settings.reranker == reader_reranking.NAME:
        return reader_reranking.ReaderReranker(reader or Reader(), settings.reranked)
    return CrossEncoderReranker(settings.reranker, settings.device, settings.reranked)


def build_verifier(settings: Settings) -> Verifier | None:
    """What looks twice at close cases, if it is wanted and its model is installed."""
    if not settings.verifier:
        return None
    try:
        return Verifier()
    except ModelError as error:
        logger.warning("%s Until then, close cases are decided without the verifier.", error)
        return None


def build_fetcher(settings: Settings) -> Fetcher:
    """What fetches pages and feeds, from where the settings allow."""
    return Fetcher(permission(settings.fetch_allow, settings.fetch_ports))


def build_model(settings: Settings) -> Model:
    """A server by URL, or a GGUF file in a child process."""
    if settings.model_url:
        return OpenAIModel(settings.model_url, settings.model, settings.model_key)
    if settings.model == "packaged":
        return LlamaModel(Loaded(packaged_gguf()), sha256=PACKAGED_SHA256)
    path, sha256 = pinned(settings.model)
    return LlamaModel(Loaded(path), sha256=sha256)
