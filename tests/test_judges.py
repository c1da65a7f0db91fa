"""Who decides whether anything answers: the reader where it knows the languages, else words."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.archive import Archive
from index.schema import Article
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer, load_weights
from service.reader import Reading
from service.render import render_answer
from service.schema import Answer, Question
from service.shapes import answer_shape
from tests.embedders import HashingEmbedder

ENGLISH = "The harbour board approved a plan of 2.4 million kronor on Tuesday."
GERMAN = "Der Vorstand des Hafens hat am Dienstag einen Plan von 2,4 Millionen Kronen genehmigt."


class Sure:
    """Finds an answer everywhere, and notes what it was given."""

    def __init__(self) -> None:
        self.read_so_far: list[str] = []

    def read(
        self,
        question: str,
        passages: Sequence[str],
        ranges: Sequence[Sequence[tuple[int, int]]] | None = None,
    ) -> list[Reading]:
        self.read_so_far += passages
        return [Reading(0, 3, 9.0, 0.9, (0.9,)) for _ in passages]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add([Article("en", "en.txt", ENGLISH, language="en")])
        opened.add([Article("de", "de.txt", GERMAN, language="de")])
        yield opened


def ask(archive: Archive, question: str, reader: Sure) -> Answer:
    answerer = QuotesAnswerer(archive, reader=reader)
    return asyncio.run(Pipeline(archive, answerer).ask(Question(question)))


def test_the_reader_decides_and_reads_only_what_it_knows(archive: Archive) -> None:
    answer = ask(archive, "What plan did the harbour board approve on Tuesday?", reader := Sure())
    assert answer.decision
    assert answer.decision.by == "reader"
    assert reader.read_so_far == [ENGLISH]
    assert answer.decision.signs["best reader"] > 0
    assert "decided with the reader" in render_answer("?", answer)


def test_without_its_languages_words_decide(archive: Archive) -> None:
    asked = "Welchen Plan hat der Vorstand des Hafens am Dienstag genehmigt?"
    answer = ask(archive, asked, reader := Sure())
    assert answer.decision
    assert answer.decision.by == "words"
    assert reader.read_so_far == []
    assert not {"reader", "answerable", "span", "best reader"} & set(answer.decision.signs)
    assert answer.decision.threshold == load_weights("words").threshold
    assert all(sentence.direct is None for sentence in answer.sentences)
    assert "decided by words alone" in render_answer("?", answer)


def test_the_signs_add_up_to_the_confidence(archive: Archive) -> None:
    shape = answer_shape(ask(archive, "What plan did the board approve?", Sure()))
    decision = shape["decision"]
    adds = [sign["adds"] for sign in decision["signs"]]
    assert adds == sorted(adds, key=abs, reverse=True)
    intercept = load_weights().answering.intercept
    odds = sum(adds) + intercept
    assert shape["confidence"] == pytest.approx(1 / (1 + 2.718281828459045**-odds))
    assert (shape["status"] != "not_in_articles") == (shape["confidence"] >= decision["threshold"])


def test_where_there_is_nothing_nobody_decides(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as empty:
        assert ask(empty, "Who voted?", Sure()).decision is None
