"""The derived stores, Chroma and Tantivy: opened with care, and kept in step with SQL.

Whatever they have not yet done is noted in the transaction that made it necessary, and done again
after a kill; what is missing or damaged is built anew from the vectors and texts in SQL.
"""

import logging
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import takewhile
from pathlib import Path
from threading import RLock

import numpy as np

from index import probe
from index.database import ARCHIVE, Database
from index.embedding import Embedder
from index.errors import ArchiveError
from index.failing import told
from index.lexical import LexicalStore, Words
from index.shared_lock import SharedLock
from index.tables import pages
from index.vectors import SYNCED_IN_BULK, VectorStore

MOST_PENDING = 1_000_000
Going = Callable[[], bool]  # False if what is being done is to be given up
Paused = Callable[[], AbstractContextManager[None]]

log = logging.getLogger(__name__)


def _always() -> bool:
    return True


class Derived:
    """What finds passages by words and by meaning, in the folder of an archive."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        embedder: Embedder,
        chroma_url: str | None,
        *,
        thorough: bool,
    ) -> None:
        """embedder: asked for the size of its vectors as long as none are stored.

        thorough: look at every passage in the stores, not only at how many there are.
        """
        self.mended: dict[str, str] = {}  # what was built anew ("vectors", "words"), and why
        self.use = SharedLock()  # shared by searches, so that no store closes under them
        self._folder = folder
        self._database = database
        self._embedder = embedder
        self._chroma_url = chroma_url
        self._thorough = thorough
        self._opening = RLock()  # its own: a search must not wait for what is being written
        self._vectors: VectorStore | None = None
        self._opened = False  # and in step
        self._probe: subprocess.Popen[bytes] | None = None
        with told(self.folders["lexical"], "the lexical index", ValueError):
            self.lexical = self._open_lexical()
        self._start_probe()

    def close(self) -> None:
        """Give the files back."""
        if self._probe:
            self._probe.wait()
        if self._vectors:
            self._vectors.close()

    @property
    def vectors(self) -> VectorStore:
        """The vector store, opened and put in step at first use."""
        if self._opened and self._vectors:
            return self._vectors
        with self._opening:
            if self._vectors is None:
                self._vectors = self._open_vectors()
                self.follow()
                self.sweep()
            self._opened = True
            return self._vectors

    @property
    def folders(self) -> dict[str, Path]:
        """Where each kind of store lies."""
        vectors = self._database.get_meta("vectors") or "vectors-0"
        lexical = self._database.get_meta("lexical") or "lexical"
        return {"vectors": self._folder / vectors, "lexical": self._folder / lexical}

    def follow(self) -> None:
        """Do in the stores what is pending. A kill at any point only means doing it again.

        Passage ids are new for every version of an article, so nothing is ever overwritten.
        """
        while pending := self._database.pending():
            store = self.vectors
            gone = [passage_id for passage_id, delete in pending if delete]
            new = [passage_id for passage_id, delete in pending if not delete]
            loaded = self._database.load(new)
            vectors = self._database.vectors(list(loaded))
            if loaded:
                store.add(list(loaded), np.stack([vectors[i] for i in loaded]))
            self.lexical.update((Words(*pair) for pair in loaded.values()), gone)
            store.delete(gone)
            self._database.settle([passage_id for passage_id, _ in pending])

    def rebuild(self) -> None:
        """Make the vector store anew from what is in SQL."""
        if self._vectors:
            self._vectors.close()
        self._vectors = self._rebuild_vectors()
        self.sweep()
        self.follow()

    def renew(self, paused: Paused, going: Going) -> bool:
        """Make the stores anew beside those in use, which they then take the place of.

        For files keep what was deleted until they are written anew. paused: to let nothing be
        written in the moment of the change. False if it was given up.
        """
        names, ids = self.free_names(), self._database.passage_ids()
        vectors = None if self._chroma_url else self._new_vectors(names["vectors"], ids, going)
        lexical = LexicalStore(self._folder / names["lexical"])
        lexical.rewrite(self._words(ids, going))
        if going():
            with paused():
                self._catch_up(lexical, vectors, {*ids})
                self._exchange(lexical, vectors, names)
        elif vectors:
            vectors.close()
        self.sweep()
        return going()

    def free_names(self) -> dict[str, str]:
        """For each kind of store, a name for a folder that is not in use."""
        return {kind: self._free(kind) for kind in ("vectors", "lexical")}

    @contextmanager
    def exchanged(self) -> Iterator[None]:
        """Let go of the stores, alone; open afterwards what lies in their folders by then."""
        with self.use.alone():
            self._let_go()
            yield
            self.lexical = LexicalStore(self.folders["lexical"])
            self._vectors = self._taken_over()

    def sweep(self) -> None:
        """Remove the folders of stores that another one has taken the place of."""
        used = {*self.folders.values()}
        for folder in {*self._folder.glob("vectors-*"), *self._folder.glob("lexical*")} - used:
            shutil.rmtree(folder, ignore_errors=True)

    def _let_go(self) -> None:
        if self._vectors:
            self._vectors.close()
            self._vectors = None
        if self._chroma_url:  # with the old vectors in it, it could pass for complete
            VectorStore(self._chroma_url, self._dimension).clear()

    def _taken_over(self) -> VectorStore:
        if self._chroma_url:
            return self._rebuild_vectors()
        return VectorStore(self.folders["vectors"], self._dimension)

    def _free(self, kind: str) -> str:
        taken = (self._database.get_meta(kind) or f"{kind}-0").rpartition("-")[2]
        name = f"{kind}-{int(taken) + 1}"
        shutil.rmtree(self._folder / name, ignore_errors=True)  # of what was cut off
        return name

    def _catch_up(self, lexical: LexicalStore, vectors: VectorStore | None, had: set[str]) -> None:
        """Give new stores what was stored while they were made, and take what was deleted."""
        self.follow()
        ids = {*self._database.passage_ids()}
        new, gone = sorted(ids - had), sorted(had - ids)
        if vectors:
            self._fill(vectors, new)
            vectors.delete(gone)
        lexical.update(self._words(new), gone)

    def _exchange(
        self, lexical: LexicalStore, vectors: VectorStore | None, names: Mapping[str, str]
    ) -> None:
        old = self._vectors
        with self.use.alone():
            self._database.set_meta("lexical", names["lexical"])
            self.lexical = lexical
            if vectors:
                self._database.set_meta("vectors", names["vectors"])
                self._vectors = vectors
        if vectors and old:
            old.close()

    def _open_lexical(self) -> LexicalStore:
        folder = self.folders["lexical"]
        try:
            store = LexicalStore(folder)
            if self._in_step(store.count()) and not (self._thorough and self._lacks(store.ids())):
                return store
            self._mend("words", "it was not complete")
        except (ValueError, ArchiveError) as error:  # what Tantivy raises for files it cannot read
            self._mend("words", f"it was damaged ({error})")
        shutil.rmtree(folder, ignore_errors=True)
        store = LexicalStore(folder)
        store.rewrite(self._words(self._database.passage_ids()))
        return store

    def _words(self, ids: Sequence[str], going: Going = _always) -> Iterator[Words]:
        for page in takewhile(lambda _: going(), pages(ids)):
            for found in self._database.load(page).values():
                yield Words(*found)

    def _mend(self, name: str, why: str) -> None:
        if self._database.counts()[1]:  # of nothing there is nothing to miss
            self.mended[name] = why
            log.warning("The index of %s in %s is built anew: %s.", name, self._folder, why)

    def _lacks(self, found: set[str]) -> bool:
        """Whether a store with these passages lacks any, or has others."""
        pending = self._database.pending(MOST_PENDING)
        truth = set(self._database.passage_ids())
        awaited = {passage_id for passage_id, delete in pending if not delete}
        leaving = {passage_id for passage_id, delete in pending if delete}
        return not truth - awaited <= found <= truth | leaving

    def _in_step(self, count: int) -> bool:
        """Whether a store with so many passages can be what was left at the last stop."""
        awaited = [delete for _, delete in self._database.pending(MOST_PENDING)]
        expected = self._database.counts()[1]
        return expected - awaited.count(False) <= count <= expected + awaited.count(True)

    def _start_probe(self) -> None:
        dimension = self._database.get_meta("dimension")
        folder = self.folders["vectors"]
        if not self._chroma_url and dimension and folder.exists():
            archive = self._folder / ARCHIVE
            self._probe = probe.start(archive, folder, int(dimension), whole=self._thorough)

    def _open_vectors(self) -> VectorStore:
        store = self._sound_vectors()
        if store and self._in_step(store.count()):
            if not (self._thorough and self._lacks(store.ids())):
                return store
        if store:
            store.close()
            self._mend("vectors", "it was not complete")
        return self._rebuild_vectors()

    def _sound_vectors(self) -> VectorStore | None:
        """The store as it lies there, or None if a child that opened it found it damaged."""
        if self._chroma_url:
            return VectorStore(self._chroma_url, self._dimension)
        probed, self._probe = self._probe, None
        fault = probe.fault(probed.wait()) if probed else ""
        if not probed and not self._in_step(0):
            fault = "it was not there"
        if fault:
            self._mend("vectors", fault)
            return None
        return VectorStore(self.folders["vectors"], self._dimension)

    def _rebuild_vectors(self) -> VectorStore:
        """All vectors again from SQL: in a new folder that then takes the old one's place.

        The old one is left to `sweep`, for a search may still use it.
        """
        if self._chroma_url:
            store = VectorStore(self._chroma_url, self._dimension)
            store.clear()
            self._fill(store, self._database.passage_ids())
            return store
        new = self._free("vectors")
        store = self._new_vectors(new, self._database.passage_ids())
        self._database.set_meta("vectors", new)
        return store

    def _new_vectors(self, name: str, ids: Sequence[str], going: Going = _always) -> VectorStore:
        place, bulk = self._folder / name, len(ids) // SYNCED_IN_BULK * SYNCED_IN_BULK
        try:
            if bulk:
                with closing(VectorStore(place, self._dimension, SYNCED_IN_BULK)) as filled:
                    self._fill(filled, ids[:bulk], going)
            store = VectorStore(place, self._dimension)
            self._fill(store, ids[bulk:], going)
        except ArchiveError:
            shutil.rmtree(place, ignore_errors=True)  # it may be what fills the disk
            raise
        return store

    @property
    def _dimension(self) -> int:
        noted = self._database.get_meta("dimension")
        return int(noted) if noted else self._embedder.dimension

    def _fill(self, store: VectorStore, ids: Sequence[str], going: Going = _always) -> None:
        for page in takewhile(lambda _: going(), pages(ids)):
            if vectors := self._database.vectors(page):  # not those that are gone again
                store.add(list(vectors), np.stack(list(vectors.values())))
