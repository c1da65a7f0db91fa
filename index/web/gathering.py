"""From an address to its articles: a page, a PDF or Word file, or all that a feed tells of.

An article that came by a feed stays when the feed has moved on, and one that was deleted is not
brought back by the feed. Whoever stores the articles also notes the visits, in order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from index.errors import SourceError
from index.ingest import Item, Unchanged
from index.schema import Visit
from index.web.addresses import fold, shown
from index.web.feeds import Entry, Feed
from index.web.fetching import Fetcher, Page
from index.web.reading import Told, feed_in, feed_on, from_feed, from_page, outlet_of


class Memory(Protocol):
    """What is known of earlier visits: an archive, or a server that holds one."""

    def visit(self, address: str) -> Visit | None: ...
    def holds(self, key: str) -> bool: ...


class Gatherer:
    """Gathers articles from the web, each address once in its life."""

    def __init__(self, fetcher: Fetcher, memory: Memory, retry: timedelta = timedelta(0)) -> None:
        """`retry`: how long a link in a feed that failed is left alone."""
        self._fetcher = fetcher
        self._memory = memory
        self._retry = retry
        self._seen: set[str] = set()

    def gather(self, address: str) -> Iterator[Item]:
        """Everything at the address; a fault is told in its place."""
        try:
            yield from self._gather(address)
        except SourceError as error:
            yield error

    def gather_file(self, path: Path) -> Iterator[Item]:
        """Everything that a feed or a list of addresses, which lies in a file, leads to."""
        try:
            feed = feed_in(path)
            for address in feed.feeds:
                yield from self.gather(address)
            for entry in feed.entries:
                yield from self._entry(Told(entry, outlet_of(feed, feed.link, entry.link)))
        except (SourceError, OSError) as error:
            yield SourceError(f"{path.name}: {error}")

    def _gather(self, address: str, lists: int = 1) -> Iterator[Item]:
        folded = fold(address)
        known = self._known(folded)
        page = self._fetcher.fetch(address, _validators(known))
        if page is None:
            yield from _unchanged(address, known)
        elif page.kind != "feed":
            yield from self._article(page, address, None)
        else:
            feed = feed_on(page)
            for other in feed.feeds if lists else ():
                yield from self._nested(other)
            yield from self._entries(feed, page, folded)

    def _nested(self, address: str) -> Iterator[Item]:
        try:
            yield from self._gather(address, lists=0)  # a list in a list may go round for ever
        except SourceError as error:
            yield error

    def _entries(self, feed: Feed, page: Page, folded: str) -> Iterator[Item]:
        whole = True
        for entry in feed.entries:
            for item in self._entry(Told(entry, outlet_of(feed, page.address, entry.link))):
                whole = whole and not isinstance(item, SourceError)
                yield item
        # Without validators the feed is read again next time, and what failed is tried again.
        told = {"etag": page.etag, "modified": page.modified} if whole else {}
        yield Visit(folded, page.fetched, **told)

    def _entry(self, told: Told) -> Iterator[Item]:
        link = told.entry.link
        try:
            folded = fold(link)
        except SourceError as error:
            yield error
            return
        if folded in self._seen:
            return
        self._seen.add(folded)
        visit = self._memory.visit(folded)
        if visit and visit.fault and datetime.now(UTC) - visit.checked < self._retry:
            return
        if self._settled(visit, folded, told.entry):
            yield Unchanged(link)
            return
        try:
            known = self._known(folded)
            page = self._fetcher.fetch(link, _validators(known))
            yield from self._article(page, link, told) if page else _unchanged(link, known)
        except SourceError as error:
            yield from _own(told, folded, error)

    def _settled(self, visit: Visit | None, folded: str, entry: Entry) -> bool:
        """Whether what an entry links to has come already, and has not changed since."""
        if visit is None or visit.fault:
            return self._memory.holds(folded)
        return entry.updated is None or entry.updated <= visit.checked

    def _known(self, folded: str) -> Visit | None:
        """The last visit, if what came of it is still there."""
        visit = self._memory.visit(folded)
        if visit is None or visit.fault or (visit.key and not self._memory.holds(visit.key)):
            return None
        return visit

    def _article(self, page: Page, asked: str, told: Told | None) -> Iterator[Item]:
        article = from_page(page, told)
        yield article
        for address in dict.fromkeys((fold(asked), fold(page.address), article.key)):
            yield Visit(address, page.fetched, article.key, page.etag, page.modified)


def _own(told: Told, folded: str, error: SourceError) -> Iterator[Item]:
    """What the feed itself has of an article whose page cannot be had; else the fault."""
    now = datetime.now(UTC)
    try:
        article = from_feed(told, now)
    except SourceError:
        yield error
        yield Visit(folded, now, fault=str(error)[:1000])
    else:
        yield article
        yield Visit(folded, now, article.key)


def _unchanged(address: str, known: Visit | None) -> Iterator[Item]:
    if known is None:
        raise SourceError(f"could not fetch {shown(address)}: the server sent nothing: try again")
    yield Unchanged(address)
    yield replace(known, checked=datetime.now(UTC))


def _validators(known: Visit | None) -> Mapping[str, str]:
    told = {
        "If-None-Match": known and known.etag,
        "If-Modified-Since": known and known.modified,
    }
    return {name: value for name, value in told.items() if value}
