"""The marks of dates in the elements of a page: meta elements, microdata, microformats, `time`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from index import facts

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
# Parts of a page whose dates are those of other things.
ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:aside|also|breaking|calendar|comments?|disqus|events?|footer|latest|more|most"
    r"|nav|newsletter|popular|promo|read-?next|recent|recommend(?:ed|ations)?|related|replies|reply"
    r"|river|sidebar|sponsored|teasers?|ticker|timeline|today|trending|widget|clock)(?:$|[\s_-])",
    re.I,
)
ASIDES = frozenset("aside footer nav template".split())
NOT_ARTICLES = re.compile(
    r"Comment|Event|Offer|Product|Person|ImageObject|VideoObject|Audio|Review"
)
INLINE = frozenset("time span a b i em strong small abbr address br".split())
LINES = frozenset("p div span li address dd".split())
TOLD = re.compile(rf"\b(?:{facts.PUBLISHED.pattern})", re.I)
LONG = 140  # characters; a longer paragraph is body text
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
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag == "script":
            continue
        named = element.get("itemprop") or (element.tag != "meta" and element.get("property")) or ""
        what = ITEMS.get(named.strip().lower().removeprefix("schema:"))
        if what and not _of_something_else(element):
            place = "time element" if element.tag == "time" else "microdata"
            written = element.get("content") or element.get("datetime") or _text(element)
            yield Mark(what, written, place, _text(element))


def classes(tree: Any) -> Iterator[Mark]:
    """`time` elements and microformats that say by their class what they are."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or not _may_be_dated(element):
            continue
        what = _said(element)
        if what and not _of_something_else(element):
            place = "time element" if element.tag == "time" else "microformat"
            yield Mark(what, _written(element), place, _text(element))


def by_lines(tree: Any) -> Iterator[Mark]:
    """`time` elements that say nothing, but stand where a by-line stands."""
    for element in _below_headline(tree):
        if element.tag == "time" and element.get("datetime") and not _said(element):
            before, after = _beside(element)
            if len(before) + len(after) <= ROOM and not _of_something_else(element):
                what: What = "updated" if _is_change(before) else "published"
                yield Mark(what, _written(element), "time element", _text(element))


def lines(tree: Any) -> Iterator[str]:
    """The short lines of text between the headline and the body."""
    for element in _below_headline(tree):
        text = _text(element) if element.tag in LINES else ""
        if text and len(text) <= ROOM and not _of_something_else(element):
            yield text


def _below_headline(tree: Any) -> Iterator[Any]:
    """All elements below the headline, if there is one, and above the first long paragraph."""
    below = tree.find(".//h1") is None
    for element in tree.iter():
        if element.tag == "h1":
            below = True
        elif below and element.tag == "p" and len(_text(element)) > LONG:
            return
        elif below and isinstance(element.tag, str):
            yield element


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
    return element.get("datetime") or element.get("title") or _text(element)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _beside(element: Any) -> tuple[str, str]:
    """The words that stand in one line with an element, before and after it."""
    block, own = element, _text(element)
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


def _of_something_else(element: Any) -> bool:
    """Whether it stands in a part of the page that is not the article's own."""
    around = [element, *element.iterancestors()]
    for each in around:
        if each.tag in ("html", "body"):
            break
        if each.tag in ASIDES or _elsewhere(each):
            return True
    scope = next((each for each in around if "itemscope" in each.attrib), None)
    if scope is not None and NOT_ARTICLES.search(scope.get("itemtype") or ""):
        return True
    inside = next((each for each in around if each.tag in ("article", "main", "header")), None)
    # The header of the whole page, not that of an article.
    return inside is not None and inside.tag == "header" and not _in_article(inside)


def _in_article(header: Any) -> bool:
    if header.find(".//h1") is not None:
        return True
    return any(each.tag in ("article", "main") for each in header.iterancestors())


def _elsewhere(element: Any) -> bool:
    if element.tag in ("article", "main"):  # whose class may name the article's subjects
        return bool(re.search(r"comment|related|teaser", element.get("class") or ""))
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(named) > 1 and ELSEWHERE.search(named) is not None
