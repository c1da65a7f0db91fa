"""Which article is this? An excerpt, found again by its words and then aligned to them.

Words are compared, not characters: letter case, accents, white space, quotation marks, dashes and
soft hyphens of the place that it was pasted from make no difference.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.distance import ScoreAlignment

from index.archive import Archive
from index.errors import UsageError
from index.schema import Article, Copy, Filter, Passage

CANDIDATES = 20  # passages looked at
SOUGHT = 120  # words looked up: enough to tell the passages, few enough to be quick
MIN_LIKENESS = 60.0  # of 100; with a word in ten changed 80 or more are left; foreign ones have 45
SHORT, MIN_SHORT = 18, 72.0  # words; so few have much in common with anything
AS_GOOD = 1.0  # of likeness: articles so near the best have the same words
MIN_CHARACTERS = 20
MAX_CHARACTERS = 5000

_INVISIBLE = "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"  # scripts in which each letter is a word here
_WORD = re.compile(
    rf"[{_UNSPACED}]|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_INVISIBLE}\u0300-\u036f])*"
)
_DROPPED = re.compile(rf"[{_INVISIBLE}\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an excerpt stands: `article.text[start:end]`."""

    article: Article
    start: int
    end: int
    likeness: float  # in [0, 100]: how much of the words is the same
    also: tuple[Copy, ...] = ()  # the other articles that hold the same words


def find(archive: Archive, excerpt: str) -> Place | None:
    """The place most like the excerpt, or None if it is not in the archive."""
    pasted = " ".join(excerpt.split())
    if len(pasted) < MIN_CHARACTERS:
        raise UsageError(
            f"The excerpt has {len(pasted)} characters: give at least {MIN_CHARACTERS}, "
            "a sentence or two."
        )
    pasted = _plain(pasted[:MAX_CHARACTERS])
    wanted, _ = _words(pasted)
    near = _near(archive, pasted) if wanted else {}
    places = (_aligned(wanted, len(pasted), *pair) for pair in near.items())
    found = sorted(filter(None, places), key=_best_first)
    return _with_others(found) if found else None


def _near(archive: Archive, pasted: str) -> dict[Article, list[Passage]]:
    """The articles that may hold it, with the passages that share most words."""
    words = pasted.split()
    middle = max(0, (len(words) - SOUGHT) // 2)
    text = " ".join(words[middle : middle + SOUGHT])
    languages = [*archive.database.languages(), None]
    with archive.derived.use.shared():
        found = archive.lexical.search(text, languages, Filter(), CANDIDATES)
        loaded = archive.database.load([each for each, _ in found])
    near: dict[Article, list[Passage]] = {}
    for passage, article in loaded.values():
        near.setdefault(article, []).append(passage)
    return near


def verbatim(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quote first stands in the text to the letter, but for white space."""
    match = re.search(r"\s+".join(map(re.escape, quote.split())), text) if quote.strip() else None
    return match.span() if match else None


def _aligned(
    wanted: Sequence[str], reach: int, article: Article, passages: Sequence[Passage]
) -> Place | None:
    """Where in the article it stands, looked for `reach` characters round the passages."""
    first = max(0, min(passage.start for passage in passages) - reach)
    last = max(passage.end for passage in passages) + reach
    folded, spans = _words(article.text[first:last])
    if len(folded) > len(wanted):
        match = fuzz.partial_ratio_alignment(wanted, folded)
    else:  # the article may be a part of the excerpt, which is another thing
        match = ScoreAlignment(fuzz.ratio(wanted, folded), 0, len(wanted), 0, len(folded))
    if not spans or match is None or match.score < _least(len(wanted)):
        return None
    start, end = spans[match.dest_start][0], spans[match.dest_end - 1][1]
    return Place(article, first + start, first + end, match.score)


def _least(words: int) -> float:
    return MIN_SHORT if words < SHORT else MIN_LIKENESS


def _best_first(place: Place) -> tuple[float, date]:
    """The most alike; of those that are as much so, the earliest, from which others have it."""
    return (-round(place.likeness, 1), place.article.published or date.max)


def _with_others(found: Sequence[Place]) -> Place:
    best = found[0]
    alike = [p.article for p in found[1:] if p.likeness > best.likeness - AS_GOOD]
    also = tuple(Copy(a.id, a.name, a.title, a.outlet, a.published) for a in alike)
    return replace(best, also=also)


def _words(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of a text, folded, and from where to where each stands in it."""
    found = [(_folded(match.group()), match.span()) for match in _WORD.finditer(text)]
    return [word for word, _ in found], [span for _, span in found]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return _DROPPED.sub("", unicodedata.normalize("NFKD", word)).casefold()


def _plain(text: str) -> str:
    """The text with its letters composed, as articles have them, and nothing invisible."""
    return _DROPPED.sub("", unicodedata.normalize("NFC", text))
