"""Fits the table of word translations by which a question finds articles in another language.

    python -m evals.fit_translation --data DIR --out index/weights/translation.json.gz

DIR holds `NAME.jsonl.gz` files with the same texts in two languages: inference pairs that share
their ids, and questions with their passages that share their order. IBM Model 1 is fitted in both
directions; a translation is as likely as both find it on average. The same files always give the
same table.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.reading_rows import Row, aligned
from index.sentences import sentence_spans
from service.wording import content_stems

LANGUAGES = ("sv", "no")  # each beside English
INFERENCE = "mnli_xt_{}"
READING = {"en": "squad2_dev_half_noxquad", "sv": "squad2_sv_dev_noxquad"}
ROUNDS = 8  # of expectation and maximisation
RARE = 2  # stems in fewer texts are left out
COMMON = 0.03  # and those in more than this share: they join words rather than say something
DOUBT = 1.0  # occurrences that lead nowhere, for every stem: rare stems promise less
LIKELY = 0.15  # what a translation must be to be kept
FAINT = 0.001
TOLD = 5  # how many texts an entry of the glossary stands for
GLOSSARY = """
    tariff: tull, toll; tariffs: tullar, toll; import duties: importtullar, importtoll;
    interest rate: ränta, rente; interest rates: räntor räntan, renter renten;
    foreign minister: utrikesminister, utenriksminister; politician: politiker, politiker;
    prime minister: statsminister, statsminister; strike: strejk, streik;
    finance minister: finansminister, finansminister; defence: försvar, forsvar;
    parliament: riksdag, storting; parliament: riksdagen, stortinget;
    central bank: riksbank, sentralbank; central bank: centralbank, sentralbank;
    ceasefire: vapenvila, våpenhvile; hostage: gisslan, gissel; sanctions: sanktioner, sanksjoner;
    peace talks: fredssamtal, fredssamtaler; refugee: flykting, flyktning; asylum: asyl, asyl;
    union: fackförbund, fagforening; wages: löner, lønninger;
    layoffs: varsel uppsägningar, permitteringer; unemployment: arbetslöshet, arbeidsledighet;
    power plant: kraftverk, kraftverk; nuclear power: kärnkraft, kjernekraft; offshore: havs, havs;
    wildfire: skogsbrand, skogbrann; flood: översvämning, flom; heatwave: värmebölja, hetebølge;
    earthquake: jordbävning, jordskjelv; landslide: jordskred, jordskred; storm: storm, storm;
    prosecutor: åklagare, aktor; trial: rättegång, rettssak; verdict: dom, dom;
    suspect: misstänkt, mistenkt; arrested: gripen gripits, pågrepet; shooting: skjutning, skyting;
    lawsuit: stämning, søksmål; appeal: överklagande, anke; fine: böter, bot;
    shareholders: aktieägare, aksjonærer; shares: aktier, aksjer; profit: vinst, overskudd;
    quarter: kvartal, kvartal; turnover: omsättning, omsetning; takeover: uppköp, oppkjøp;
    vaccine: vaccin, vaksine; outbreak: utbrott, utbrudd; patients: patienter, pasienter;
    poll: opinionsmätning, meningsmåling; voters: väljare, velgere; referendum: folkomröstning,
    folkeavstemning; ballot: valsedel, stemmeseddel; coalition: koalition, koalisjon;
    league: liga, liga; coach: tränare, trener; goalkeeper: målvakt, keeper;
    midfielder: mittfältare, midtbanespiller; striker: anfallare, angriper;
    champion: mästare, mester; final: final, finale; county: region, fylke; harbour: hamn, havn;
    drone: drönare, drone; missile: robot, rakett; airstrike: flyganfall, luftangrep;
    railway: järnväg, jernbane; ferry: färja, ferge; airport: flygplats, flyplass;
    fraud: bedrägeri, svindel; mayor: borgmästare, ordfører; municipality: kommun, kommune
