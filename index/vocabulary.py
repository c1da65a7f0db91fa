"""How common a word is: its place in the word list of the packaged encoder.

That list has 30,522 entries, whole words by how often English has them. Words of other languages
that have English glosses stand where their glosses do.
"""

import re
from functools import cache, lru_cache

from index.embedding import packaged_encoder
from index.glossing import LANGUAGES, glossed
from index.lexical import stems
from index.translation import translated

COMMON = 5000  # places from the first: "withdrew" is 6,780th, "met" 2,777th
RARE = 50_000  # the place of a word that only its stem or its parts are known of
UNKNOWN = 1_000_000  # of one that no list has: a name, a rarity, or made up
_PREFIX = re.compile(r"^(?:anti|co|dis|inter|mis|non|over|pre|re|sub|super|un|under)(?=\w{3})")


def listed(language: str | None) -> bool:
    """Whether there are lists of this language's words (two letters)."""
    return language == "en" or language in LANGUAGES


@lru_cache(maxsize=20_000)
def place(word: str, language: str) -> int:
    """The place of a word of a language that is `listed`, from 0; `RARE` or `UNKNOWN` if none."""
    plain = word.casefold()
    english = glossed(plain, language).text
    return min((_place(each) for each in english.casefold().split()), default=UNKNOWN)


def _place(word: str) -> int:
    if word in _places():
        return _places()[word]
    forms = stems(f"{word} {_PREFIX.sub('', word, count=1)}", "en")
    known = any(stem in _stems() or translated(stem, "en", "sv") for stem in forms)
    return RARE if known else UNKNOWN


@cache
def _places() -> dict[str, int]:
    entries = (packaged_encoder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return {word: n for n, word in enumerate(entries) if word.isalpha() and len(word) > 1}


@cache
def _stems() -> frozenset[str]:
    return frozenset(stems(" ".join(_places()), "en"))
