"""Who decides whether anything answers: the reader where it knows the languages, else words."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import ModelError
from index.schema import Article
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.reader import Reading, Within
from service.render import render_answer
from service.rules import Linear, Weights, load_weights
from service.schema import Answer, Question
from service.shapes import answer_shape
from service.verifying import Chances
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
        return [Reading(0, 3, 9.0, 0.9, (Within(0.9),)) for _ in passages]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add([Article("en", "en.txt", ENGLISH, language="en")])
        opened.add([Article("de", "de.txt", GERMAN, language="de")])
        yield opened


class Says:
    """A verifier that says what it is told to, and notes what it was given."""

    def __init__(self, odds: float | ModelError, prefers: str = "") -> None:
        self.told = odds
        self.prefers = prefers  # words of the sentence that it thinks answers
        self.read_so_far: list[tuple[str, Sequence[str]]] = []
        self.closed = False

    async def chances(self, question: str, sentences: Sequence[str]) -> Chances:
        self.read_so_far.append((question, sentences))
        if isinstance(self.told, ModelError):
            raise self.told
        each = tuple(0.0 if self.prefers in sentence else -9.0 for sentence in sentences)
        return Chances(each, Chances(each, 0.0).odds - self.told)

    async def close(self) -> None:
        self.closed = True


def ask(
    archive: Archive,
    question: str,
    reader: Sure,
    weights: Weights | None = None,
    verifier: Says | None = None,
) -> Answer:
    answerer = QuotesAnswerer(archive, weights, reader, verifier)
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


ASKED = "What plan did the board approve?"
VERIFYING = Linear(0.25, {"decided": 0.5, "verifier": 1.0})


def rule(archive: Archive, above: float) -> Weights:
    """A threshold that lies so far above the confidence in the answer to `ASKED`."""
    confidence = ask(archive, ASKED, Sure()).confidence
    return replace(load_weights(), threshold=confidence + above, verifying=VERIFYING)


@pytest.mark.parametrize("above", [-0.02, 0.02])
@pytest.mark.parametrize(("odds", "status"), [(9.0, "answered"), (-9.0, "not_in_articles")])
def test_where_it_is_close_the_verifier_has_a_say(
    archive: Archive, above: float, odds: float, status: str
) -> None:
    verifier = Says(odds)
    answer = ask(archive, ASKED, Sure(), rule(archive, above), verifier)
    assert answer.status == status
    [(question, sentences)] = verifier.read_so_far
    assert question == ASKED
    assert ENGLISH in sentences and len(sentences) == len(set(sentences)) <= 3
    assert answer.decision
    assert answer.decision.by == "verifier"
    assert answer.decision.signs["verifier"] == pytest.approx(odds)
    assert "decided with the verifier" in render_answer("?", answer)


def test_the_sentence_that_the_verifier_prefers_comes_first(archive: Archive) -> None:
    weights = rule(archive, 0.02)
    for adds, first in ((0.0, ENGLISH), (9.0, GERMAN)):
        heard = replace(weights, choosing=adds)
        answer = ask(archive, ASKED, Sure(), heard, Says(9.0, prefers="Vorstand"))
        assert answer.sentences[0].text == first
        without = ask(archive, ASKED, Sure(), replace(heard, threshold=0.0), Says(9.0))
        others = {sentence.text for sentence in without.sentences}
        assert others <= {sentence.text for sentence in answer.sentences}


def test_with_the_verifier_too_the_signs_add_up(archive: Archive) -> None:
    shape = answer_shape(ask(archive, ASKED, Sure(), rule(archive, 0.02), Says(0.75)))
    added = sum(sign["adds"] for sign in shape["decision"]["signs"])
    odds = added + VERIFYING.intercept + 0.5 * load_weights().answering.intercept
    assert shape["confidence"] == pytest.approx(1 / (1 + 2.718281828459045**-odds))


def test_what_is_clear_is_decided_without_the_verifier(archive: Archive) -> None:
    sure = replace(load_weights(), threshold=0.0001, verifying=VERIFYING)
    for weights in (sure, replace(sure, threshold=0.0), replace(rule(archive, 0), verifying=None)):
        answer = ask(archive, ASKED, Sure(), weights, verifier := Says(-9.0))
        assert answer.status == "answered"
        assert verifier.read_so_far == []
        assert answer.decision and answer.decision.by == "reader"


def test_a_verifier_that_fails_changes_nothing(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    weights, broken = rule(archive, 0.02), Says(ModelError("It is not there."))
    with caplog.at_level(logging.WARNING):
        answer = ask(archive, ASKED, Sure(), weights, broken)
    assert len(broken.read_so_far) == 1
    alone = ask(archive, ASKED, Sure(), weights)
    assert (answer.status, answer.decision) == (alone.status, alone.decision)
    assert "It is not there. A close case was decided without the verifier." in caplog.text


def test_who_closes_the_answerer_closes_its_verifier(archive: Archive) -> None:
    verifier = Says(0.0)
    asyncio.run(QuotesAnswerer(archive, verifier=verifier).close())
    assert verifier.closed
