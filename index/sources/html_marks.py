"""The marks of dates in the elements of a page: meta elements, microdata, microformats, `time`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from index import facts
from index.sources import html_layout
from index.sources.html_layout import INLINE, below_headline, of_something_else, words

What = Literal["published", "updated"]
# Written for the article. What follows in GENERAL is often the date of the page or of the system.
PUBLISHED = frozenset(
    """
    article.published article:post_date article:publicationdate article:published
    article:published_date article:published_time bt:pubdate citation_date citation_online_date
    citation_publication_date cxenseparse:recs:publishtime date_published datepublished
    dc.date.issued dc.date.publication dc:date.issued dcterms.issued og:article:published_time
    og:pubdate og:published_time originalpublicationdate parsely-pub-date pdate pubdate
    publication_date publish-date publish_date publishdate published-date published_date
    published_time rnews:datepublished sailthru.date schema:datepublished
    """.split()
)
GENERAL = frozenset(
    "date dc.date dc.date.created dc.created dc:date dcterms.created dcterms.date".split()
)
UPDATED = frozenset(
    """
    article:modified article:modified_date article:modified_time article:updated
    article:updated_time bt:moddate date_modified datemodified dc.date.modified dc.modified
    dcterms.modified last-modified lastmod modified_time moddate og:article:modified_time
    og:modified_time og:updated_time revision_date rnews:datemodified updated_time
    """.split()
)
ITEMS: dict[str, What] = {"datepublished": "published", "datemodified": "updated"}
LINES = frozenset("p div span li address dd".split())
TOLD = re.compile(rf"\b(?:{facts.PUBLISHED.pattern})", re.I)
ROOM = 100  # characters that may stand beside a date in a by-line


@dataclass(frozen=True, slots=True)
class Mark:
    """A date as written, what it is the date of, and how it is marked."""

    what: What
    written: str
    place: str
    shown: str = ""  # what the reader sees of it


def metas(tree: Any, names: frozenset[str], what: What) -> Iterator[Mark]:
    """Dates in meta elements of these names."""
    for element in tree.iterfind(".//meta[@content]"):
        name = element.get("property") or element.get("name") or ""
        if name.strip().lower() in names:
            yield Mark(what, element.get("content"), "meta")


def items(tree: Any) -> Iterator[Mark]:
    """Microdata and RDFa of the article itself."""
    layout = html_layout.read(tree)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag == "script":
            continue
        named = element.get("itemprop") or (element.tag != "meta" and element.get("property")) or ""
        what = ITEMS.get(named.strip().lower().removeprefix("schema:"))
        if what and not of_something_else(element, layout):
            place = "time element" if element.tag == "time" else "microdata"
            written = element.get("content") or element.get("datetime") or words(element)
            yield Mark(what, written, place, words(element))


def classes(tree: Any) -> Iterator[Mark]:
    """`time` elements and microformats that say by their class what they are."""
    layout = html_layout.read(tree)
    for element in tree.iter():
        if not isinstance(element.tag, str) or not _may_be_dated(element):
            continue
        what = _said(element)
        if what and not of_something_else(element, layout):
            place = "time element" if element.tag == "time" else "microformat"
            yield Mark(what, _written(element), place, words(element))


def by_lines(tree: Any) -> Iterator[Mark]:
    """`time` elements that say nothing, but stand where a by-line stands."""
    layout = html_layout.read(tree)
    for element in below_headline(tree, layout):
        if element.tag == "time" and element.get("datetime") and not _said(element):
            before, after = _beside(element)
            if len(before) + len(after) <= ROOM and not of_something_else(element, layout):
                what: What = "updated" if _is_change(before) else "published"
                yield Mark(what, _written(element), "time element", words(element))


def lines(tree: Any) -> Iterator[str]:
    """The short lines of text between the headline and the body."""
    layout = html_layout.read(tree)
    for element in below_headline(tree, layout):
        text = words(element) if element.tag in LINES else ""
        if text and len(text) <= ROOM and not of_something_else(element, layout):
            yield text


def _may_be_dated(element: Any) -> bool:
    return element.tag == "time" or (
        bool(element.get("class")) and bool(element.get("title") or element.get("datetime"))
    )


def _said(element: Any) -> What | None:
    """What the element itself, by an attribute of it, is the date of."""
    if element.get("itemprop") or element.get("property"):
        return None  # read as an item
    kind = (element.get("class") or "").lower()
    if "pubdate" in element.attrib or re.search(r"publish|entry-date|post-date", kind):
        return "published"
    return "updated" if re.search(r"updated|modified", kind) else None


def _written(element: Any) -> str:
    return element.get("datetime") or element.get("title") or words(element)


def _beside(element: Any) -> tuple[str, str]:
    """The words that stand in one line with an element, before and after it."""
    block, own = element, words(element)
    while block.getparent() is not None and block.tag in INLINE:
        block = block.getparent()
    parts = [block.text]
    for child in block:
        parts += ["".join(child.itertext()) if child.tag in INLINE else None, child.tail]
    before, _, after = " ".join(" ".join(filter(None, parts)).split()).partition(own)
    return before, after


def _is_change(before: str) -> bool:
    """Whether the label nearest before a date is that of a change."""
    changed = [found.start() for found in facts.CHANGED.finditer(before + " ")]
    told = [found.start() for found in TOLD.finditer(before + " ")]
    return bool(changed) and max(changed) > max(told, default=-1)
