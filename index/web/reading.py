"""From a page, or from what a feed says of it, to an article with its facts and their origin."""

from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path

from index import dating
from index.dating import Dated
from index.errors import SourceError
from index.schema import Article
from index.sources import confined
from index.sources.decoding import decode
from index.sources.draft import ADDRESS, Draft, finish
from index.sources.files import load
from index.sources.html_dates import in_address
from index.web.addresses import clean, fold, same_site, shown
from index.web.feeds import Entry, Feed, from_json, listed
from index.web.fetching import Page
from index.web.kinds import MAX_TEXT

FEED_FILES = (".xml", ".rss", ".atom", ".opml")
FEED = "feed"  # where a date was found
MIN_OWN = 400  # characters; what is shorter in a feed is a summary, not the article
FRAGMENT = "<html><head><title>{}</title></head><body><article>{}</article></body></html>"


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed says of an article that it links to."""

    entry: Entry
    outlet: str | None


def from_page(page: Page, told: Told | None) -> Article:
    """The article on a page. Raises SourceError, which names the page."""
    try:
        return _read(page, told)
    except SourceError as error:
        raise SourceError(f"{shown(page.address)}: {error}") from None


def _read(page: Page, told: Told | None) -> Article:
    match page.kind:
        case "html":
            draft = confined.read("html", page.data, page.address, page.charset)
        case "text":
            draft = Draft(decode(page.data, [page.charset] if page.charset else []))
        case "feed":
            raise SourceError("is another feed: ingest it by itself")
        case kind:
            draft = confined.read(kind, page.data)
    draft = _supplemented(draft, clean(draft.url or page.address), told)
    return _finished(draft, page.fetched)


def from_feed(told: Told, fetched: datetime) -> Article:
    """The article as the feed itself has it. Raises SourceError if the feed has a summary only."""
    page = FRAGMENT.format(escape(told.entry.title), told.entry.content or "")
    draft = confined.read("html", page.encode("utf-8", "replace"), told.entry.link)
    if len(draft.text) < MIN_OWN:
        raise SourceError("has a summary only")
    draft = replace(draft, title=told.entry.title or None, published=None)
    return _finished(_supplemented(draft, clean(told.entry.link), told), fetched)


def _finished(draft: Draft, fetched: datetime) -> Article:
    assert draft.url is not None
    return replace(finish(draft, fold(draft.url), draft.url), fetched=fetched)


def _supplemented(draft: Draft, url: str, told: Told | None) -> Draft:
    """The draft with what the feed and the address say, where the page itself says nothing."""
    draft = replace(draft, url=url)
    if told is not None:
        draft = replace(
            draft,
            title=draft.title or told.entry.title or None,
            author=draft.author or told.entry.author,
            outlet=draft.outlet or told.outlet,
        )
        published = _published(draft.published, told.entry.published)
        changed = told.entry.changed and Dated(told.entry.changed, FEED)
        draft = replace(draft, published=published, updated=draft.updated or changed or None)
    return replace(draft, published=draft.published or in_address(url))


def _published(on_page: Dated | None, in_feed: str | None) -> Dated | None:
    """What the page says, unless the feed says it better."""
    if on_page is None or in_feed is None:
        return on_page or (Dated(in_feed, FEED) if in_feed else None)
    weak = on_page.origin == ADDRESS or dating.is_within(in_feed, on_page.written)
    # The same moment in UTC and at the outlet.
    same = dating.is_universal(on_page.written) and dating.same_moment(on_page.written, in_feed)
    return Dated(in_feed, FEED) if weak or same else on_page


def outlet_of(feed: Feed, address: str | None, link: str) -> str | None:
    """The feed's title, if the feed is the outlet's own."""
    own = any(same_site(place, link) for place in (feed.link, address) if place)
    return feed.title or None if own else None


def feed_on(page: Page) -> Feed:
    """The feed at an address. Raises SourceError, which names the address."""
    try:
        return from_json(confined.read_feed(page.data, page.address, page.charset))
    except SourceError as error:
        raise SourceError(f"{shown(page.address)}: {error}") from None


def feed_in(path: Path) -> Feed:
    """The feed or the list of addresses in a file. Raises SourceError."""
    data = load(path, MAX_TEXT)
    if path.suffix.lower() in FEED_FILES:
        return from_json(confined.read_feed(data, None, None))
    addresses = listed(decode(data))
    if addresses is None:
        raise SourceError("is no list of addresses: give one http or https address a line")
    return Feed(feeds=tuple(addresses))


def leads_elsewhere(path: Path) -> bool:
    """Whether a file is a feed or a list of addresses, so that articles are gathered by it."""
    if path.suffix.lower() in FEED_FILES:
        return True
    try:
        return path.suffix.lower() == ".txt" and listed(decode(load(path, MAX_TEXT))) is not None
    except (SourceError, OSError):
        return False
