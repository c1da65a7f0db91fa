"""Texts glossed in English word by word, so that an encoder that knows English only can read them.

"Regeringen höjer skatten" becomes "government raises tax": the word order stays, and names and
numbers do. Word forms, a few phrases and the names of countries come from `weights/glosses_*.tsv`,
which were written for this project, other words from the table of `index.translation`; what neither
knows stays as it is.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from index.lexical import stems
from index.translation import translated

LANGUAGES = frozenset({"sv", "no", "nb", "da"})
VERSION = "1"  # to be raised with what is given to embedders
_LISTS = {"sv": ("sv",), "no": ("no",), "nb": ("no",), "da": ("no", "da")}  # the later one counts
_WORD = r"[^\W\d_]+"
_BEGINS = re.compile(
    r"(?:^|[.!?:–—\-\n])[\s\"'”»(]*$"
)  # what stands before a sentence's first word
_BEFORE = 6  # characters that are looked at for it
_COMPOUND, _SHORTEST = 7, 3  # letters of a compound at least, and of its parts
_SURE = 0.5  # probability from which a translation stands alone

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Gloss:
    """A text in English words, and where in the source each of them comes from."""

    text: str
    sources: Sequence[Range] = ()  # of the words that were replaced, in characters, rising
    places: Sequence[Range] = ()  # where the words for them stand in `text`

    def source(self, start: int, end: int) -> Range:
        """The part of the source that these characters of `text` stand for, in whole words."""
        return _moved(start, end, self.places, self.sources)

    def place(self, start: int, end: int) -> Range:
        """Where these characters of the source stand in `text`, in whole words."""
        return _moved(start, end, self.sources, self.places)


def glossed(text: str, language: str | None) -> Gloss:
    """The text in English words; as it is, if its language (two letters) is not in `LANGUAGES`."""
    if language not in LANGUAGES:
        return Gloss(text)
    parts: list[str] = []
    sources: list[Range] = []
    places: list[Range] = []
    at = length = 0
    for match in _words(language).finditer(text):
        if (english := _english(text, match, language)) is None:
            continue
        start, end = match.span()
        length += start - at
        parts += [text[at:start], english]
        sources.append((start, end))
        places.append((length, length + len(english)))
        at, length = end, length + len(english)
    return Gloss("".join([*parts, text[at:]]), sources, places)


def known(languages: frozenset[str] | None) -> frozenset[str] | None:
    """The languages whose texts can be given to a model that knows these (None: many)."""
    return languages | LANGUAGES if languages and "en" in languages else languages


def readable(text: str, language: str | None, languages: frozenset[str] | None) -> str:
    """The text for a model that knows these languages (None: many): glossed if that helps it."""
    if languages is None or language in languages or "en" not in languages:
        return text
    return glossed(text, language).text


def _moved(start: int, end: int, here: Sequence[Range], there: Sequence[Range]) -> Range:
    """A range carried over; what lies partly in a replaced word takes in the whole word."""
    first = bisect_right(here, start, key=lambda word: word[0]) - 1
    last = bisect_left(here, end, key=lambda word: word[0]) - 1
    if first >= 0 and start < here[first][1]:
        start = there[first][0]
    elif first >= 0:
        start += there[first][1] - here[first][1]
    if last >= 0 and end <= here[last][1]:
        end = there[last][1]
    elif last >= 0:
        end += there[last][1] - here[last][1]
    return start, max(start, end)


def _english(text: str, match: re.Match[str], language: str) -> str | None:
    """English for a word or phrase; None if unknown, or a name: a capital within a sentence."""
    word = match[0]
    if name := _written(language).get(word):
        return name
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    shouted = len(word) > 1 and word.isupper()
    if word[0].isupper() and (shouted or not _BEGINS.search(before)):
        return None
    return _gloss(word.lower(), language)


@lru_cache(maxsize=50_000)
def _gloss(word: str, language: str) -> str | None:
    written = _written(language)
    if found := written.get(word) or written.get(word.removesuffix("s")):
        return found
    likely = [other for stem in stems(word, language) for other in translated(stem, language, "en")]
    if likely and (len(word) < _COMPOUND or likely[0][1] >= _SURE):
        return _word_of(likely[0][0])
    if parts := _compound(word, written):
        return parts
    return " ".join(_word_of(stem) for stem, _ in likely[:2]) or None


def _compound(word: str, written: Mapping[str, str]) -> str | None:
    """The parts of a compound, the last one as long as can be (Koehn and Knight 2003)."""
    if len(word) < _COMPOUND:
        return None
    for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
        if last := written.get(word[at:]):
            first = word[:at]
            lead = written.get(first) or written.get(first.removesuffix("s"))
            if lead := lead or _compound(first, written):
                return f"{lead} {last}"
    return None


@cache
def _written(language: str) -> Mapping[str, str]:
    """Word forms and phrases, lower case, and place names, and what they are in English."""
    glosses: dict[str, str] = {}
    for name in _LISTS[language]:
        file = resources.files("index") / "weights" / f"glosses_{name}.tsv"
        lines = file.read_text(encoding="utf-8").splitlines()
        glosses |= dict(line.split("\t") for line in lines)
    return glosses


@cache
def _words(language: str) -> re.Pattern[str]:
    """A phrase, or a word."""
    phrases = [re.escape(phrase) for phrase in _written(language) if not phrase.isalpha()]
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b|{_WORD}", re.IGNORECASE)


def _word_of(stem: str) -> str:
    """A whole English word with this stem, which an encoder knows better than the stem."""
    return _english_words().get(stem, stem)


@cache
def _english_words() -> Mapping[str, str]:
    """The most used word of each stem in the glosses, the shortest of several."""
    words: Counter[str] = Counter()
    for language in ("sv", "da"):
        words.update(word for gloss in _written(language).values() for word in gloss.split())
    ordered = sorted(words, key=lambda word: (words[word], -len(word), word))
    return {stem: word for word in ordered for stem in stems(word, "en")}
