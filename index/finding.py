"""Which article is this? An excerpt, found again by its words and then aligned to the letter."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from index.archive import Archive
from index.errors import UsageError
from index.schema import Article, Filter

CANDIDATES = 20  # passages looked at
MIN_LIKENESS = 75.0  # of 100; an altered excerpt keeps more, a foreign one has about half
MIN_CHARACTERS = 20
MAX_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class Place:
    """Where an excerpt stands: `article.text[start:end]`."""

    article: Article
    start: int
    end: int
    likeness: float  # in [0, 100]; 100 is the same but for letter case and white space


def find(archive: Archive, excerpt: str) -> Place | None:
    """The place most like the excerpt, or None if it is not in the archive."""
    wanted = " ".join(excerpt.split())[:MAX_CHARACTERS]
    if len(wanted) < MIN_CHARACTERS:
        raise UsageError(
            f"The excerpt has {len(wanted)} characters: give at least {MIN_CHARACTERS}, "
            "a sentence or two."
        )
    languages = [*archive.database.languages(), None]
    found = archive.lexical.search(wanted, languages, Filter(), CANDIDATES)
    loaded = archive.database.load([passage_id for passage_id, _ in found])
    articles = {article.id: article for _, article in loaded.values()}
    places = [place for a in articles.values() if (place := _aligned(wanted, a))]
    return max(places, key=lambda place: place.likeness, default=None)


def verbatim(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quote first stands in the text to the letter, but for white space."""
    match = re.search(r"\s+".join(map(re.escape, quote.split())), text) if quote.strip() else None
    return match.span() if match else None


def _aligned(wanted: str, article: Article) -> Place | None:
    text = "".join(_folded(character) for character in article.text)
    match = fuzz.partial_ratio_alignment(wanted.lower(), text, score_cutoff=MIN_LIKENESS)
    if match is None:
        return None
    return Place(article, match.dest_start, match.dest_end, match.score)


def _folded(character: str) -> str:
    """Exactly one character, so that places in the text stay what they are."""
    lower = character.lower()
    return " " if character.isspace() else lower if len(lower) == 1 else character
