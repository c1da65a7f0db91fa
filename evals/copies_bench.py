"""Are copies found, and nothing else? Made-up wire stories, edited as outlets edit them.

`python -m evals.copies_bench` makes stories by a seed, edits copies of them, puts these among
other stories, half of which follow one of the first (same people, two paragraphs of background
word for word), and counts pairs; then it times what grouping costs an archive as it grows.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time

from index.database import Database
from index.schema import Article

COPIES = 5  # of a story
OUTLETS = 40
STEP = 500  # articles timed together
FIRST = "Anna Bo Carla David Elin Farid Greta Hugo Ines Jonas Karin Lars Mona Nils Olga Per".split()
LAST = "Alm Berg Castro Dahl Ek Falk Gomez Holm Ito Jung Krantz Lind Moreau Novak Osei Rask".split()
TOWNS = "Arvik Brenna Corval Dunmore Estby Farnham Gelby Hartsund Iveroy Kellan Lormont Mirfield"
BODIES = "council|port authority|court of appeal|rail company|hospital board|water utility|union"
BODIES += "|ministry|teachers' association|chamber of commerce|police|electoral commission"
THINGS = "harbour tunnel|school budget|ferry line|wind farm|tax on diesel|housing plan|night train"
THINGS += "|vaccine order|fishing quota|data centre|steel mill|bridge toll|pension reform|stadium"
THINGS += "|water contract|copper mine|museum wing|tram extension|flood barrier|land register"
DID = "approved|rejected|postponed|defended|criticised|reopened|sold|audited|redrew|suspended"
DID += "|welcomed|cancelled|financed|inspected|revised|questioned|settled|announced"
WHY = "after months of delay|because costs had doubled|despite warnings from engineers"
WHY += "|under pressure from creditors|to win back voters|following a leaked report"
WHY += "|as winter storms drew near|over the objections of residents|with little debate"
WHY += "|in return for lower rents|without naming a successor|on the advice of auditors"
WHEN = "on Monday|late on Tuesday|on Wednesday morning|at a meeting in March|last autumn|in 2019"
WHEN += "|within a week|before the holidays|during the night|two years ago|on the same day|in June"
SHAPES = (
    "{who} said that the {body} had {did} the {thing} {why}.",
    "The {body} in {town} {did} the {thing} {when}, {why}.",
    "{when}, {number} people gathered in {town} to protest, and {who} spoke of {number} jobs.",
    "The {thing} would cost {number} million, {number} percent more than {town} had been told.",
    '"We were never asked about the {thing}," said {who}, who {did} the {thing} {when}.',
    "{who}, of the {body}, {did} a plan that gives {town} {number} years {why}.",
    "According to {who}, nobody at the {body} knew {when} that the {thing} had been {did}.",
    "In {town}, where {number} percent of homes depend on the {thing}, the mood changed {when}.",
    "A judge ordered the {body} to pay {number} euros {why}, which {who} called too little.",
    "{number} of {number} members voted for the {thing}; {who} left the room {why}.",
    "The {body} {did} it {why}, while {who} and {who} looked for money in {town}.",
    "Experts differ: {who} counts {number} cases, the {body} no more than {number}, all {when}.",
)
REWORDED = {
    "said": "stated", "people": "residents", "told": "informed", "cost": "run to",
    "gathered": "came together", "called": "described as", "percent": "per cent",
    "million": "m", "money": "funds", "nobody": "no one", "while": "as", "plan": "scheme",
    "looked": "searched", "ordered": "required", "knew": "was aware", "voted": "cast votes",
    "mood": "atmosphere", "members": "delegates", "spoke": "talked", "pay": "hand over",
}  # fmt: skip
Paragraph = tuple[str, ...]  # of sentences
Story = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what a story is about."""

    people: tuple[str, ...]
    towns: tuple[str, ...]
    bodies: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """An article, and of which story it is: those with the same number are copies."""

    article: Article
    story: int


def _some(random: Random, words: str, many: int) -> tuple[str, ...]:
    return tuple(random.sample(words.split("|") if "|" in words else words.split(), many))


def _cast(random: Random) -> Cast:
    people = tuple(f"{random.choice(FIRST)} {random.choice(LAST)}" for _ in range(4))
    return Cast(people, _some(random, TOWNS, 2), _some(random, BODIES, 2), _some(random, THINGS, 2))


def _sentence(random: Random, cast: Cast) -> str:
    def word(slot: str) -> str:
        choices: dict[str, Sequence[str]] = {
            "who": cast.people, "town": cast.towns, "body": cast.bodies, "thing": cast.things,
            "did": DID.split("|"), "why": WHY.split("|"), "when": WHEN.split("|"),
            "number": [str(random.randint(2, 990))],
        }  # fmt: skip
        return random.choice(choices[slot])

    pieces = random.choice(SHAPES).split("{")
    rest = [word(slot) + text for slot, _, text in (piece.partition("}") for piece in pieces[1:])]
    text = pieces[0] + "".join(rest)
    return text[0].upper() + text[1:]


