"""A model that says true and wrong sentences over the starter archive: which of them come through.

`data/scripted_sentences.json` was written by hand before it was first checked; to its 80 true and
40 wrong sentences come 40 that a model copies word for word. The mutations are made here: one
figure, date, name or quoted word of a sentence is another one.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest

from index.archive import Archive
from index.embedding import SentenceTransformerEmbedder
from index.schema import Article, Hit, Passage
from index.sentences import sentence_spans
from index.sources import read
from service.answering import Checked, Dropped, Restart
from service.checking import worded
from service.closeness import Closeness
from service.model_answerer import READ, ModelAnswerer
from service.quotes import QuotesAnswerer
from service.strange_words import Close
from tests.embedders import HashingEmbedder
from tests.test_answerers import ScriptedModel, eager

ROOT = Path(__file__).parent
COPIED = 40
MUTATED = {"figure": 25, "date": 20, "name": 30, "quoted": 25}  # there are not many dates
MONTHS = "January February March April May June July August September October November December"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
STRANGERS = "Holmgren Whitcombe Castellano Okafor Lindqvist Brandt".split()
WORDS = "hesitant ruinous northern wooden quarterly sacred".split()


@cache
def seeds() -> dict[str, Article]:
    found = [item for path in sorted((ROOT.parent / "seeds").glob("2*.md")) for item in read(path)]
    return {item.name: item for item in found if isinstance(item, Article)}


@cache
def hits(name: str) -> tuple[Hit, ...]:
    """The article in as many passages as the model is given."""
    article = seeds()[name]
    spans = sentence_spans(article.text, article.language)
    each = -(-len(spans) // READ)
    bounds = [(part[0][0], part[-1][1]) for n in range(0, len(spans), each)
              if (part := spans[n : n + each])]  # fmt: skip
    return tuple(
        Hit(Passage(f"p{a}", article.id, a, b, article.text[a:b]), article, 1.0) for a, b in bounds
    )


def sentences(name: str) -> Iterator[str]:
    article = seeds()[name]
    for start, end in sentence_spans(article.text, article.language):
        if re.fullmatch(r"[A-Z][^\n]{30,}\.", article.text[start:end]):
            yield article.text[start:end]


def scripted() -> Iterator[tuple[str, str, bool]]:
    """Article, sentence, and whether it is true."""
    for told in json.loads((ROOT / "data/scripted_sentences.json").read_text("utf-8")):
        yield told["article"], told["true"], True
        if "wrong" in told:
            yield told["article"], told["wrong"], False
    every = [(name, text, True) for name in sorted(seeds()) for text in sentences(name)]
    yield from Random(1).sample(every, COPIED)


def answered(
    archive: Archive, name: str, said: Sequence[str], close: Close | None = None
) -> tuple[list[str], list[str]]:
    """What is shown and what is dropped of a reply that says all this."""
    model = ScriptedModel(*(f"{sentence} [1]\n\n" for sentence in said))
    answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager()), close=close)

    async def steps() -> tuple[list[str], list[str]]:
        shown, dropped = [], []
        async for step in answerer.steps("What is said of the talks?", hits(name)):
            if isinstance(step, Restart):
                break
            shown += [step.text] if isinstance(step, Checked) else []
            dropped += [step.text] if isinstance(step, Dropped) else []
        return shown, dropped

    return asyncio.run(steps())


def packaged() -> Close:
    embedder = SentenceTransformerEmbedder()
    return Closeness(lambda: embedder)


@pytest.mark.parametrize(
    "near", [lambda: None, pytest.param(packaged, marks=pytest.mark.real)], ids=["words", "meaning"]
)
def test_of_160_sentences_the_wrong_ones_are_caught_and_the_true_ones_stay(
    tmp_path: Path, near: Callable[[], Close | None]
) -> None:
    told, close = list(scripted()), near()
    lost, passed = [], []
    with Archive(tmp_path, HashingEmbedder()) as archive:
        for name, said, true in told:  # one by one: an honest reply is not needed to keep another
            shown, dropped = answered(archive, name, [said], close)
            assert len(shown) + len(dropped) == 1, (said, shown, dropped)
            lost += dropped if true else []
            passed += [] if true else shown
    assert (len(told), sum(not true for *_, true in told)) == (160, 40)
    print(f"{40 - len(passed)} of 40 caught, {len(lost)} of 120 lost: {passed} {lost}")
    assert len(passed) <= 4 and len(lost) <= 6, (passed, lost)


def other(words: str) -> Callable[[Random, re.Match[str]], str]:
    """One of the words, but not the one that stands there."""
    return lambda random, match: random.choice([w for w in words.split() if w != match[0]])


def digit(random: Random, match: re.Match[str]) -> str:
    at = random.choice([n for n, sign in enumerate(match[0]) if sign.isdigit()])
    new = random.choice([d for d in "123456789" if d != match[0][at]])
    return match[0][:at] + new + match[0][at + 1 :]


KINDS: dict[str, tuple[str, Callable[[Random, re.Match[str]], str]]] = {
    "figure": (r"\d+(?:[.,]\d+)*", digit),
    "date": (rf"\b(?:{'|'.join((MONTHS + ' ' + DAYS).split())})\b", other(f"{MONTHS} {DAYS}")),
    "name": (
        r"(?<=[a-z] )(?:Lighthizer|Gerrish|Malpass|Mnuchin|Jinping|Huawei|Trump|Greer|Bessent|"
        r"Beijing|Washington|Xinhua|Takaichi|Lifeng|Elms|Lutnick|Chenggang|Malaysia|Japan)\b",
        other(" ".join(STRANGERS)),
    ),
    "quoted": (r"(?<=[ \"“”])[a-z]{5,}(?=[^\"“”]{0,40}[\"”])", other(" ".join(WORDS))),
}


def mutations(kind: str) -> list[tuple[str, str]]:
    """Article and changed sentence, drawn from all that can be made of the starter archive."""
    pattern, change = KINDS[kind]
    random = Random(kind)
    made = []
    for name in sorted(seeds()):
        for text in sentences(name):
            places = list(re.finditer(pattern, text))
            if kind == "quoted":  # inside the marks, not between two quotations
                places = [m for m in places if len(re.findall('["“”]', text[: m.start()])) % 2]
            made += [(name, text[: at.start()] + change(random, at) + text[at.end() :])
                     for at in places]  # fmt: skip
    return random.sample(made, MUTATED[kind])


def test_of_100_mutations_97_are_caught() -> None:
    made = [(kind, *each) for kind in KINDS for each in mutations(kind)]
    shown = ((kind, worded(text, [1], hits(name))) for kind, name, text in made)
    passed = [(kind, text) for kind, (text, spans) in shown if spans]
    assert len(made) == 100
    assert len(passed) <= 3, passed


ADDED = "flurbish grontled snarvic plimmering quorvade blathrik snaxosh drelligan".split()
UNRELATED = "orchestral volcanic gluten haunted dental nocturnal cinematic feathered".split()


def with_a_word(words: Sequence[str]) -> list[tuple[str, str]]:
    """Article and true sentence with one of the words put into it."""
    random, made = Random(3), []
    for name, text, true in scripted():
        places = list(re.finditer(r"(?<=[a-z] )(?=[a-z]{4})", text)) if true else []
        if places and seeds()[name].language == "en":
            at = random.choice(places).start()
            made.append((name, f"{text[:at]}{random.choice(words)} {text[at:]}"))
    return made


def test_of_100_made_up_words_97_are_caught() -> None:
    made = with_a_word(ADDED)[:100]
    passed = [text for name, text in made if worded(text, [1], hits(name))[1]]
    assert len(made) == 100
    assert len(passed) <= 3, passed


@pytest.mark.real
def test_of_100_words_from_elsewhere_80_are_caught() -> None:
    made, close = with_a_word(UNRELATED)[:100], packaged()
    passed = [text for name, text in made if worded(text, [1], hits(name), close)[1]]
    print(f"{100 - len(passed)} of 100 caught")
    assert len(made) == 100
    assert len(passed) <= 20, passed
