"""How a passage stands among the other candidates, once there is a first order of them.

A question that names several outlets, or asks for several things, wants the best passage of each,
and not only the best of all: so ranks count, within the outlet, the article and for each clause.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.schema import ArticleStub, PassageStub
from index.terms import Array

NEAR = 2500  # characters between the beginnings of neighbours in an article, at most
SHARP = 1.5  # how much more a better passage says of its article

STANDING = (
    "order",  # the score by which the first order goes
    "order: best of article",
    "order: all of article",
    "order: first in article",
    "order: rank in article",
    "order: rank",
    "order: rank of article",
    "order: first in named outlet",
    "order: rank in named outlet",
    "order: rank of article in named outlet",
    "order: behind best of named outlet",
    "order: better neighbour",
    "order: neighbours",
)

Groups = NDArray[np.intp]


def standing(order: Array, found: Sequence[tuple[PassageStub, ArticleStub]], named: Array) -> Array:
    """Shape (n, len(STANDING)), from n scores, standardised, of the first order.

    named: 1 for the passages of outlets that the question names, else 0.
    """
    article = groups([passage.article_id for passage, _ in found])
    outlet = groups([each.outlet or "" for _, each in found])
    best, best_of_outlet = _best(order, article), _best(order, outlet)
    home = np.zeros(len(best), np.intp)  # the outlet of each article
    home[article] = outlet
    in_article, in_outlet = ranks(order, article), np.log1p(ranks(order, outlet))
    of_article = np.log1p(ranks(best, home))[article]
    everyone, all_articles = np.zeros(len(order), np.intp), np.zeros(len(best), np.intp)
    columns = (
        order,
        best[article],
        np.log(np.bincount(article, np.exp(SHARP * order)))[article],
        in_article == 0,
        np.log1p(in_article),
        np.log1p(ranks(order, everyone)),
        np.log1p(ranks(best, all_articles))[article],
        (in_outlet == 0) * named,
        in_outlet * named,
        of_article * named,
        (order - best_of_outlet[outlet]) * named,
        *_neighbours(order, article, np.array([passage.start for passage, _ in found])),
    )
    return np.stack(columns, axis=1).astype(np.float64)


def groups(of: Sequence[str]) -> Groups:
    """The number of each one's group, from 0."""
    return np.asarray(np.unique(np.array(of), return_inverse=True)[1], np.intp)


def ranks(values: Array, group: Groups) -> Array:
    """The place of each within its group, the highest value first; from 0."""
    order = np.lexsort((-values, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    places = np.zeros(len(values))
    places[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    return places


def _best(values: Array, group: Groups) -> Array:
    best = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(best, group, values)
    return best


def _neighbours(order: Array, article: Groups, starts: NDArray[np.intp]) -> tuple[Array, Array]:
    """The better of a passage's neighbours in its article, and both; 0 for one that is none."""
    by_place = np.lexsort((starts, article))
    one, next_ = by_place[:-1], by_place[1:]
    beside = (article[one] == article[next_]) & (starts[next_] - starts[one] < NEAR)
    both = np.zeros((2, len(order)))
    both[0, next_[beside]] = order[one[beside]]
    both[1, one[beside]] = order[next_[beside]]
    return both.max(axis=0), both.sum(axis=0)
