"""Questions that ask the same, in the same words or almost. The home of rapidfuzz here."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from evals.matching import fold

ALIKE = 90.0  # per cent of characters, after folding
ROWS = 500  # compared with all others at once: bounds the memory
WORD = re.compile(r"\w+(?:['’.,-]\w+)*")
# A change of one of these makes it another question, however alike the two are.
TELLING = frozenset(
    """one two three four five six seven eight nine ten first second third last next not no never
    before after more less most least who what when where why how which whom whose
    ett två tre fyra fem första andra tredje sista nästa inte aldrig före efter mer mindre
    vem vad när var varför hur vilken vilket vilka""".split()
)


def bare(question: str) -> str:
    """The words alone, folded: what makes two questions equal."""
    return " ".join(map(fold, WORD.findall(question)))


def alike(questions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places (a, b), a < b, of questions that ask the same.

    Almost the same words will do, unless they differ in a name, a number or another telling word.
    """
    words = [WORD.findall(question) for question in questions]
    plain = [bare(question) for question in questions]
    for at in range(0, len(plain), ROWS):
        rows = plain[at : at + ROWS]
        scores = process.cdist(
            rows, plain[at:], scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8
        )
        for row, other in zip(*scores.nonzero(), strict=True):
            a, b = at + int(row), at + int(other)
            if a < b and (plain[a] == plain[b] or not _told_apart(words[a], words[b])):
                yield a, b


def _told_apart(a: Sequence[str], b: Sequence[str]) -> bool:
    counts = Counter(map(fold, a)), Counter(map(fold, b))
    differ = set(counts[0] - counts[1]) | set(counts[1] - counts[0])
    names = {fold(word) for words in (a, b) for word in words[1:] if word[:1].isupper()}
    return any(w in TELLING or w in names or any(c.isdigit() for c in w) for w in differ)
