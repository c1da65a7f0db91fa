"""Who is named, and who says it: names and speakers of a claim against those of a text.

A surname alone will do. A name that only the passage around the text has will do where the text
points back to it ("He refused"), and not where it names another.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from service.dates import CALENDAR
from service.wording import content_stems, names, names_and_words

_CAPITALS = r"[^\W\d_a-zà-öø-ÿ][\w'’-]*"
_RUN = re.compile(rf"{_CAPITALS}(?: {_CAPITALS})*")
_POINTS_BACK = re.compile(
    r"\b(?:he|she|they|it|him|them|his|her|hers|their|its|we|our|i|my|you|who|"
    r"han|hon|hen|honom|henne|hans|hennes|deras|dess|vi|jag|vår|vårt|våra|min|denne|som)\b|"
    r"^(?:the|this|these|those|den|det|de|detta|denna|dessa)\b",
    re.I,
)
_SAYS = (
    r"(?:said|says|say|told|tells|added|adds|insisted|claimed|claims|stated|argued|explained|"
    r"warned|säger|sade|sa|uppger|uppgav|berättar|berättade|menar|menade|hävdar|hävdade|"
    r"förklarade|varnade|tillade)"
)
_Joined = tuple[str, str, frozenset[str]]
_EVEN = re.compile(
    r"[,;:.!?]\s|\b(?:by|and|with|from|av|och|med|från)\b"
)  # passive, or side by side
_NAMES = rf"({_CAPITALS}(?: {_CAPITALS})*)"
_BEFORE = re.compile(
    rf"{_NAMES}(?:,[^,.]{{1,40}},|, (?:who|som))? (?:har |has |have |had |also )?{_SAYS}\b"
)
_PRONOUN_SAYS = re.compile(
    rf"\b(?:he|she|han|hon) {_SAYS}\b|\b{_SAYS} (?:he|she|han|hon)\b", re.IGNORECASE
)
_TITLE = r"(?: [^\W\d_A-ZÅÄÖ]+){0,3}?"
_AFTER = re.compile(rf"\b{_SAYS}{_TITLE} {_NAMES}(?=\s*(?:[^\w\s]|$))")  # not "said Lind left"
_SOURCE = re.compile(rf"\b(?:[Aa]ccording to|[Ee]nligt){_TITLE} {_NAMES}")


def named(claim: str, text: str, around: str, header: str, language: str | None) -> bool:
    """Whether all names of the claim stand where they may."""
    stood = content_stems(f"{header} {text}", language)  # "Critics" may only open the sentence
    said = names(claim).difference(*CALENDAR)
    asked = frozenset(n for n in said if not _stands(n, stood, language))
    if not asked <= names_and_words(f"{header} {around}"):
        return False
    away = asked - names_and_words(f"{header} {text}")
    others = names(text) - names(claim) - names(header)
    return (not away or bool(_POINTS_BACK.search(text)) or not others) and not mixed(
        claim, f"{text}\n{around}\n{header}"
    )


def _stands(name: str, stood: frozenset[str], language: str | None) -> bool:
    words = content_stems(name, language)  # of "Lind-Berg" both
    return bool(words) and words <= stood


def spoken_by_another(claim: str, text: str, before: frozenset[str]) -> bool:
    """Whether the text has what the claim's speaker says from other speakers alone.

    before: the names that stand before the text, of which "he said" means one.
    """
    ours, theirs = speakers(claim), speakers(text)
    if not theirs and _PRONOUN_SAYS.search(text):
        theirs = [[name] for name in before]
    same = (a[-1] in b or b[-1] in a for a in ours for b in theirs)  # titles do not count
    return bool(ours and theirs) and not any(same)


def pointed_at(claim: str, text: str, around: str) -> frozenset[str]:
    """Names of the claim that the text may mean by "he" or "the mayor": those around it."""
    return names(claim) & names(around) if _POINTS_BACK.search(text) else frozenset()


def speakers(text: str) -> list[list[str]]:
    """Who is named as speaking in the text, each name in its words, in lower case."""
    rest = _BEFORE.sub(" ", text)
    runs = (*_BEFORE.findall(text), *_AFTER.findall(rest), *_SOURCE.findall(text))
    return [_parts(run) for run in runs if not _POINTS_BACK.fullmatch(run)]  # "He said"


def swapped(claim: str, text: str, language: str | None) -> bool:
    """Whether the claim has two names change places around the same word: who beat whom."""
    ours, theirs = (list(_joined(each, language)) for each in (claim, text))
    return any(
        any(_same(pair, (b, a, words)) for a, b, words in theirs)
        and not any(_same(pair, other) for other in theirs)
        for pair in ours
    )


def _same(ours: _Joined, theirs: _Joined) -> bool:
    return bool(ours[0] == theirs[0] and ours[1] == theirs[1] and ours[2] & theirs[2])


def _joined(text: str, language: str | None) -> Iterator[_Joined]:
    """Names that follow each other, last words alone, and the words of content between them."""
    runs = list(_RUN.finditer(text))
    for one, other in pairwise(runs):
        between = text[one.end() : other.start()]
        if not _EVEN.search(between):
            words = content_stems(between, language)
            yield _parts(one.group())[-1], _parts(other.group())[-1], words


def mixed(claim: str, text: str) -> bool:
    """Whether the claim joins a first name to another's surname."""
    runs = [_parts(run) for run in _RUN.findall(text)]
    words = frozenset(re.findall(r"\w+", "".join(re.split(_RUN, text)).casefold()))
    return any(_strange(*pair, runs, words) for pair in _pairs(claim))


def _pairs(claim: str) -> Iterator[tuple[str, str]]:
    for run in _RUN.findall(claim):
        parts = _parts(run)
        if len(parts) > 1:
            yield parts[-2], parts[-1]


def _parts(run: str) -> list[str]:
    return [part.casefold().removesuffix("'s").removesuffix("’s") for part in run.split()]


def _strange(first: str, last: str, runs: list[list[str]], words: frozenset[str]) -> bool:
    beside = [run for run in runs if last in run]
    longer = any(run.index(last) > 0 for run in beside)
    return longer and first not in words and not any(first in run for run in beside)
