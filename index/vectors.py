"""Nearest vectors, in Chroma. The home of chromadb.

Chroma is a cache that can be rebuilt, never the truth, and it is silent when misused: adding an id
that is there keeps the old row, vectors that are not numbers are taken, rows of a damaged index go
missing without an error. So one small class checks what goes in and what comes out. Nor does
Chroma care what lay in the memory that it writes to its files.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from warnings import catch_warnings

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveError
from index.failing import told
from index.memory import blank_memory

PAGE = 1000  # more than 5,461 rows or 32,766 variables in a call fail
ADDED = (
    100  # rows in a call, for which Chroma stops all other threads: 2 ms a row on a busy machine
)
# Rows after which Chroma writes its index, with all ids in it; newer ones it adds when opened.
SYNCED, SYNCED_IN_BULK = 1000, 45_000
SAME = 0.99999  # cosine of one vector to itself, as float32 has it
COLLECTION = "passages"


class VectorStore:
    """Unit vectors by passage id; distance is cosine. One object per process and folder."""

    @blank_memory()
    def __init__(self, place: Path | str, dimension: int, synced: int = SYNCED) -> None:
        """place: a folder for an embedded store, or the URL of a Chroma server.

        synced: SYNCED_IN_BULK if a multiple of that will be added before it is closed.
        """
        self.dimension = dimension
        self._place, self._synced = place, synced
        with self._told():
            self._client = _client(place)
            self._collection = self._open()

    def close(self) -> None:
        """Give the files back."""
        self._client.close()

    @blank_memory()
    def count(self) -> int:
        """How many vectors are stored."""
        with self._told():
            return int(self._collection.count())

    def ids(self) -> set[str]:
        """The ids of all that is stored."""
        found: set[str] = set()
        with self._told():
            while page := self._collection.get(limit=PAGE, offset=len(found), include=[])["ids"]:
                found.update(page)
        return found

    @blank_memory()
    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add new vectors, shape (len(ids), dimension). Ids that are there already are left."""
        self._check(vectors)
        for at in range(0, len(ids), ADDED):
            page = list(ids[at : at + ADDED])
            new = set(page) - self._present(page)
            rows = [at + n for n, passage_id in enumerate(page) if passage_id in new]
            if rows:
                with self._told():
                    self._collection.add(ids=[ids[row] for row in rows], embeddings=vectors[rows])

    @blank_memory()
    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are no error."""
        for at in range(0, len(ids), PAGE):
            if present := sorted(self._present(ids[at : at + PAGE])):
                with self._told():
                    self._collection.delete(ids=present)

    @blank_memory()
    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Ids of the k nearest, k at least 1, with their cosine similarity in [-1, 1], best first.

        Chroma gives fewer where there are fewer; to count them first takes longer than to search.
        """
        self._check(vector[None, :])
        with self._told():
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=k, include=["distances"]
            )
        distances = (found["distances"] or [[]])[0]
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances, strict=True)]

    @blank_memory()
    def clear(self) -> None:
        """Remove everything."""
        self._client.delete_collection(COLLECTION)
        self._collection = self._open()

    def _open(self) -> Any:
        sizes = {"space": "cosine", "ef_search": 200, "sync_threshold": self._synced}
        collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,  # the default one downloads a model
            configuration={"hnsw": sizes},
        )
        if collection.configuration_json["hnsw"]["sync_threshold"] != self._synced:
            with catch_warnings(action="ignore", category=DeprecationWarning):  # its own
                collection.modify(configuration={"hnsw": {"sync_threshold": self._synced}})
        return collection

    def _present(self, ids: Sequence[str]) -> set[str]:
        with self._told():
            return set(self._collection.get(ids=list(ids), include=[])["ids"])

    def _told(self) -> AbstractContextManager[None]:
        from chromadb.errors import ChromaError

        return told(self._place, "the vector index", ChromaError)

    def _check(self, vectors: NDArray[np.float32]) -> None:
        if vectors.shape[1] != self.dimension:
            raise ArchiveError(
                f"A vector of {vectors.shape[1]} numbers came to a store of {self.dimension}: "
                "the embedder was changed; run 'dateline reindex'."
            )
        if not np.isfinite(vectors).all():
            raise ArchiveError("The embedder gave a vector that is not finite; try another model.")


def missing(store: VectorStore, sample: Iterator[tuple[str, NDArray[np.float32]]]) -> float:
    """The share of the sample, in [0, 1], that a search for its own vector does not find.

    Where ten others have the very same vector, one of them is as good.
    """
    found = [_finds(store.search(vector, 10), passage_id) for passage_id, vector in sample]
    return 1 - sum(found) / len(found) if found else 0.0


def _finds(nearest: Sequence[tuple[str, float]], passage_id: str) -> bool:
    same = len(nearest) == 10 and nearest[-1][1] > SAME
    return same or any(found == passage_id for found, _ in nearest)


def _client(place: Path | str) -> Any:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(place, Path):
        return chromadb.PersistentClient(path=str(place), settings=settings)
    url = urlsplit(place)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ArchiveError(f"'{place}' is no URL of a Chroma server, e.g. http://localhost:8000.")
    port = url.port or (443 if url.scheme == "https" else 8000)
    try:
        return chromadb.HttpClient(url.hostname, port, url.scheme == "https", settings=settings)
    except ValueError as error:
        raise ArchiveError(
            f"No Chroma server answers at {place}: start it with 'chroma run', or unset "
            "DATELINE_CHROMA_URL to use the embedded one."
        ) from error