"""  # words of the news that the texts lack, by hand: English: Swedish, Norwegian

Bags = list[list[str]]  # the stems of each text, the same texts in the same order per language
Chances = dict[tuple[str, str], float]  # of the second stem, where the first stands


def parallel(folder: Path, language: str) -> list[tuple[str, str]]:
    """Short texts in English and in the other language, each pair once."""
    english, other = (
        {r["id"].split("-")[-1]: r for r in records(folder, INFERENCE.format(code))}
        for code in ("en", language)
    )
    shared = sorted(english.keys() & other.keys(), key=int)
    pairs = [(english[i][part], other[i][part]) for i in shared for part in ("claim", "passage")]
    if language in READING:
        pairs += reading(folder, language)
    return list(dict.fromkeys(pairs)) + TOLD * glossary(language)


def glossary(language: str) -> list[tuple[str, str]]:
    """Dictionary entries are texts too (Brown et al. 1993, "But dictionaries are data too")."""
    entries = [re.split(r"[:,]\s*", entry.strip()) for entry in GLOSSARY.split(";")]
    return [(entry[0], entry[1 + LANGUAGES.index(language)]) for entry in entries]


def records(folder: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def reading(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Questions, and sentences of passages that have equally many in both languages."""
    english, other = (rows(folder, READING[code]) for code in ("en", language))
    twins = aligned(english, other)
    yield from ((a.question, b.question) for a, b in twins)
    for a, b in dict.fromkeys((a.passage, b.passage) for a, b in twins):
        spans = sentence_spans(a, "en"), sentence_spans(b, language)
        if len(spans[0]) == len(spans[1]):
            yield from ((a[slice(*x)], b[slice(*y)]) for x, y in zip(*spans, strict=True))


def rows(folder: Path, name: str) -> list[Row]:
    return [
        Row(r["question"], r["passage"], tuple(r["answers"]), r["lang"], name, (name, 0))
        for r in records(folder, name)
    ]


def bags(texts: Sequence[str], language: str) -> Bags:
    """The words that carry meaning: neither figures, nor too rare or too common to be learned."""
    found = [content_stems(text, language) for text in texts]
    counts = Counter(stem for stems in found for stem in stems if not stem.isdecimal())
    kept = {stem for stem, n in counts.items() if RARE <= n <= COMMON * len(found)}
    return [sorted(stems & kept) for stems in found]


def model_1(source: Bags, target: Bags) -> Chances:
    """How likely each stem is translated by each other (IBM Model 1, Brown et al. 1993).

    A target stem comes from one source stem of its text, or from none: the empty stem. Doubt keeps
    rare stems from catching all that is left over (Moore 2004).
    """
    source = [["", *bag] for bag in source]
    origins, targets = sorted({*flat(source)}), sorted({*flat(target)})
    links, cells = linked(numbered(source, origins), numbered(target, targets), len(targets))
    codes, link = np.unique(links, return_inverse=True)
    origin = codes // len(targets)
    chance = np.ones(len(codes))
    for _ in range(ROUNDS):
        share = chance[link] / np.bincount(cells, chance[link])[cells]
        expected = np.bincount(link, share)
        chance = expected / (np.bincount(origin, expected) + DOUBT)[origin]
    likely = np.flatnonzero(chance > FAINT)
    pairs = zip(origin[likely].tolist(), (codes[likely] % len(targets)).tolist(), strict=True)
    named = ((origins[s], targets[t]) for s, t in pairs)
    return dict(zip(named, chance[likely].tolist(), strict=True))


def flat(found: Bags) -> Iterator[str]:
    return (stem for bag in found for stem in bag)


def numbered(found: Bags, stems: Sequence[str]) -> list[NDArray[np.int64]]:
    number = {stem: n for n, stem in enumerate(stems)}
    return [np.array([number[stem] for stem in bag], np.int64) for bag in found]


def linked(
    source: Sequence[NDArray[np.int64]], target: Sequence[NDArray[np.int64]], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every stem with every stem of the same text as `source * width + target`, and for each such
    link which occurrence of a target stem it would explain."""
    links = [np.add.outer(t, s * width).ravel() for s, t in zip(source, target, strict=True)]
    sizes = np.concatenate([np.full(len(t), len(s)) for s, t in zip(source, target, strict=True)])
    return np.concatenate(links), np.repeat(np.arange(len(sizes)), sizes)


def table(folder: Path, language: str) -> dict[str, dict[str, int]]:
    """The likely translations of each stem into English, in percent: the mean of both directions.

    Read backwards it serves for the other direction.
    """
    pairs = parallel(folder, language)
    english, other = bags([a for a, _ in pairs], "en"), bags([b for _, b in pairs], language)
    there, back = model_1(other, english), model_1(english, other)
    found: dict[str, dict[str, int]] = {}
    for stem, word in sorted({*there, *((s, w) for w, s in back)}):
        mean = (there.get((stem, word), 0.0) + back.get((word, stem), 0.0)) / 2
        if stem and word and mean >= LIKELY:
            found.setdefault(stem, {})[word] = round(100 * mean)
    print(
        f"{language}: {len(pairs)} texts, {len(found)} stems, {sum(map(len, found.values()))} pairs"
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    found = {language: table(given.data, language) for language in LANGUAGES}
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    given.out.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
