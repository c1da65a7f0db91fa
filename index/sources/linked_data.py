"""What JSON-LD says of when the article on a page came out, and of nothing else on that page."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from index import dates

OTHERS = frozenset(  # what is beneath these is not the article itself
    """about citation comment hasPart image isBasedOn isPartOf itemListElement mentions
    potentialAction relatedLink review significantLink subjectOf video workExample""".split()
)
NODES = 10_000


@dataclass(frozen=True, slots=True)
class Node:
    """A thing on the page that has a date; the dates are as written."""

    rank: int  # 0: an article; 1: a page, or something without a type
    published: str
    updated: str
    names: frozenset[str]  # its headline and its addresses, folded


def read(tree: Any, headline: str, address: str | None) -> Node | None:
    """The node of the article on the page; None if there is none, or no telling which it is."""
    wanted = {_folded(headline), _folded(address or "")} - {""}
    found = [node for values in _values(tree) for node in _nodes(values)]
    for rank in (0, 1):
        nodes = [node for node in found if node.rank == rank and dates.parse(node.published)]
        # Several that disagree: of other stories on the page, unless one bears its name.
        named = [node for node in nodes if node.names & wanted]
        if nodes := named or nodes:
            same = len({(dates.parse(node.published) or "")[:10] for node in nodes}) == 1
            return nodes[0] if same or named else None
    return next((node for node in found if node.updated and node.rank == 0), None)


def _values(tree: Any) -> Iterator[list[Any]]:
    for script in tree.iterfind(".//script[@type]"):
        if script.get("type").strip().lower().startswith("application/ld+json"):
            # Some stand in comments or CDATA marks, for browsers of long ago.
            text = (script.text or "").replace("<![CDATA[", "").replace("]]>", "")
            starts = [at for at in map(text.find, "{[") if at >= 0]
            text = text[min(starts, default=0) : max(map(text.rfind, "}]")) + 1]
            with suppress(ValueError, RecursionError):
                yield [json.loads(text, strict=False)]


def _nodes(values: list[Any]) -> Iterator[Node]:
    """Those with dates, outermost first."""
    for value in values:
        if isinstance(value, Mapping) and (node := _node(value)):
            yield node
        values += islice(_inner(value), max(0, NODES - len(values)))


def _node(value: Mapping[str, Any]) -> Node | None:
    written = [value.get(key) for key in ("datePublished", "dateModified")]
    published, updated = (text if isinstance(text, str) else "" for text in written)
    rank = _rank(value.get("@type"))
    if rank is None or not (published or updated):
        return None
    page = value.get("mainEntityOfPage")
    names = [value.get(key) for key in ("headline", "name", "url", "@id")]
    names += [page.get("@id") if isinstance(page, Mapping) else page]
    folded = {_folded(name) for name in names if isinstance(name, str)}
    return Node(rank, published, updated, frozenset(folded))


def _rank(given: object) -> int | None:
    kinds = [kind for kind in _listed(given) if isinstance(kind, str)]
    if any(re.search(r"(?:Article|Posting|Report)\Z", kind) for kind in kinds):
        return 0
    return 1 if not kinds or any(kind.endswith("Page") for kind in kinds) else None


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (inner for key, inner in value.items() if key not in OTHERS)
    return value if isinstance(value, list) else ()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _folded(name: str) -> str:
    """A name without what differs between two ways of writing it."""
    return re.sub(r"\W+", "", re.sub(r"\Ahttps?://(?:www\.)?|[?#].*", "", name)).casefold()
