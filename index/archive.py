"""The archive: articles in, articles out, in one folder held by one process.

SQL is the truth; what finds passages follows it: see `derived`.
"""

import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Literal

from index import compatibility, copies, forward, glossing
from index.database import ARCHIVE, VERSIONS, Database
from index.derived import Derived, Going
from index.embedding import Embedder
from index.errors import ArchiveError, NotFound
from index.failing import told
from index.flow import staged
from index.lexical import LexicalStore
from index.lock import Lock as FolderLock
from index.preparing import Part, Vector, Work, prepared
from index.schema import Article, Copy, Visit
from index.tables import PAGE, pages
from index.vectors import VectorStore
from index.versions import successor

Outcome = Literal["added", "changed", "unchanged"]
BATCH = 16  # articles embedded together

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
        versions: int = VERSIONS,
    ) -> None:
        """Raises ArchiveLocked, EmbedderMismatch (unless `any_embedder`) or ArchiveError.

        thorough: look at every passage in the derived stores, not only at how many there are.
        versions: how many earlier ones of an article are kept, beside those that answers rest on.
        """
        self.folder = folder
        self.embedder = embedder
        with told(folder, "the data directory"):
            self.lock = FolderLock(folder)
        self._writing = RLock()
        self._last: Mapping[str, Vector] = {}  # of the batch embedded last, by digest
        self._cited: set[tuple[str, str]] = set()  # ids and versions, already noted
        self._fits = any_embedder  # the embedder, down to what it is given before a passage
        try:
            self.database = Database(folder / ARCHIVE, versions)
            compatibility.check_format(self.database, folder)
            if not any_embedder:
                compatibility.check_embedder(self.database, folder, embedder)
            self.database.cited_since  # noqa: B018 (notes it, before anything comes in)
            self._group()
            self._number()
            self.derived = Derived(folder, self.database, embedder, chroma_url, thorough=thorough)
        except BaseException:
            self.lock.release()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        self.derived.close()
        self.database.close()
        self.lock.release()

    @property
    def vectors(self) -> VectorStore:
        """The vector store, opened and put in step at first use. Raises EmbedderMismatch."""
        if not self._fits:
            compatibility.check_prompts(self.database, self.folder, self.embedder)
            self._fits = True
        return self.derived.vectors

    @property
    def lexical(self) -> LexicalStore:
        """The index of words."""
        return self.derived.lexical

    @property
    def mended(self) -> Mapping[str, str]:
        """What was built anew on opening ("vectors", "words"), and why."""
        return self.derived.mended

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Let no store change place meanwhile."""
        self.vectors  # noqa: B018 (opened before, for that may change them)
        with self.derived.use.shared():
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

        It is in no answer once this returns, and in no file once `wipe` is done.
        """
        article = self.get(reference)
        with self._writing:
            self.database.delete(article)
            self.derived.follow()
        return article

    def cite(self, cited: Iterable[Article]) -> None:
        """Keep the present text of these for as long as the article is kept: an answer cites it."""
        new = [each for each in cited if (each.id, each.version) not in self._cited]
        if not new:
            return
        try:
            self.database.cite(new)
            self._cited |= {(each.id, each.version) for each in new}
        except ArchiveError as error:  # a full disk: then nothing takes its place
            log.warning("It was not noted what an answer cites: %s", error)

    def wipe(self, going: Going = lambda: True) -> bool:
        """Leave nothing of what was deleted in any file, save what a Chroma server keeps.

        This makes the indexes anew, so it is done once for many deletions, and beside those in
        use: nobody waits. False if it has to be done again: it was given up (`going` says so), more
        was deleted meanwhile, or a reader was in the way.
        """
        seen = self.database.unwiped()
        if seen is None:
            return True
        self.vectors  # noqa: B018 (opened, to be made anew)
        if not self.derived.renew(self.paused, going):
            return False
        with self._writing:
            return self.database.erase(seen)

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
        self.database.set_meta("glosses", glossing.VERSION)
        self.database.set_meta("reindexing", "yes")
        pages = (self.database.articles(PAGE, at) for at in range(0, total, PAGE))
        batches = (page[at : at + BATCH] for page in pages for at in range(0, len(page), BATCH))
        split, embed = partial(self._prepare, anew=True), partial(self._embed, anew=anew)
        for _ in staged(batches, split, embed, self._replace):
            pass
        with self._writing:
            self.derived.rebuild()
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
        names, places = self.derived.free_names(), following.derived.folders
        notes = compatibility.notes(following.embedder) | names
        notes["glosses"] = following.database.get_meta("glosses") or ""
        following.close()
        with self._writing, self.derived.exchanged():
            for kind, place in places.items():
                place.rename(self.folder / names[kind])
            self.database.adopt(following.folder / ARCHIVE, notes)
            self.embedder = following.embedder
        shutil.rmtree(following.folder, ignore_errors=True)
        self.derived.sweep()

    def _newer(self, article: Article) -> Article | None:
        """What is to be stored of it, in place of what is; None if that is the same."""
        if self.database.fingerprint(article.id) == article.fingerprint:
            return None
        old = self.database.article(article.id)
        new = successor(article, old) if old else article
        return new if old is None or new.fingerprint != old.fingerprint else None

    def _claim(self) -> None:
        """Note whose vectors these are, before the first of them is stored."""
        compatibility.check_prompts(self.database, self.folder, self.embedder)
        if not self.database.counts()[0]:
            self.database.set_meta("glosses", glossing.VERSION)
        for key, value in compatibility.notes(self.embedder).items():
            self.database.set_meta(key, value)

    def _prepare(self, articles: Sequence[Article], *, anew: bool = False) -> Work:
        """What there is to do for these: nothing for what is stored as it is, unless anew."""
        new = [article if anew else self._newer(article) for article in articles]
        if any(new):
            compatibility.check_space(self.folder)
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
            self.derived.follow()
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
