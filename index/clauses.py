"""The parts of a question: its clauses, the outlets it names, and what it asks of each of them.

"Does the TechCrunch article on X agree with the report by The Verge on Y?" is two questions to two
outlets. No language model: breaks are punctuation and conjunctions, outlets those of the archive.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from index.times import Window, named_days, without_dates

MOST_CLAUSES = 4
MIN_WORDS = 4  # a shorter clause joins the one before it
_JOINS = r"and|while|whereas|but|or|as|than|och|medan|men|eller|samt|og|mens|und|aber"
_BREAK = re.compile(rf"(?P<mark>[,;:?!–—])\s+(?P<both>(?:{_JOINS})\s)?|\s(?P<join>{_JOINS})\s")
_CREDIT = re.compile(
    r"(?:according to|\b(?:by|in|per|av|i|enligt))\W+(?:the\s)?\W*$", re.IGNORECASE
)
_NAME_ENDS = re.compile(r"\s+[|–—-]\s+|\.com\b")
_MIN_NAME = 2  # letters
_SHORT = 3  # letters; shorter ones count in capitals only ("AP")


@dataclass(frozen=True, slots=True)
class Mention:
    """Outlets that one name in a question stands for, in lower case, and what is asked of them.

    The text is without the name.
    """

    outlets: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A question in parts."""

    text: str
    bare: (
        str  # without the names of outlets and the dates, which say where to look and not for what
    )
    clauses: tuple[str, ...]  # of the bare text; none if it has but one
    mentions: tuple[Mention, ...]
    days: tuple[Window, ...] = ()  # that it names with their year


def parts(text: str, outlets: Iterable[str]) -> Parts:
    """Take a question apart; `outlets` are those of the archive, in lower case."""
    known = list(outlets)
    nameless = without_outlets(text, known)
    bare = without_dates(nameless)
    asked = [
        m if len(m.text.split()) >= MIN_WORDS else replace(m, text=nameless)
        for m in mentions(text, known)
    ]
    return Parts(text, bare, tuple(clauses(bare)), tuple(asked), tuple(named_days(text)))


def clauses(text: str) -> list[str]:
    """Two to `MOST_CLAUSES` parts of a long question, in order; none of a short one."""
    parts: list[str] = []
    for part in _pieces(text):
        if parts and min(len(part.split()), len(parts[-1].split())) < MIN_WORDS:
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    while len(parts) > MOST_CLAUSES:
        sizes = [len(a) + len(b) for a, b in zip(parts, parts[1:], strict=False)]
        at = sizes.index(min(sizes))
        parts[at : at + 2] = [f"{parts[at]} {parts[at + 1]}"]
    return parts if len(parts) > 1 else []


def _pieces(text: str) -> list[str]:
    bounds = [0, *(match.start() for match in _BREAK.finditer(text)), len(text)]
    pieces = (text[a:b].strip(" ,;:?!–—") for a, b in zip(bounds, bounds[1:], strict=False))
    return [piece for piece in pieces if piece]


def mentions(text: str, outlets: Iterable[str]) -> list[Mention]:
    """Each place where outlets (of the archive, in lower case) are named, in order.

    The text of a mention reaches to the break between it and the next one.
    """
    places = _places(text, outlets)
    bounds = [0]
    for (_, end, _), (start, _, _) in zip(places, places[1:], strict=False):
        bounds.append(_between(text, end, start))
    bounds.append(len(text))
    return [
        Mention(names, f"{text[a:start]}{text[end:b]}".strip(" ,;:?!–—"))
        for (start, end, names), a, b in zip(places, bounds, bounds[1:], strict=False)
    ]


def without_outlets(text: str, outlets: Iterable[str]) -> str:
    """The text without the names of outlets."""
    for start, end, _ in reversed(_places(text, outlets)):
        text = f"{text[:start]}{text[end:]}"
    return text


def _places(text: str, outlets: Iterable[str]) -> list[tuple[int, int, frozenset[str]]]:
    """Start and end of each name, longest names first where they overlap, and whose name it is."""
    lower = _lower(text)
    names: dict[str, set[str]] = {}
    for outlet in outlets:
        for name in _names(outlet):
            if name in lower:
                names.setdefault(name, set()).add(outlet)
    found: list[tuple[int, int, frozenset[str]]] = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", lower):
            if len(name) < _SHORT and not text[slice(*match.span())].isupper():
                continue
            if all(match.end() <= start or end <= match.start() for start, end, _ in found):
                found.append((*match.span(), frozenset(names[name])))
    return sorted(found, key=lambda place: place[:2])


@lru_cache(maxsize=10_000)
def _names(outlet: str) -> tuple[str, ...]:
    """What it goes by: "the age | australia" is "the age" too."""
    names = dict.fromkeys((outlet, _NAME_ENDS.split(outlet)[0]))
    return tuple(name for name in names if len(name) >= _MIN_NAME)


def _lower(text: str) -> str:
    """Exactly one character for each, so that places stay what they are."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _between(text: str, start: int, end: int) -> int:
    """Where what is asked of one outlet ends: at the strongest break before the next name.

    A name that credits ("…, according to The Age") follows what is asked of it, so the first such
    break counts; any other name stands before it, so the last one does.
    """
    breaks = [(_strength(match), match.start()) for match in _BREAK.finditer(text, start, end)]
    if not breaks:
        return end
    strongest = [at for strength, at in breaks if strength == max(breaks)[0]]
    return strongest[0 if _CREDIT.search(text[:end]) else -1]


def _strength(match: re.Match[str]) -> int:
    return 3 if match["both"] else 2 if match["join"] else 1
