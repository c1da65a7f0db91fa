"""The searches of a question among what its filter admits.

A wide filter costs Tantivy as much as the search itself, and Chroma more than a hundred times that.
So the search is made without it, for more than is wanted, and what was found is looked at.
"""

from collections.abc import Callable
from functools import partial

from index.archive import Archive
from index.embedding import Vectors
from index.schema import Filter
from index.terms import Languages

EXACT_LIMIT = 5000  # a filter that admits fewer passages, as far as can be told, is exact
OVER, MOST_OVER = 1.5, 10.0  # as many are fetched for a wide filter as should be enough, and more
WIDE = 0.75  # share of the passages from which words are searched for without the filter

Fetch = Callable[[int], list[tuple[str, float]]]  # so many, with their scores, best first


class Narrowed:
    """An archive as far as a filter admits it."""

    def __init__(self, archive: Archive, allowed: Filter, exact: int = EXACT_LIMIT) -> None:
        """exact: a filter that admits at most so many has its nearest passages all looked at."""
        self._archive, self._allowed, self._exact = archive, allowed, exact
        total = archive.database.counts()[1]
        self._all = allowed == Filter()
        self._passing = total if self._all else archive.lexical.passing(allowed)
        self._share = self._passing / max(total, self._passing, 1)

    def words(self, text: str, languages: Languages, many: int) -> dict[str, float]:
        """BM25 scores of the best passages, best first."""
        lexical, beside = self._archive.lexical, languages.beside(text)

        def fetch(wanted: int, allowed: Filter = Filter()) -> list[tuple[str, float]]:  # noqa: B008
            return lexical.search(text, languages.all, allowed, wanted, beside)

        if not self._all and self._share >= WIDE:
            found, enough = self._checked(fetch, many, OVER / self._share)
            if enough:
                return found
        return dict(fetch(many, self._allowed))

    def nearest(self, vector: Vectors, many: int) -> dict[str, float]:
        """Cosines of the nearest passages, best first.

        Exactly where few are admitted; of a narrow filter that still admits many, not all.
        """
        search = partial(self._archive.vectors.search, vector)
        if self._all:
            return dict(search(many))
        if self._passing <= max(self._exact, 0):
            return self._exactly(vector, many)
        near: dict[str, float] = {}
        for over in sorted({min(OVER / self._share, MOST_OVER), MOST_OVER}):
            near, enough = self._checked(search, many, over)
            if enough:
                break
        return near

    def _exactly(self, vector: Vectors, many: int) -> dict[str, float]:
        ids, vectors = self._archive.database.admitted(self._allowed)
        scores = (vectors @ vector).tolist() if ids else []
        ordered = sorted(zip(ids, scores, strict=True), key=lambda found: (-found[1], found[0]))
        return dict(ordered[:many])

    def _checked(self, fetch: Fetch, many: int, over: float) -> tuple[dict[str, float], bool]:
        """The admitted ones of `over` times as many, and whether no others come before them."""
        asked = round(over * many)
        wide = fetch(asked)
        admitted = self._archive.database.admitted_among([i for i, _ in wide], self._allowed)
        found = dict([pair for pair in wide if pair[0] in admitted][:many])
        return found, len(found) == many or len(wide) < asked
