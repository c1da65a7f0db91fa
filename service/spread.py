"""Which passages an answer is made from: no one outlet may fill what is read.

Whoever puts five articles into an archive that fit one question well would otherwise be all that
is read of it (PoisonedRAG, USENIX Security 2025).
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from index.schema import Article, Hit

MOST = 3  # passages of several articles of one outlet, while there are others
UNNAMED = 6  # of articles without outlet and site: they may be of many, or all of one
ALIKE = 0.8  # share of their words (Jaccard) from which two passages with the same figures say one
NOBODY = ""
_WORD = re.compile(r"\w+")


def spread(hits: Sequence[Hit], k: int) -> list[Hit]:
    """The first k passages, in which no outlet has more than its part unless others have no more.

    One article may have any number: a small archive often has one that answers. So may an outlet
    that the question names. What an outlet says again in the same words comes last.
    """
    read: dict[str, list[Hit]] = {}  # what is kept, by source
    kept: list[Hit] = []
    over: list[Hit] = []
    again: list[Hit] = []
    for hit in hits:
        mine = read.setdefault(_shared(hit.article), [])
        asked = hit.parts.get("outlet", 0.0) > 0
        if not asked and any(_echoes(hit, other) for other in mine):
            again.append(hit)
        elif asked or len(mine) < _most(hit.article) or _all_of(mine, hit.article):
            mine.append(hit)
            kept.append(hit)
        else:
            over.append(hit)
    return [*kept, *over, *again][:k]


def source_of(article: Article) -> str:
    """The outlet, or else the site, or else the article itself."""
    return _shared(article) or article.id


def _shared(article: Article) -> str:
    """The outlet, or else the site, or else nobody's name."""
    if article.outlet:
        return article.outlet.casefold()
    try:
        return urlsplit(article.url or "").hostname or NOBODY
    except ValueError:  # an address that is none
        return NOBODY


def _most(article: Article) -> int:
    return UNNAMED if _shared(article) == NOBODY else MOST


def _all_of(hits: Sequence[Hit], article: Article) -> bool:
    """Whether these are passages of one article, and this is the one."""
    return {hit.article.id for hit in hits} == {article.id}


def _echoes(hit: Hit, other: Hit) -> bool:
    """Whether two articles say the same in nearly the same words."""
    return hit.article.id != other.article.id and says_again(hit.passage.text, other.passage.text)


def says_again(one: str, other: str) -> bool:
    """Whether two texts have nearly the same words, and the same figures.

    Other figures are other news: an outlet fills in forms, for the weather or for results.
    """
    first, second = (frozenset(_WORD.findall(text.casefold())) for text in (one, other))
    figures = [{word for word in words if word[0].isdecimal()} for words in (first, second)]
    return figures[0] == figures[1] and len(first & second) >= ALIKE * len(first | second)
