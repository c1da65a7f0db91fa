"""Translations of single words, by which a question finds articles in another language.

A table from `evals.fit_translation`; what it knows and how well is told in
`weights/translation.md`. It translates stems, as the lexical index holds them.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from index.lexical import stems

LANGUAGES = frozenset({"en", "sv", "no", "nb", "da"})  # the others to and from English
_SAME = {"nb": "no", "da": "no"}  # Danish is read as Norwegian, which many of its words are
_COMPOUNDING = frozenset({"sv", "no"})
_MOST = 4  # translations of a stem
_COMPOUND = 8  # letters of a compound at least: "mellan" is no lane
_SHORTEST = 3  # letters of its parts
_PART = 0.5  # what a part says of the whole

Translations = tuple[tuple[str, float], ...]
Table = Mapping[str, Translations]


def translated(stem: str, source: str | None, target: str | None) -> Translations:
    """Stems in the target language with their probability, likeliest first; empty if unknown.

    A compound that is not known as a whole is translated by its parts (Koehn and Knight 2003).
    """
    source, target = (_SAME.get(code or "", code or "") for code in (source, target))
    known = _tables().get((source, target), {})
    if stem in known or source not in _COMPOUNDING or len(stem) < _COMPOUND:
        return known.get(stem, ())
    return tuple((t, _PART * p) for part in _parts(stem, source, known) for t, p in known[part])


def expanded(found: Iterable[str], source: str | None, target: str | None) -> dict[str, float]:
    """What to look for beside these stems, each with a weight in (0, 1].

    The weight is the root of the probability: the forms of a word share its probability, and any
    one of them stands for the word.
    """
    weights: dict[str, float] = {}
    for stem in found:
        for other, probability in translated(stem, source, target):
            weights[other] = max(probability**0.5, weights.get(other, 0.0))
    return weights


def _parts(stem: str, language: str, known: Table) -> tuple[str, ...]:
    """Two known stems that make up this one, as near in length as can be; or none."""
    places = range(_SHORTEST, len(stem) - _SHORTEST + 1)
    for at in sorted(places, key=lambda at: abs(len(stem) - 2 * at)):
        first, last = stem[:at], stem[at:]
        forms = (first, first.removesuffix("s"), *stems(first, language))
        if last in known and (form := next((f for f in forms if f in known), None)):
            return form, last
    return ()


@cache
def _tables() -> dict[tuple[str, str], Table]:
    """By source and target language; the file gives each pair of stems once, in percent."""
    file = resources.files("index") / "weights" / "translation.json.gz"
    tables: dict[tuple[str, str], Table] = {}
    for language, stored in json.loads(gzip.decompress(file.read_bytes())).items():
        pairs = [(s, t, n / 100) for s, found in stored.items() for t, n in found.items()]
        tables[language, "en"] = _table(pairs)
        tables["en", language] = _table([(t, s, p) for s, t, p in pairs])
    return tables


def _table(pairs: Iterable[tuple[str, str, float]]) -> Table:
    table: dict[str, list[tuple[str, float]]] = {}
    for source, target, probability in sorted(pairs, key=lambda pair: (-pair[2], pair)):
        table.setdefault(source, []).append((target, probability))
    return {source: tuple(found[:_MOST]) for source, found in table.items()}
