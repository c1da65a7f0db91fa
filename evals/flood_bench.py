"""What does an answer say when one outlet plants many articles with a false figure?

    python -m evals.flood_bench

Twenty invented stories, each told by one or two outlets and then, falsely, by another in 5 or 20
articles: in the same words but for one or two, reworded, or reworded and without an outlet's name.
The stories of odd number were looked at while the answers were improved, the even ones were not.
An archive for each kind of flood holds all twenty. Counted over what the quotes answerer says:

false only   the flood has its way
not told     both are said, but not that they differ
told         both stand side by side as what articles say, each with its citation
right only, neither, refused
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.matching import says
from evals.table import columns
from index.archive import Archive
from index.schema import Article
from service.app import open_archive
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.reader import Reader
from service.schema import Answer, Question
from service.settings import load

SET = Path(__file__).parent / "sets" / "floods.jsonl"
MANY = (5, 20)
DAYS = 3  # over which a flood is spread
HEDGES = "now also again still thus indeed clearly surely later first".split()
OUTCOMES = ("false only", "not told", "told", "right only", "neither", "refused")
Story = Mapping[str, Any]  # a line of the set


@dataclass(frozen=True, slots=True)
class Flood:
    """How the false articles are made."""

    name: str
    reworded: bool
    named: bool  # whether they name their outlet


FLOODS = (
    Flood("same words", False, True),
    Flood("reworded", True, True),
    Flood("reworded, no outlet", True, False),
)


def honest(story: Story) -> Iterator[Article]:
    """What the other outlets say."""
    for n, each in enumerate(story["honest"]):
        yield _article(f"{story['id']}-{n}", story, each, each["title"], each["text"], 0)


def planted(story: Story, flood: Flood, many: int) -> Iterator[Article]:
    """The false articles."""
    source = story["flood"] if flood.named else {**story["flood"], "outlet": None}
    for n in range(many):
        text = _reworded(source, n) if flood.reworded else _alike(source, n)
        title = source["titles"][n % len(source["titles"]) if flood.reworded else 0]
        yield _article(f"{story['id']}-planted-{n}", story, source, title, text, n % DAYS)


def _reworded(source: Story, n: int) -> str:
    """One way to say it, among the other sentences in an order of their own."""
    told, around = source["told"], list(source["around"])
    turn = n // len(told) % len(around)
    around = around[turn:] + around[:turn]
    around.insert(n % (len(around) + 1), told[n % len(told)])
    return " ".join(around)


def _alike(source: Story, n: int) -> str:
    """The same text with a word more: it is another one each time."""
    first, *rest = source["around"]
    words = first.removesuffix(".")
    more = f"{words}, {HEDGES[n % len(HEDGES)]} {HEDGES[n // len(HEDGES)]}."
    return " ".join([more, source["told"][0], *rest])


def _article(name: str, story: Story, source: Story, title: str, text: str, later: int) -> Article:
    day = date.fromisoformat(source["published"]) + timedelta(later)
    outlet, language = source["outlet"], story["language"]
    return Article(name, name, text, title, day, outlet=outlet, language=language)


def outcome(answer: Answer, story: Story) -> str:
    """Which of `OUTCOMES` an answer is."""
    if not answer.sentences:
        return "refused"
    said = " ".join(sentence.text for sentence in answer.sentences)
    told = [account.text for account in answer.accounts]
    true, false = _says([said, *told], story["true"]), _says([said, *told], [story["false"]])
    if true and false:
        apart = any(a.relation in ("earlier", "differs") for a in answer.accounts)
        both = _says(told, story["true"]) and _says(told, [story["false"]])
        return "told" if apart and both else "not told"
    return "right only" if true else "false only" if false else "neither"


def _says(texts: Sequence[str], forms: Sequence[str]) -> bool:
    return any(says(text, form) for text in texts for form in forms)


async def measure(archive: Archive, stories: Sequence[Story], show: bool) -> list[str]:
    """The outcome of each story's question."""
    pipeline = Pipeline(archive, QuotesAnswerer(archive, reader=Reader()))
    found = []
    for story in stories:
        answer = await pipeline.ask(Question(story["question"]))
        found.append(outcome(answer, story))
        if show:
            accounts = [(a.relation, a.text, a.citation.article.outlet) for a in answer.accounts]
            print(json.dumps([story["id"], found[-1], answer.text, accounts]), flush=True)
    return found


def main() -> None:
    """Make an archive for each kind of flood, ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print each answer")
    given = parser.parse_args()
    stories = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    rows = [["flood", "stories", *OUTCOMES]]
    for flood in FLOODS:
        for many in MANY:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(TemporaryDirectory()))
                archive = stack.enter_context(open_archive(load(), folder))
                archive.add([a for s in stories for a in honest(s)])
                archive.add([a for s in stories for a in planted(s, flood, many)])
                found = asyncio.run(measure(archive, stories, given.show))
            for half, part in (("odd", found[::2]), ("even", found[1::2])):
                counts = Counter(part)
                told = [str(counts[name]) for name in OUTCOMES]
                rows.append([f"{many}, {flood.name}", half, *told])
    print(columns(rows))


if __name__ == "__main__":
    main()
