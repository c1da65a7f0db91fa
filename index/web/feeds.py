"""RSS and Atom, and lists of feeds. The home of feedparser; only the child process parses here.

What a feed must not have (entities of its own, endless depth) is looked for first, by expat.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from html import unescape
from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import urljoin
from xml.parsers import expat

from index import dates, dating
from index.errors import SourceError
from index.sources.cleaning import one_line
from index.sources.records import web_address

MAX_ENTRIES = 1000  # the first ones of a longer feed
MAX_DEPTH = 100
MAX_CONTENT = 500_000  # characters of an entry's own text


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as the feed tells of it."""

    link: str
    title: str = ""
    published: str | None = None  # as index.dating writes it, at the outlet
    changed: str | None = None  # likewise, and only if it was after it came out
    updated: datetime | None = None  # the latest that is told of it
    author: str | None = None
    content: str | None = None  # HTML, if the feed has the whole article


@dataclass(frozen=True, slots=True)
class Feed:
    """Articles, or (in a list of feeds) the addresses of other feeds."""

    title: str = ""
    link: str | None = None
    entries: tuple[Entry, ...] = ()
    feeds: tuple[str, ...] = ()


def parse(data: bytes, url: str | None, charset: str | None) -> Feed:
    """The feed in RSS, Atom or OPML. Raises SourceError for what is none, or is hostile."""
    root, outlines = _survey(data)
    if root == "opml":
        return Feed(feeds=tuple(_web(outlines, url)))
    import feedparser

    headers = {"content-location": url or "", "content-type": "application/xml"}
    if charset:
        headers["content-type"] += f"; charset={charset}"
    found = feedparser.parse(BytesIO(data), response_headers=headers, sanitize_html=False)
    if not found.version:
        raise SourceError("is no feed: give the address of an RSS or Atom feed, or of a page")
    base = found.feed.get("link") or url
    dated = found.version.startswith("rss")  # where the only date, dc:date, is that of publication
    zone = _zone(found)
    entries = (_entry(entry, base, dated, zone) for entry in found.entries[:MAX_ENTRIES])
    return Feed(
        title=_words(found.feed.get("title")),
        link=web_address(found.feed.get("link")),
        entries=tuple(entry for entry in entries if entry),
    )


def from_json(found: dict[str, Any]) -> Feed:
    """The feed again, from what JSON makes of it."""
    return Feed(
        title=found["title"],
        link=found["link"],
        entries=tuple(map(_again, found["entries"])),
        feeds=tuple(found["feeds"]),
    )


def listed(text: str) -> list[str] | None:
    """The addresses in a text that holds nothing else but remarks after "#"; else None."""
    lines = [line.partition(" #")[0].strip() for line in text.lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return lines if lines and all(map(web_address, lines)) else None


def _survey(data: bytes) -> tuple[str, list[str]]:
    """The name of the root, and the feeds that an OPML list names. Refuses what is hostile."""
    root: list[str] = []
    outlines: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise SourceError(f"is nested more than {MAX_DEPTH} deep: no feed is")
        root.append(name.lower()) if not root else None
        if name.lower() == "outline":
            given = {key.lower(): value for key, value in attributes.items()}
            outlines.extend([given["xmlurl"]] if given.get("xmlurl") else [])

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> NoReturn:
        raise SourceError("declares entities of its own, which no feed needs and bombs do")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        pass  # feedparser reads much that is not well-formed
    return (root[0] if root else ""), outlines


def _entry(entry: Any, base: str | None, dated: bool, zone: tzinfo | None) -> Entry | None:
    link = _text(entry.get("feedburner_origlink") or entry.get("link")).strip()
    address = web_address(urljoin(base or "", link))
    if not link or address is None:
        return None
    first = _date(_given(entry, "published")) or _date(_given(entry, "created"))
    later = _date(_given(entry, "updated"))
    if dated and first is None:
        first, later = later, None
    return Entry(
        link=address,
        title=_words(entry.get("title")),
        published=first and _at_outlet(first, later, zone),
        changed=later and later != first and _at_outlet(later, first, zone) or None,
        updated=_moment(entry.get("updated") or entry.get("published")),
        author=_author(entry),
        content=_content(entry),
    )


def _author(entry: Any) -> str | None:
    named = _text((entry.get("author_detail") or {}).get("name"))
    return _words(named or entry.get("author")) or None


def _content(entry: Any) -> str | None:
    """The whole text, if the feed carries it: a summary is none."""
    texts = [_text(part.get("value")) for part in entry.get("content") or ()]
    return max(texts, key=len)[:MAX_CONTENT] if texts else None


def _given(entry: Any, name: str) -> object:
    # Asked as an attribute or by get, feedparser gives one date for the other.
    return dict.get(entry, name)


def _date(written: object) -> str | None:
    """The date with its zone as it was written."""
    text = " ".join(_text(written).split())
    found = dates.parse(text) or _mail_date(text)
    return found if found and dating.is_credible(found) else None


def _mail_date(text: str) -> str | None:
    """Dates of mail in their less usual forms, such as "01 May 24 10:00 EST"."""
    moment = _moment(text)
    return dating.of_moment(moment) if moment else None


def _at_outlet(written: str, other: str | None, zone: tzinfo | None) -> str:
    """The date at the outlet, by what else is said of the entry, or by the feed's zone."""
    if other and dating.same_moment(written, other) and not dating.is_universal(other):
        return other
    return dating.at(written, zone)


def _zone(found: Any) -> tzinfo | None:
    """The zone that the feed itself is dated in, or else some of its entries, if that is not UTC.

    Its entries lie within days of each other, so that an offset holds for all of them.
    """
    sources = [found.feed, *found.entries[:MAX_ENTRIES]]
    written = (_date(_given(each, key)) for each in sources for key in ("published", "updated"))
    local = (text for text in written if text and not dating.is_universal(text))
    return next((at.tzinfo for at in map(dating.moment, local) if at), None)


def _moment(written: object) -> datetime | None:
    """The moment with its zone as it was written; UTC where none was."""
    text = re.sub(r"\s+", " ", _text(written)).strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _web(addresses: Iterable[str], url: str | None) -> Iterator[str]:
    for address in dict.fromkeys(addresses):
        if found := web_address(urljoin(url or "", address.strip())):
            yield found


def _again(found: dict[str, Any]) -> Entry:
    entry = Entry(**found)
    return replace(entry, updated=found["updated"] and datetime.fromisoformat(found["updated"]))


def _words(value: object) -> str:
    """A title or name without the markup that some feeds have in it."""
    return one_line(unescape(re.sub(r"</?[a-zA-Z][^<>]{0,500}>", "", _text(value))))[:1000]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
