"""An index by another embedder, built beside the one in use, which answers until it is done.

The new one is an archive of its own in the folder `next` of the data directory, so that what was
embedded before a kill stays embedded.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.archive import Archive
from index.database import ARCHIVE, Database
from index.derived import Going
from index.embedding import Embedder
from index.errors import ArchiveLocked, NotFound
from index.model_prompts import Prompts
from index.schema import Article

NEXT = "next"
BATCH = 32  # articles


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made an index."""

    name: str  # of the embedder
    prompts: Prompts | None  # None where they were not noted: then there were none for passages

    def made(self, embedder: Embedder) -> bool:
        """Whether this embedder makes such vectors of passages; questions are another matter."""
        passage = self.prompts.passage if self.prompts else ""
        return (self.name, passage) == (embedder.name, embedder.prompts.passage)


def made_by(folder: Path) -> Maker | None:
    """Who made the index in the folder; None if there is none. It may be in use."""
    path = folder / ARCHIVE
    if not path.exists():
        return None
    database = Database(path)
    try:
        name, prompts = database.get_meta("embedder"), database.get_meta("prompts")
        return Maker(name, Prompts(**json.loads(prompts)) if prompts else None) if name else None
    finally:
        database.close()


def next_maker(folder: Path) -> Maker:
    """Who made the next index of the archive in the folder. Raises NotFound if there is none."""
    if maker := made_by(folder / NEXT):
        return maker
    raise NotFound("No other index was built: run 'dateline reindex --embedder NAME' first.")


def take_over(archive: Archive, embedder: Embedder) -> int:
    """Put the next index in the place of the archive's own; how many articles it has."""
    with archive.paused():
        following = begun(archive.folder, embedder)
        catch_up(archive.database, following)
        archive.succeed(following)
        return archive.database.counts()[0]


def build(folder: Path, embedder: Embedder, tell: Callable[[int, int], None]) -> int:
    """Make the next index of the archive in the folder, or go on with it; how many articles.

    Only reads the archive, so that it may be in use; tell: how many articles of how many are done.
    """
    source = Database(folder / ARCHIVE)
    try:
        with begun(folder, embedder) as following:
            lacked, before = catch_up(source, following, tell), 0
            while lacked not in (0, before):  # articles may have come in meanwhile
                lacked, before = catch_up(source, following, tell), lacked
            return following.database.counts()[0]
    finally:
        source.close()


def begun(folder: Path, embedder: Embedder) -> Archive:
    """The next index as far as it is made; anew if it was begun with another embedder."""
    place = folder / NEXT
    maker = made_by(place)
    if maker and not maker.made(embedder):
        shutil.rmtree(place)
    return Archive(place, embedder)


def catch_up(
    source: Database, following: Archive, tell: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Give the next index the articles of the source as they are now; how many it lacked."""
    forget(source, following)
    wanted, there = source.fingerprints(), following.database.fingerprints()
    late = sorted(i for i, fingerprint in wanted.items() if there.get(i) != fingerprint)
    for at in range(0, len(late), BATCH):
        _put(following, [a for i in late[at : at + BATCH] for a in source.find(i) if a.id == i])
        tell(len(wanted) - len(late) + min(at + BATCH, len(late)), len(wanted))
    return len(late)


def forget(source: Database, following: Archive) -> None:
    """Delete from the next index what the source has no more, and wipe it from its files."""
    for article_id in following.database.fingerprints().keys() - source.fingerprints().keys():
        following.delete(article_id)
    following.wipe()


def wipe(archive: Archive, going: Going = lambda: True) -> bool:
    """Leave nothing of what was deleted in any file: neither here nor in a next index begun.

    False if it has to be done again; then, too, while another process is at that index.
    """
    if archive.database.unwiped() and (archive.folder / NEXT / ARCHIVE).exists():
        try:
            with Archive(archive.folder / NEXT, archive.embedder, any_embedder=True) as following:
                forget(archive.database, following)
        except ArchiveLocked:
            return False
    return archive.wipe(going)


def _put(following: Archive, articles: Sequence[Article]) -> None:
    following.add(articles)
    for article in articles:
        if following.database.fingerprint(article.id) != article.fingerprint:
            following.delete(article.id)  # it kept a text with other white space: places differ
            following.add([article])
