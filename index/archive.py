"""The archive: three stores kept in step, in one folder held by one process.

SQL is the truth. Chroma and Tantivy follow it: whatever they have not yet done is noted in the
transaction that made it necessary, and done again after a kill; what is missing or damaged is built
anew from the vectors and texts in SQL.
"""

import json
import logging
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Literal

import numpy as np

from index import copies, forward, probe
from index.database import ARCHIVE, Database
from index.embedding import Embedder
from index.errors import ArchiveError, EmbedderMismatch, NotFound
from index.failing import told
from index.flow import staged
from index.lexical import LexicalStore, Words
from index.lock import Lock as FolderLock
from index.model_prompts import Prompts
from index.preparing import Part, Vector, Work, prepared
from index.schema import Article, Copy, Visit
from index.shared_lock import SharedLock
from index.tables import PAGE, pages
from index.vectors import VectorStore
from index.versions import successor

Outcome = Literal["added", "changed", "unchanged"]
BATCH = 16  # articles embedded together
MOST_PENDING = 1_000_000
MIN_FREE = 200_000_000  # bytes; a full disk can ruin a vector index for good
FORMAT = "1"  # of the data directory

log = logging.getLogger(__name__)


class Archive:
    """Articles, passages and what finds them. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        chroma_url: str | None = None,
        *,
        any_embedder: bool = False,
        thorough: bool = False,
    ) -> None:
        """Raises ArchiveLocked, EmbedderMismatch (unless `any_embedder`) or ArchiveError.

        thorough: look at every passage in the derived stores, not only at how many there are.
        """
        self.folder = folder
        self.embedder = embedder
        self.mended: dict[str, str] = {}  # what was built anew ("vectors", "words"), and why
        with told(folder, "the data directory"):
            self.lock = FolderLock(folder)
        self._any_embedder = any_embedder
        self._thorough = thorough
        self._chroma_url = chroma_url
        self._writing = RLock()
        self._opening = RLock()  # its own: a search must not wait for what is being written
        self.use = SharedLock()  # shared by searches, so that no store closes under them
        self._last: Mapping[str, Vector] = {}  # of the batch embedded last, by digest
        self._vectors: VectorStore | None = None
        self._opened = False  # and in step
        self._probe: subprocess.Popen[bytes] | None = None
        try:
            self.database = Database(folder / ARCHIVE)
            self._check_format()
            if not any_embedder:
                self._check_embedder()
            self._group()
            self._number()
            with told(self._lexical_folder, "the lexical index", ValueError):
                self.lexical = self._open_lexical()
            self._start_probe()
        except BaseException:
            self.lock.release()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        if self._probe:
            self._probe.wait()
        if self._vectors:
            self._vectors.close()
        self.database.close()
        self.lock.release()

    @property
    def vectors(self) -> VectorStore:
        """The vector store, opened and put in step at first use."""
        if self._opened and self._vectors:
            return self._vectors
        with self._opening:
            if self._vectors is None:
                if not self._any_embedder:
                    self._check_prompts()
                self._vectors = self._open_vectors()
                self._follow()
                self._sweep()
            self._opened = True
            return self._vectors

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Let no store change place meanwhile."""
        self.vectors  # noqa: B018 (opened before, for that may change them)
        with self.use.shared():
            yield

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        """Store articles, each as the newest version of its key; kept once this returns."""
        return self._store(self._embed(self._prepare(articles)))

    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]:
        """What `add` says of each batch; one is split, one embedded and one stored at a time."""
        return staged(batches, self._prepare, self._embed, self._store)

    def visit(self, address: str) -> Visit | None:
        """What was noted of the address at its last visit."""
        return self.database.visit(address)

    def note(self, visit: Visit) -> None:
        """Remember a visit, in place of earlier ones to its address."""
        with self._writing:
            self.database.note(visit)

    def holds(self, key: str) -> bool:
        """Whether there is an article with this key."""
        return self.database.holds(key)

    def delete(self, reference: str) -> Article:
        """Remove the one article that goes by this id, name, key or URL, with all its versions.

        Nothing of it is left in any file once this returns, save what a Chroma server keeps.
        """
        article = self.get(reference)
        with self._writing:
            self.database.delete(article)
            self._follow()
        return article

    def version(self, reference: str, version: str | None) -> Article:
        """An article as it read in this version, or now if that is None. Raises NotFound."""
        newest = self.get(reference)
        if version in (None, newest.version):
            return newest
        for article in self.database.earlier(newest.id):
            if article.version == version:
                return article
        raise NotFound(
            f"There is no version '{version}' of this article, or it was deleted: "
            "read the newest by leaving the version out."
        )

    def history(self, article: Article) -> list[Article]:
        """All versions of the article, newest first."""
        newest = self.database.article(article.id)
        return [*([newest] if newest else []), *self.database.earlier(article.id)]

    def get(self, reference: str) -> Article:
        """The one article that goes by this id, name, key or URL. Raises NotFound."""
        found = self.database.find(reference)
        if not found:
            raise NotFound(
                f"No article goes by '{reference}': 'dateline articles list' shows those there are."
            )
        if len(found) > 1:
            ids = ", ".join(article.id for article in found)
            raise NotFound(f"{len(found)} articles go by '{reference}': use one of the ids {ids}.")
        return found[0]

    def copies(self, article: Article) -> tuple[Copy, ...]:
        """The other articles with the same story, earliest first, undated last."""
        found = self.database.copies([article.id])
        return found[article.id][1] if found else ()

    def reindex(self, *, anew: bool = False) -> int:
        """Split every article again and embed what is new to the present embedder; how many.

        anew: embed all, for an embedder that is another one under the same name. After a kill the
        archive opens only with `any_embedder`, until this is run again; it goes on where it was.
        """
        total, _ = self.database.counts()
        self._claim()
        self.database.set_meta("reindexing", "yes")
        pages = (self.database.articles(PAGE, at) for at in range(0, total, PAGE))
        batches = (page[at : at + BATCH] for page in pages for at in range(0, len(page), BATCH))
        split, embed = partial(self._prepare, anew=True), partial(self._embed, anew=anew)
        for _ in staged(batches, split, embed, self._replace):
            pass
        with self._writing:
            if self._vectors:
                self._vectors.close()
            self._vectors = self._rebuild_vectors()
            self._sweep()
            self._follow()
            self.database.set_meta("reindexing", "")
        return total

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing be written but by this thread."""
        with self._writing:
            yield

    def succeed(self, following: "Archive") -> None:
        """Take over the embedder, passages and vectors of an archive of the same articles.

        Closes that one and removes it. A kill leaves the old index or the new one, whole.
        """
        following.vectors  # noqa: B018 (opening them brings them in step)
        names = {"vectors": self._free("vectors"), "lexical": self._free("lexical")}
        places = {"vectors": following._vector_folder, "lexical": following._lexical_folder}
        notes = _notes(following.embedder) | names
        following.close()
        with self._writing, self.use.alone():
            self._let_go()
            for kind, place in places.items():
                place.rename(self.folder / names[kind])
            self.database.adopt(following.folder / ARCHIVE, notes)
            self.embedder = following.embedder
            self.lexical = LexicalStore(self._lexical_folder)
            self._vectors = self._taken_over()
        shutil.rmtree(following.folder, ignore_errors=True)
        self._sweep()

    def _let_go(self) -> None:
        if self._vectors:
            self._vectors.close()
            self._vectors = None
        if self._chroma_url:  # with the old vectors in it, it could pass for complete
            VectorStore(self._chroma_url, self._dimension).clear()

    def _taken_over(self) -> VectorStore:
        if self._chroma_url:
            return self._rebuild_vectors()
        return VectorStore(self._vector_folder, self._dimension)

    def _free(self, kind: str) -> str:
        """A name for a folder of this kind ("vectors", "lexical") that is not in use."""
        taken = (self.database.get_meta(kind) or f"{kind}-0").rpartition("-")[2]
        name = f"{kind}-{int(taken) + 1}"
        shutil.rmtree(self.folder / name, ignore_errors=True)  # of what was cut off
        return name

    def _newer(self, article: Article) -> Article | None:
        """What is to be stored of it, in place of what is; None if that is the same."""
        if self.database.fingerprint(article.id) == article.fingerprint:
            return None
        old = self.database.article(article.id)
        new = successor(article, old) if old else article
        return new if old is None or new.fingerprint != old.fingerprint else None

    def _claim(self) -> None:
        """Note whose vectors these are, before the first of them is stored."""
        self._check_prompts()
        for key, value in _notes(self.embedder).items():
            self.database.set_meta(key, value)

    def _prepare(self, articles: Sequence[Article], *, anew: bool = False) -> Work:
        """What there is to do for these: nothing for what is stored as it is, unless anew."""
        new = [article if anew else self._newer(article) for article in articles]
        if any(new):
            self._check_space()
        pairs = zip(articles, new, strict=True)
        return Work([(a, prepared(n, self.embedder) if n else None) for a, n in pairs])

    def _embed(self, work: Work, *, anew: bool = False) -> Work:
        """The work with a vector for each text; unless anew, only of what has none yet."""
        texts = work.texts
        # The batch before may still be on its way into SQL.
        known = {} if anew else {**self.database.embedded(list(texts)), **self._last}
        new = [digest for digest in texts if digest not in known]
        vectors = self.embedder.embed([texts[digest] for digest in new]) if new else ()
        self._last = dict(zip(new, vectors, strict=True))
        return replace(work, vectors={**known, **self._last})

    def _store(self, work: Work) -> list[Outcome]:
        with self._writing:
            if any(part for _, part in work.items):
                self._claim()
            outcomes = [self._keep(article, part, work.vectors) for article, part in work.items]
            self._follow()
            return outcomes

    def _keep(self, article: Article, part: Part | None, vectors: Mapping[str, Vector]) -> Outcome:
        known = self.database.fingerprint(article.id) is not None
        new = self._newer(article)  # not as it was prepared, if it came twice
        if new is None:
            return "unchanged"
        if part is None or part.article != new:
            work = self._embed(Work([(article, prepared(new, self.embedder))]))
            part, vectors = work.items[0][1], work.vectors
        self._put(part, vectors)
        return "changed" if known else "added"

    def _replace(self, work: Work) -> None:
        with self._writing:
            for _, part in work.items:
                self._put(part, work.vectors)

    def _put(self, part: Part | None, vectors: Mapping[str, Vector]) -> None:
        assert part, "it was prepared"
        stamped = replace(part.article, fetched=part.article.fetched or datetime.now(UTC))
        found = [vectors[digest] for digest in part.digests]
        self.database.put(stamped, part.passages, found, part.digests)

    def _follow(self) -> None:
        """Do in the derived stores what is pending. A kill at any point only means doing it again.

        Passage ids are new for every version of an article, so nothing is ever overwritten.
        """
        while pending := self.database.pending():
            store = self.vectors
            gone = [passage_id for passage_id, delete in pending if delete]
            new = [passage_id for passage_id, delete in pending if not delete]
            loaded = self.database.load(new)
            vectors = self.database.vectors(list(loaded))
            if loaded:
                store.add(list(loaded), np.stack([vectors[i] for i in loaded]))
            self.lexical.update((Words(*pair) for pair in loaded.values()), gone)
            store.delete(gone)
            self.database.settle([passage_id for passage_id, _ in pending])
        if self.database.get_meta("erase") == "due":
            self._erase()

    def _erase(self) -> None:
        """Make the derived stores anew, for their files keep what was deleted until they are."""
        self.lexical.rewrite(self._words())
        if self._vectors and not self._chroma_url:
            old, new = self._vectors, self._rebuild_vectors()
            with self.use.alone():
                self._vectors = new
            old.close()
            self._sweep()
        if self.database.erase():
            self.database.set_meta("erase", "done")

    def _group(self) -> None:
        """Group what is not grouped: all articles of an archive that was made before this was."""
        if self.database.get_meta("copies") != copies.VERSION:
            self.database.forget_groups()
            self.database.set_meta("copies", copies.VERSION)
        while self.database.group(PAGE):
            log.warning("Grouping the copies among the articles of %s.", self.folder)

    def _number(self) -> None:
        """Fill the forward index: of an archive that was made before there was one, all of it."""
        if self.database.get_meta("words") != forward.VERSION:
            self.database.forget_numbers()
            self.database.set_meta("words", forward.VERSION)
        missing = self.database.unnumbered()
        if missing:
            log.warning("Numbering the words of the articles of %s.", self.folder)
        for page in pages(missing):
            self.database.number(page)

    def _check_format(self) -> None:
        found = self.database.get_meta("format")
        if found is None:
            self.database.set_meta("format", FORMAT)
        elif found != FORMAT:
            raise ArchiveError(
                f"The data directory {self.folder} has format {found}, this version reads "
                f"{FORMAT}: update Dateline, or ingest into a new directory with --data."
            )

    def _check_embedder(self) -> None:
        made_by = self.database.get_meta("embedder")
        if made_by is not None and made_by != self.embedder.name:
            raise EmbedderMismatch(
                f"The index in {self.folder} was made by the embedder '{made_by}', not by "
                f"'{self.embedder.name}': set DATELINE_EMBEDDER back, or run 'dateline reindex'."
            )
        if self.database.get_meta("reindexing"):
            raise EmbedderMismatch(
                f"The index in {self.folder} is half made anew: run 'dateline reindex' again; "
                "it goes on where it was."
            )

    def _check_prompts(self) -> None:
        """Not done on opening: a model has to be loaded to be asked for its prompts."""
        made_with = self.database.get_meta("prompts") or "{}"
        passage = Prompts(**json.loads(made_with)).passage
        same = self.database.get_meta("embedder") == self.embedder.name
        if same and passage != self.embedder.prompts.passage:
            raise EmbedderMismatch(
                f"The index in {self.folder} was made with '{passage}' before each passage, now "
                f"'{self.embedder.name}' is given '{self.embedder.prompts.passage}': set "
                "DATELINE_PASSAGE_PROMPT back, or run 'dateline reindex'."
            )

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < MIN_FREE:
            raise ArchiveError(
                f"Only {free // 1_000_000} MB are free under {self.folder}: make room for at least "
                f"{MIN_FREE // 1_000_000} MB and ingest again; nothing was lost."
            )

    def _open_lexical(self) -> LexicalStore:
        folder = self._lexical_folder
        try:
            store = LexicalStore(folder)
            if self._in_step(store.count()) and not (self._thorough and self._lacks(store.ids())):
                return store
            self._mend("words", "it was not complete")
        except (ValueError, ArchiveError) as error:  # what Tantivy raises for files it cannot read
            self._mend("words", f"it was damaged ({error})")
        shutil.rmtree(folder, ignore_errors=True)
        store = LexicalStore(folder)
        store.rewrite(self._words())
        return store

    def _words(self) -> Iterator[Words]:
        ids = self.database.passage_ids()
        for at in range(0, len(ids), PAGE):
            for found in self.database.load(ids[at : at + PAGE]).values():
                yield Words(*found)

    def _mend(self, name: str, why: str) -> None:
        if self.database.counts()[1]:  # of nothing there is nothing to miss
            self.mended[name] = why
            log.warning("The index of %s in %s is built anew: %s.", name, self.folder, why)

    def _lacks(self, found: set[str]) -> bool:
        """Whether a derived store with these passages lacks any, or has others."""
        pending = self.database.pending(MOST_PENDING)
        truth = set(self.database.passage_ids())
        awaited = {passage_id for passage_id, delete in pending if not delete}
        leaving = {passage_id for passage_id, delete in pending if delete}
        return not truth - awaited <= found <= truth | leaving

    def _in_step(self, count: int) -> bool:
        """Whether a derived store with so many passages can be what was left at the last stop."""
        awaited = [delete for _, delete in self.database.pending(MOST_PENDING)]
        expected = self.database.counts()[1]
        return expected - awaited.count(False) <= count <= expected + awaited.count(True)

    @property
    def _vector_folder(self) -> Path:
        return self.folder / (self.database.get_meta("vectors") or "vectors-0")

    @property
    def _lexical_folder(self) -> Path:
        return self.folder / (self.database.get_meta("lexical") or "lexical")

    def _start_probe(self) -> None:
        dimension = self.database.get_meta("dimension")
        if not self._chroma_url and dimension and self._vector_folder.exists():
            archive = self.folder / ARCHIVE
            folder = self._vector_folder
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
        return VectorStore(self._vector_folder, self._dimension)

    def _rebuild_vectors(self) -> VectorStore:
        """All vectors again from SQL: in a new folder that then takes the old one's place.

        The old one is left to `_sweep`, for a search may still use it.
        """
        if self._chroma_url:
            store = VectorStore(self._chroma_url, self._dimension)
            store.clear()
            self._fill(store)
            return store
        new = self._free("vectors")
        try:
            store = VectorStore(self.folder / new, self._dimension)
            self._fill(store)
        except ArchiveError:
            shutil.rmtree(self.folder / new, ignore_errors=True)  # it may be what fills the disk
            raise
        self.database.set_meta("vectors", new)
        return store

    def _sweep(self) -> None:
        """Remove the folders of stores that another one has taken the place of."""
        used = {self._vector_folder, self._lexical_folder}
        for folder in {*self.folder.glob("vectors-*"), *self.folder.glob("lexical*")} - used:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def _dimension(self) -> int:
        noted = self.database.get_meta("dimension")
        return int(noted) if noted else self.embedder.dimension

    def _fill(self, store: VectorStore) -> None:
        ids = self.database.passage_ids()
        for at in range(0, len(ids), PAGE):
            vectors = self.database.vectors(ids[at : at + PAGE])
            store.add(list(vectors), np.stack(list(vectors.values())))


def _notes(embedder: Embedder) -> dict[str, str]:
    """What is remembered of who made the vectors."""
    prompts = json.dumps(asdict(embedder.prompts))
    return {
        "embedder": embedder.name,
        "prompts": prompts,
        "dimension": str(embedder.dimension),
    }
