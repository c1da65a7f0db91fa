"""What ingesting is measured beside: the bare model, and LlamaIndex's pipeline into Chroma.

LlamaIndex's own parts for these are no dependency of ours: `pip install
llama-index-vector-stores-chroma llama-index-embeddings-huggingface` for the measurement.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.embedding import packaged_encoder

Contestant = Callable[[Sequence[str]], object]


def bare() -> Contestant:
    """SentenceTransformer.encode as it comes, at the batch size that is fastest here."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(packaged_encoder()), device="cpu")

    def encode(texts: Sequence[str]) -> object:
        return model.encode(list(texts), batch_size=8, show_progress_bar=False)

    return encode


def llama_index(folder: Path) -> Contestant | None:
    """IngestionPipeline with the same model into a Chroma folder, one document for each text.

    None where LlamaIndex's integrations are not installed.
    """
    try:
        found = all(
            find_spec(f"llama_index.{name}")
            for name in ("vector_stores.chroma", "embeddings.huggingface")
        )
    except ModuleNotFoundError:
        found = False
    return _pipeline(folder) if found else None


def _pipeline(folder: Path) -> Contestant:
    import chromadb
    from llama_index.core import Document
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    collection = chromadb.PersistentClient(str(folder)).create_collection("rival")
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), _embedding()], vector_store=_store(collection)
    )

    def run(texts: Sequence[str]) -> object:
        return pipeline.run(documents=[Document(text=text) for text in texts])

    return run


def _embedding() -> Any:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    return HuggingFaceEmbedding(model_name=str(packaged_encoder()), device="cpu")


def _store(collection: Any) -> Any:
    from llama_index.vector_stores.chroma import ChromaVectorStore

    return ChromaVectorStore(chroma_collection=collection)
