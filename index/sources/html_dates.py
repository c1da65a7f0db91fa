"""When a page was published, if its markup says so. Dates in its text, in its footer or of its
last change are left alone: a date that was guessed is worse than none.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
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
OTHERS = frozenset(  # of JSON-LD: what is beneath these is not the article itself
    "citation comment hasPart isBasedOn isPartOf itemListElement mentions review".split()
)
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
    values = []
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            values.append(json.loads(script.text or "", strict=False))
    return _dates_in(values)


def _dates_in(values: list[Any]) -> Iterator[str]:
    """`datePublished` of every node, outermost first: the page before what it links to."""
    nodes = list(values)
    for node in nodes:
        if isinstance(node, dict) and isinstance(node.get("datePublished"), str):
            yield node["datePublished"]
        nodes += islice(_inner(node), max(0, MAX_NODES - len(nodes)))


def _inner(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key not in OTHERS)
    elif isinstance(node, list):
        yield from node


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
