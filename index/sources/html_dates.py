"""When a page was published, if its markup says so. Dates in its text, in its footer or of its
last change are left alone: a date that was guessed is worse than none.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from index.facts import parse_day

NAMES = frozenset(
    """
    article.published article:post_date article:publicationdate article:published
    article:published_date article:published_time bt:pubdate citation_date
    citation_publication_date cxenseparse:recs:publishtime date date_published datepublished
    dc.date dc.date.created dc.date.issued dc.date.publication dc:date dcterms.created dcterms.date
    dcterms.issued og:article:published_time og:pubdate og:published_time originalpublicationdate
    parsely-pub-date pdate pubdate publication_date publish-date publish_date publishdate
    published-date published_date published_time rnews:datepublished sailthru.date
    """.split()
)
IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/.-]|$)")
ADDRESS = "web address"  # the weakest of all places
MAX_NODES = 10_000  # of JSON-LD


def published(tree: Any, url: str | None) -> tuple[date, str] | None:
    """The day, and where on the page it stands."""
    places = (
        ("meta", _meta(tree)),
        ("JSON-LD", _json_ld(tree)),
        ("time element", _times(tree)),
    )
    for place, written in places:
        for text in written:
            if day := parse_day(text):
                return day, place
    day = in_address(url)
    return (day, ADDRESS) if day else None


def _meta(tree: Any) -> Iterator[str]:
    for element in tree.iterfind(".//meta[@content]"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if name.strip().lower() in NAMES:
            yield element.get("content")


def _json_ld(tree: Any) -> Iterator[str]:
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            value = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _dates_in(value)


def _dates_in(value: Any) -> Iterator[str]:
    """`datePublished` of every node, outermost first: the page before what it links to."""
    nodes = [value]
    for node in nodes:
        if isinstance(node, dict) and isinstance(node.get("datePublished"), str):
            yield node["datePublished"]
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        nodes.extend(child for child in inner if len(nodes) < MAX_NODES)


def _times(tree: Any) -> Iterator[str]:
    for element in tree.iterfind(".//*[@itemprop='datePublished']"):
        yield element.get("datetime") or element.get("content") or ""
    times = [element for element in tree.iterfind(".//time[@datetime]")]
    marked = [element for element in times if _marked(element)]
    yield from (element.get("datetime") for element in marked)
    # Unmarked ones may belong to other stories on the page, unless they all agree.
    if not marked and len({element.get("datetime")[:10] for element in times}) == 1:
        yield times[0].get("datetime")


def _marked(element: Any) -> bool:
    kind = (element.get("class") or "").lower()
    return "pubdate" in element.attrib or "publish" in kind or "entry-date" in kind


def in_address(url: str | None) -> date | None:
    """The day in an address such as https://example.org/2024/05/01/bridge."""
    found = IN_ADDRESS.search(url or "")
    return parse_day("-".join(found.groups())) if found else None
