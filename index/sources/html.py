"""Web pages. The only file that knows trafilatura, which finds the article in a page.

Only the child process runs this (see confined): pages are written by strangers.
"""

import logging
import re
from functools import cache
from itertools import chain
from typing import Any

from index.errors import SourceError
from index.sources import html_dates
from index.sources.cleaning import one_line
from index.sources.decoding import decode
from index.sources.draft import Draft
from index.sources.records import web_address
from index.web.addresses import canonical

MAX_PAGE = 2_000_000  # bytes; extraction takes time that grows with the square of the page
MAX_ELEMENTS = 50_000  # and of the number of elements: 2 MB of "<p><b><i>" would take half a minute
MIN_ARTICLE = 80  # characters; less is a notice such as "please enable JavaScript"
DECLARED = re.compile(rb"""<meta[^<>]{0,200}?charset\s*=\s*["']?([\w-]{2,40})""", re.I)
SHOWN = frozenset("html head body main article h1 meta link script style title".split())
UNSEEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|!|$))",
    re.I,
)
SEPARATORS = r"\s+[|–—·•-]\s+"


def read(data: bytes, url: str | None = None, charset: str | None = None) -> Draft:
    """The article on a page, with what its markup says of it.

    `url` and `charset` are what the server said of it.
    """
    if len(data) > MAX_PAGE:
        raise SourceError(f"is larger than {MAX_PAGE // 1_000_000} MB: save only the article")
    tree = _tree(_characters(data, charset))
    page = _extract(tree, url)
    text = (page.text or "") if page is not None else ""
    if len(text) < MIN_ARTICLE:
        raise SourceError("has no article text")
    said = _said_address(tree)
    address = canonical(said, url) if url else web_address(said)
    outlet = _outlet(tree, page.sitename)
    title = _title(page.title, outlet)
    line = html_dates.by_line(tree)
    found = html_dates.read(tree, address, title, line)
    return Draft(
        text=text,
        title=title,
        published=found.published,
        updated=found.updated,
        outlet=outlet,
        agency=line.agency,
        author=one_line(page.author or "") or None,
        url=address,
    )


def _characters(data: bytes, charset: str | None) -> str:
    # Handed over as text: given bytes, trafilatura would guess the encoding and even unzip them.
    declared = DECLARED.search(data[:4096])
    said = [charset] if charset else []
    return decode(data, [*said, declared[1].decode("ascii")] if declared else said)


def _tree(page: str) -> Any:
    tree = _trafilatura().load_html(page)
    if tree is None:
        raise SourceError("has no article text")
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise SourceError(f"has more than {MAX_ELEMENTS:,} elements: save only the article")
    for element in [each for each in tree.iter() if _hidden(each)]:
        if element.getparent() is not None:
            element.drop_tree()
    return tree


def _hidden(element: Any) -> bool:
    """Whether no reader sees it: such text is meant for machines, to lead them astray."""
    if element.tag in SHOWN or not isinstance(element.tag, str):
        return False
    style = element.get("style") or ""
    inert = element.tag == "template" and "shadowrootmode" not in element.attrib
    inert |= element.tag == "noscript"  # for readers without scripts, of whom there are few
    gone = inert or "hidden" in element.attrib or (style and UNSEEN.search(style))
    # Some pages are shown by a script only when they are loaded.
    return bool(gone) and element.find(".//h1") is None


def _extract(tree: Any, url: str | None) -> Any:
    return _trafilatura().bare_extraction(
        tree,
        url=url,
        include_comments=False,
        with_metadata=True,
        # Its date is not used (see html_dates), so it need not search far.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )


@cache
def _trafilatura() -> Any:
    import trafilatura  # a third of a second, which questions need not wait for

    for name in ("trafilatura", "htmldate"):  # they log what is told here as an error
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


def _said_address(tree: Any) -> str | None:
    """Where the page says that it is."""
    links = (link.get("href") for link in tree.iterfind(".//link[@rel='canonical']"))
    metas = (meta.get("content") for meta in tree.iterfind(".//meta[@property='og:url']"))
    return next(filter(None, chain(links, metas)), None)


def _outlet(tree: Any, name: str | None) -> str | None:
    """The site's name if the page's data carries it, not if it was guessed from the title."""
    name = one_line(name or "")
    if not re.search(r"[^\W\d_]", name) or name.startswith("http"):  # some say a year there
        return None
    said = [element.get("content") or "" for element in tree.iterfind(".//head/meta")]
    said += [script.text or "" for script in tree.iterfind(".//script[@type]")]
    return name if any(name.casefold() in text.casefold() for text in said) else None


def _title(title: str | None, outlet: str | None) -> str:
    title = one_line(title or "")
    if outlet:
        title = re.sub(SEPARATORS + re.escape(outlet) + r"\Z", "", title, flags=re.I)
    return title