def _story(random: Random, cast: Cast, paragraphs: int) -> Story:
    return tuple(
        tuple(_sentence(random, cast) for _ in range(random.randint(2, 3)))
        for _ in range(paragraphs)
    )


def _copy(random: Random, story: Story) -> Story:
    """The story as another outlet prints it: cut, reworded here and there, with a by-line."""
    kept = list(story[: max(3, len(story) - random.randint(0, len(story) // 3))])
    if len(kept) > 4 and random.random() < 0.5:
        del kept[random.randrange(1, len(kept))]
    edited = [tuple(_reworded(random, s) for s in paragraph) for paragraph in kept]
    byline = f"By {random.choice(FIRST)} {random.choice(LAST)}, {random.choice(TOWNS.split())}"
    return ((byline,), *edited) if random.random() < 0.7 else tuple(edited)


def _reworded(random: Random, sentence: str) -> str:
    if random.random() < 0.7:
        return sentence
    words = [REWORDED.get(word, word) for word in sentence.split()]
    if random.random() < 0.3:  # the time comes last
        words = [*words[2:], *words[:2]]
    return " ".join(words)


def samples(seed: int, stories: int, others: int) -> list[Sample]:
    """Edited copies of each story and so many others, shuffled; half of these follow a story."""
    random = Random(seed)
    made: list[tuple[Story, int]] = []
    casts = [_cast(random) for _ in range(stories)]
    wires = [_story(random, cast, random.randint(6, 12)) for cast in casts]
    for n, wire in enumerate(wires):
        made += [(_copy(random, wire), n) for _ in range(COPIES)]
    for n in range(stories, stories + others):
        if n % 2 and stories:
            of = random.randrange(stories)
            background = random.sample(wires[of], 2)
            made.append(((*_story(random, casts[of], random.randint(4, 8)), *background), n))
        else:
            made.append((_story(random, _cast(random), random.randint(4, 12)), n))
    # Copies stand side by side here, so that each has another outlet; then all are mixed.
    articles = [Sample(_article(random, at, story), n) for at, (story, n) in enumerate(made)]
    return random.sample(articles, len(articles))


def _article(random: Random, at: int, story: Story) -> Article:
    text = "\n\n".join(" ".join(paragraph) for paragraph in story)
    title = f"{random.choice(TOWNS.split())}: {' '.join(text.split()[:6])}"
    outlet = f"Outlet {at % OUTLETS}"
    return Article(f"k{at}", f"{at}.txt", text, title, outlet=outlet, language="en")


def pairwise(given: Sequence[Sample], groups: Mapping[str, str]) -> dict[str, float]:
    """Precision, recall and F1, in [0, 1], over all pairs of articles; groups: by article id."""
    right = _pairs(Counter(sample.story for sample in given).values())
    put = _pairs(Counter(groups[sample.article.id] for sample in given).values())
    both = _pairs(Counter((s.story, groups[s.article.id]) for s in given).values())
    precision, recall = both / put if put else 1.0, both / right if right else 1.0
    f1 = 2 * both / (put + right) if put + right else 1.0
    return {"precision": precision, "recall": recall, "f1": f1}


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def measured(seed: int, stories: int, others: int) -> Iterator[dict[str, float]]:
    """What the groups are worth, and CPU ms an article as the archive grows.

    Stored are articles without passages, so that nothing but SQL is timed; "bare": the same
    without texts, so that there is nothing to group.
    """
    given = samples(seed, stories, others)
    with TemporaryDirectory() as folder:
        database, bare = (Database(Path(folder) / f"{name}.sqlite") for name in ("full", "bare"))
        for at in range(0, len(given), STEP):
            batch = [sample.article for sample in given[at : at + STEP]]
            full_ms = _stored(database, batch)
            bare_ms = _stored(bare, [replace(article, text="") for article in batch])
            yield {"articles": at + len(batch), "full_ms": full_ms, "bare_ms": bare_ms}
        found = database.copies([sample.article.id for sample in given])
        yield pairwise(given, {article_id: group for article_id, (group, _) in found.items()})
        database.close()
        bare.close()


def _stored(database: Database, batch: Sequence[Article]) -> float:
    started = process_time()
    for article in batch:
        database.put(article, [], [], [])
    return (process_time() - started) / len(batch) * 1000


def main() -> None:
    """Print one line of JSON for each step and each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--others", type=int, default=500)
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        for line in measured(seed, arguments.stories, arguments.others):
            print(json.dumps({"seed": seed, **{k: round(v, 4) for k, v in line.items()}}))


if __name__ == "__main__":
    main()
