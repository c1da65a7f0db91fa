"""RSS and Atom, and lists of feeds. The home of feedparser; only the child process parses here.

What a feed must not have (entities of its own, endless depth) is looked for first, by expat.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import urljoin
from xml.parsers import expat

from index.errors import SourceError
from index.facts import parse_day
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
    published: date | None = None
    updated: datetime | None = None
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
    entries = (_entry(entry, base, dated) for entry in found.entries[:MAX_ENTRIES])
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


def _entry(entry: Any, base: str | None, dated: bool) -> Entry | None:
    link = _text(entry.get("feedburner_origlink") or entry.get("link")).strip()
    address = web_address(urljoin(base or "", link))
    if not link or address is None:
        return None
    return Entry(
        link=address,
        title=_words(entry.get("title")),
        published=_day(entry.get("published") or (dated and entry.get("updated"))),
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


def _day(written: object) -> date | None:
    # The day as written: 23:30 in New York is that day in New York, whatever UTC says.
    text = _text(written)
    moment = _moment(text)
    return moment.date() if moment else parse_day(text)


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
    return replace(
        entry,
        published=found["published"] and date.fromisoformat(found["published"]),
        updated=found["updated"] and datetime.fromisoformat(found["updated"]),
    )


def _words(value: object) -> str:
    """A title or name without the markup that some feeds have in it."""
    return one_line(unescape(re.sub(r"</?[a-zA-Z][^<>]{0,500}>", "", _text(value))))[:1000]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
