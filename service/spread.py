"""Which passages an answer is made from: no one outlet may fill what is read.

Whoever puts five articles into an archive that fit one question well would otherwise be all that
is read of it (PoisonedRAG, USENIX Security 2025).
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from index.schema import Article, Hit

MOST = 3  # passages of several articles of one outlet, while there are others


def spread(hits: Sequence[Hit], k: int) -> list[Hit]:
    """The first k passages, in which no outlet has more than its part unless others have no more.

    One article may have any number: a small archive often has one that answers. So may an outlet
    that the question names.
    """
    read: dict[str, list[str]] = {}  # the article of each passage, by source
    kept: list[Hit] = []
    over: list[Hit] = []
    for hit in hits:
        mine = read.setdefault(source_of(hit.article), [])
        asked = hit.parts.get("outlet", 0.0) > 0
        if asked or len(mine) < MOST or set(mine) == {hit.article.id}:
            mine.append(hit.article.id)
            kept.append(hit)
        else:
            over.append(hit)
    return [*kept, *over][:k]


def source_of(article: Article) -> str:
    """The outlet, or else the site, or else the article itself."""
    if article.outlet:
        return article.outlet.casefold()
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:  # an address that is none
        host = None
    return host or article.id
