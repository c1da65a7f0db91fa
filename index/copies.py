"""Which articles are copies: the same story as several outlets print it, edited.

An article is its set of shingles (runs of a few words, hashed). Copies share most shingles of the
shorter one, and enough of both; articles that only share some paragraphs do not. MinHash and
banding find the few that may be copies without a look at all the others. No input or output here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.schema import Article

Shingles = NDArray[np.uint32]  # sorted, each once

VERSION = "2"  # of all that is below: another one groups an archive anew
WORDS = 3  # in a shingle; longer ones are torn more often by small edits
FEWEST = 30  # shingles; of a shorter text only the very same one is a copy
SHORTEST = 8  # words; a shorter text has no copies
MOST = 5000  # shingles kept, those with the smallest hashes
SHARED = 0.6  # of the shorter one's shingles, at least
LIKENESS = 0.4  # of the shingles of both (Jaccard), at least
# An outlet does not print a story twice, but it fills in forms: visa for tourists, for students.
SAME_OUTLET = 0.9  # likeness within an outlet, at least
BANDS = 50
ROWS = 3  # 50 bands of 3 find pairs with likeness .4 / .5 / .6 in 96 / 99.9 / 100 percent

_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")  # or letters, unspaced
_random = np.random.default_rng(1)  # never another one without another VERSION
_FACTORS = _random.integers(0, 2**63, (BANDS * ROWS, 1), np.uint64) * np.uint64(2) + np.uint64(1)
_MIXERS = _random.integers(0, 2**63, ROWS, np.uint64) * np.uint64(2) + np.uint64(1)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared of an article."""

    shingles: Shingles  # none if the text is too short
    outlet: str  # in lower case, "" if unknown


def sketch(article: Article) -> Sketch:
    """The sketch of an article. Its title, date and author play no part: outlets change them."""
    return Sketch(_shingles(article.text), (article.outlet or "").casefold())


def bands(shingles: Shingles) -> list[int]:
    """One number for each band, 64 bits signed; likely copies have at least one in common."""
    if not shingles.size:
        return []
    hashed = (_FACTORS * shingles.astype(np.uint64)) >> np.uint64(32)
    least = hashed.min(axis=1).reshape(BANDS, ROWS)
    mixed = (least * _MIXERS).sum(axis=1, dtype=np.uint64) >> np.uint64(6)
    numbered = mixed + (np.arange(BANDS, dtype=np.uint64) << np.uint64(58))
    return [int(number) for number in numbered.view(np.int64)]


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether these are copies, whichever comes first."""
    a, b = _comparable(one.shingles, other.shingles)
    if not a.size or not b.size:
        return False
    common = np.intersect1d(a, b, assume_unique=True).size
    likeness = common / (a.size + b.size - common)
    if one.outlet and one.outlet == other.outlet:
        return bool(likeness >= SAME_OUTLET)
    return bool(likeness >= LIKENESS and common >= SHARED * min(a.size, b.size))


def parts(members: Mapping[str, Sketch]) -> list[list[str]]:
    """The members in groups, each linked to the rest of its group by copies of copies."""
    banded = {i: frozenset(bands(member.shingles)) for i, member in members.items()}
    found: list[list[str]] = []
    for new in members:
        near: list[str] = [new]
        far = []
        for part in found:
            if any(banded[new] & banded[i] and alike(members[new], members[i]) for i in part):
                near += part
            else:
                far.append(part)
        found = [near, *far]
    return found


def _shingles(text: str) -> Shingles:
    words = _WORD.findall(text.casefold())
    runs = {" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)}
    if len(runs) < FEWEST:
        runs = {" ".join(words)} if len(words) >= SHORTEST else set()
    hashes = b"".join(blake2b(run.encode(), digest_size=4).digest() for run in runs)
    return np.unique(np.frombuffer(hashes, "<u4").astype(np.uint32))[:MOST]


def _comparable(one: Shingles, other: Shingles) -> tuple[Shingles, Shingles]:
    """Both up to the hash to which both are complete."""
    reach = min(int(found[-1]) if found.size == MOST else 2**32 for found in (one, other))
    return one[one <= reach], other[other <= reach]
