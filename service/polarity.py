"""Do two texts point the same way? Opposite words and negations, clause by clause.

A word counts with the clause it stands in: of several words of one axis in a text, those whose
clause shares most with the claim's decide. A negation before a word turns it round.
"""

import re
from collections.abc import Iterator, Sequence
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
_REFUSES = re.compile(
    r"\b((?:refus|declin|fail)\w* to|vägra(?:de|r|t)?(?: att)?|misslyck\w+ (?:med )?att)\b", re.I
)
_PRONOUNS = frozenset("det den de han hon vi jag man du ni".split())
_BESIDE = frozenset("for of with by from about för av med från om".split())
_IDLE = re.compile(r"\b(?:not only|no doubt|no\. ?(?=\d)|inte bara|inte minst|utan att)\b", re.I)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause."""

    stem: str
    content: bool
    negates: bool


@dataclass(frozen=True, slots=True)
class Scopes:
    """Whether a text denies anything, the words of content next to a negation, all that it denies,
    and those that it asserts."""

    denies: bool
    heads: frozenset[str]
    denied: frozenset[str]
    asserted: frozenset[str]


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
    ours, theirs = (_scopes(each, language) for each in (claim, text))
    if theirs.heads & ours.asserted - theirs.asserted:
        return True
    near = _nearest_denies(claim, text, language)
    if ours.heads - theirs.denied or (ours.denies and not ours.heads):
        return not near and not _turned(claim, text, language)
    return not ours.denies and not theirs.heads & theirs.asserted and near


def clauses(text: str, language: str | None) -> list[list[Word]]:
    """The words of each clause; "refused to" counts as "refused not"."""
    parts = _BREAK.split(_REFUSES.sub(r"\1 not ", _IDLE.sub(" ", text)))
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
        kept = [n for n, w in enumerate(clause) if w.content or w.stem in known]
        around = frozenset(clause[n].stem for n in kept if clause[n].stem not in known)
        scope = _turned_by(clause, language)
        first = next((known[clause[n].stem] for n in scope if clause[n].stem in known), ())
        for at, n in enumerate(kept):
            beside = frozenset(clause[m].stem for m in kept[max(at - 1, 0) : at + 2] if m != n)
            for axis, side in known.get(clause[n].stem, ()):
                turned = n in scope and axis in {each for each, _ in first}
                yield Turn(axis, -side if turned else side, beside, around)


def _against(turn: Turn, told: list[Turn]) -> bool:
    same = [other for other in told if other.axis == turn.axis]
    most = max((turn.shared(other) for other in same), default=(0, 0))
    sides = {other.side for other in same if turn.shared(other) == most}
    return bool(sides) and turn.side not in sides


def _turned(claim: str, text: str, language: str | None) -> bool:
    """A negation may stand for the opposite word: "did not agree", "refused"."""
    ours = {(turn.axis, turn.side) for turn in _turns(claim, language)}
    return bool(ours & {(turn.axis, turn.side) for turn in _turns(text, language)})


def _scope(clause: Sequence[Word], language: str | None) -> list[int]:
    """Places of the words of content that a negation of the clause denies: those after it, and in
    Swedish also the verb that it follows."""
    at = next((n for n, word in enumerate(clause) if word.negates), len(clause))
    verb = [at - 1 - (clause[at - 1].stem in _PRONOUNS)] if 0 < at < len(clause) else []
    swedish = language == "sv" and bool(verb) and clause[at].stem != "not"
    places = [*(n for n in verb if swedish and n >= 0), *range(at, len(clause))]
    return [n for n in places if clause[n].content]


def _turned_by(clause: Sequence[Word], language: str | None) -> list[int]:
    """The same as far as a negation turns words round: not in "no date was set for the sale"."""
    scope = _scope(clause, language)
    at = next((n for n, word in enumerate(clause) if word.negates), len(clause))
    end = next((n for n in range(at, len(clause)) if clause[n].stem in _BESIDE), len(clause))
    return [n for n in scope if n < end]


def _scopes(text: str, language: str | None) -> Scopes:
    heads, denied, asserted = set(), set(), set()
    for clause in (found := clauses(text, language)):
        scope = _scope(clause, language)
        at = next((n for n, word in enumerate(clause) if word.negates), 0)
        after = next((n for n in scope if n > at), None)
        heads |= {clause[n].stem for n in scope if n < at or n == after}
        denied |= {clause[n].stem for n in scope}
        asserted |= {w.stem for n, w in enumerate(clause) if w.content and n not in scope}
    denies = any(word.negates for clause in found for word in clause)
    return Scopes(denies, frozenset(heads), frozenset(denied), frozenset(asserted))


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
