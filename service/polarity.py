"""Do two texts point the same way? Opposite words and negations, clause by clause.

A word counts with the clause it stands in: of several words of one axis in a text, those whose
clause shares most with the claim's decide. A negation before a word turns it round.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from index.lexical import stems
from service.opposites import NEGATIONS, axes
from service.wording import content_stems

_BREAK = re.compile(
    r"[,;:.!?]+(?=\s|$)|[()\n–—]|\b(?:while|but|and|although|whereas|though|men|medan|och|fast)\b",
    re.I,
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_IDLE = re.compile(r"\b(?:not only|no doubt|no\. ?(?=\d)|inte bara|inte minst|utan att)\b", re.I)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause."""

    stem: str
    content: bool
    negates: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A word with an opposite: its axis, its side (1 or -1), its neighbours and its clause."""

    axis: int
    side: int
    beside: frozenset[str]
    around: frozenset[str]

    def shared(self, other: "Turn") -> tuple[int, int]:
        """How much of what stands around them the two have in common."""
        return len(self.beside & other.beside), len(self.around & other.around)


def opposed(claim: str, text: str, language: str | None) -> bool:
    """Whether the claim says the opposite of what the text says in the same place."""
    told = list(_turns(text, language))
    return any(_against(turn, told) for turn in _turns(claim, language))


def negated_otherwise(claim: str, text: str, language: str | None) -> bool:
    """Whether one of them negates what the other asserts."""
    ours, theirs = (_denied(each, language) for each in (claim, text))
    said, told = (_asserted(each, language) for each in (claim, text))
    if theirs & said - ours - told:
        return True
    if ours - theirs:
        denies = _nearest_denies(claim, text, language)
        return not (denies or _turned(claim, text, language))
    return not ours and not theirs & told and _nearest_denies(claim, text, language)


def clauses(text: str, language: str | None) -> list[list[Word]]:
    """The words of each clause."""
    parts = _BREAK.split(_IDLE.sub(" ", text))
    return [[_word(w, language) for w in _WORD.findall(part)] for part in parts if part.strip()]


@lru_cache(maxsize=20_000)
def _word(word: str, language: str | None) -> Word:
    plain = word.casefold().replace("’", "'")
    negates = plain in NEGATIONS or plain.endswith("n't")
    stem = (stems(plain, language) or [plain])[0]
    return Word(stem, not negates and bool(content_stems(plain, language)), negates)


def _turns(text: str, language: str | None) -> Iterator[Turn]:
    known = axes(language)
    for clause in clauses(text, language):
        content = [w for w in clause if w.content or w.stem in known]
        around = frozenset(w.stem for w in content if w.stem not in known)
        for at, word in enumerate(content):
            beside = frozenset(w.stem for w in content[max(at - 1, 0) : at + 2] if w is not word)
            before = clause[: next(n for n, w in enumerate(clause) if w is word)]
            turned = -1 if any(w.negates for w in before) else 1
            for axis, side in known.get(word.stem, ()):
                yield Turn(axis, side * turned, beside, around)


def _against(turn: Turn, told: list[Turn]) -> bool:
    same = [other for other in told if other.axis == turn.axis]
    most = max((turn.shared(other) for other in same), default=(0, 0))
    sides = {other.side for other in same if turn.shared(other) == most}
    return bool(sides) and turn.side not in sides


def _turned(claim: str, text: str, language: str | None) -> bool:
    """A negation may stand for the opposite word: "did not agree", "refused"."""
    ours = {(turn.axis, turn.side) for turn in _turns(claim, language)}
    return bool(ours & {(turn.axis, turn.side) for turn in _turns(text, language)})


def _heads(clause: list[Word], language: str | None) -> Iterator[str]:
    """What each negation of the clause denies: the next word of content, in Swedish also the verb
    that it follows."""
    for at, word in enumerate(clause):
        if word.negates:
            yield from [w.stem for w in clause[at + 1 :] if w.content][:1]
            if language == "sv" and at and clause[at - 1].content:
                yield clause[at - 1].stem


def _denied(text: str, language: str | None) -> frozenset[str]:
    return frozenset(h for clause in clauses(text, language) for h in _heads(clause, language))


def _asserted(text: str, language: str | None) -> frozenset[str]:
    return frozenset(
        word.stem
        for clause in clauses(text, language)
        for word in clause
        if word.content and word.stem not in set(_heads(clause, language))
    )


def _nearest_denies(claim: str, text: str, language: str | None) -> bool:
    """Whether the clause that shares most with the claim, and enough, has a negation."""
    asked = frozenset(w.stem for clause in clauses(claim, language) for w in clause if w.content)
    shared = [
        (len({w.stem for w in clause} & asked), any(w.negates for w in clause))
        for clause in clauses(text, language)
    ]
    most = max((count for count, _ in shared), default=0)
    near = [denies for count, denies in shared if count == most]
    return 2 * most >= len(asked) and all(near)
