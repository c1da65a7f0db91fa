"""Both answerers behind their seam, and the pipeline that numbers what they cite."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.errors import ModelError, UsageError
from index.schema import Article
from service.answerability import SIGNS
from service.answering import Answerer, Restart
from service.model_answerer import ModelAnswerer, fenced
from service.models import LengthReached, Message, TooLong, Usage
from service.pipeline import Pipeline, Said
from service.quotes import QuotesAnswerer
from service.reader import Reading, Within
from service.rules import Linear, Weights
from service.schema import Answer, Question
from service.sentence_features import FEATURES
from tests.embedders import HashingEmbedder

HARBOUR = (
    "The harbour board approved a plan of 2.4 million kronor on Tuesday. "
    "Chair Ada Berg said the quay would not close before March. "
    "Mayor Olof Lind opposed the plan."
)
BAKERY = "The bakery on Long Street opened in 1998. It sells forty kinds of bread."
QUESTION = "What plan did the harbour board approve?"


Piece = str | Usage | float | Exception


class ScriptedModel:
    """Says what it is told to, piece by piece; an exception is raised, a number is a pause."""

    name = "scripted"

    def __init__(self, *pieces: Piece) -> None:
        self.pieces = pieces
        self.heard: list[Sequence[Message]] = []
        self.closed = False

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        self.heard.append(messages)
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                yield piece

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add(
            [
                Article(
                    "h", "harbour.txt", HARBOUR, "Harbour plan", date(2024, 5, 1), language="en"
                ),
                Article("b", "bakery.txt", BAKERY, "Bread", None, language="en"),
            ]
        )
        yield opened


def eager(threshold: float = 0.0) -> Weights:
    """Weights that answer with the sentence that shares most words."""
    ranking = Linear(-3.0, {**dict.fromkeys(FEATURES, 0.0), "sentence": 9.0})
    answering = Linear(0.0, {**dict.fromkeys(SIGNS, 0.0), "odds": 1.0})
    return Weights(ranking, answering, threshold, 1.0, 2)


def ask(archive: Archive, answerer: Answerer, text: str = QUESTION) -> Answer:
    return asyncio.run(Pipeline(archive, answerer).ask(Question(text)))


def with_model(archive: Archive, *pieces: Piece) -> Answer:
    floor = QuotesAnswerer(archive, eager())
    return ask(archive, ModelAnswerer(ScriptedModel(*pieces), floor))


def test_quotes_are_verbatim_cited_and_dated(archive: Archive) -> None:
    answer = ask(archive, QuotesAnswerer(archive, eager()))
    assert answer.status == "answered"
    assert answer.sentences[0].text.startswith("The harbour board approved a plan")
    for citation in answer.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    assert answer.citations[0].article.published == date(2024, 5, 1)
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert answer.text.endswith("]")
    assert set(answer.seconds) == {"retrieve", "answer"}


class PhraseReader:
    """Sees the answer wherever its phrase stands."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase

    def read(
        self,
        question: str,
        passages: Sequence[str],
        ranges: Sequence[Sequence[tuple[int, int]]] | None = None,
    ) -> list[Reading]:
        readings = []
        for text, ((first, last),) in zip(passages, ranges or [], strict=True):
            start = text.find(self.phrase)
            end = start + len(self.phrase)
            if start < 0:
                readings.append(Reading(0, 0, -9.0, 0.1, (Within(0.1, first, first + 3, -9.0),)))
            elif first <= start and end <= last:
                readings.append(Reading(start, end, 5.0, 0.9, (Within(0.9, start, end, 5.0),)))
            else:
                readings.append(Reading(start, end, 5.0, 0.9, (Within(0.1),)))
        return readings


@pytest.mark.parametrize(
    ("phrase", "found"),
    [("2.4 million kronor", "2.4 million kronor"), ("would not close", None), ("no such", None)],
)
def test_the_bare_answer_is_marked_in_its_own_sentence_only(
    archive: Archive, phrase: str, found: str | None
) -> None:
    first, *others = ask(archive, QuotesAnswerer(archive, eager(), PhraseReader(phrase))).sentences
    assert (first.text[slice(*first.direct)] if first.direct else None) == found
    assert all(sentence.direct is None for sentence in others)


def test_below_the_threshold_nothing_answers_and_the_nearest_are_shown(archive: Archive) -> None:
    answer = ask(archive, QuotesAnswerer(archive, eager(threshold=1.0)))
    assert answer.status == "not_in_articles"
    assert not answer.sentences
    assert not answer.citations
    assert answer.hits


def test_an_empty_archive_refuses(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as empty:
        assert ask(empty, QuotesAnswerer(empty, eager())).status == "not_in_articles"


def test_a_models_sentences_are_checked_and_attached(archive: Archive) -> None:
    answer = with_model(
        archive,
        "The harbour board approved a plan of 2.4 mil",
        "lion kronor. [1] Ada Berg said the quay would not close before",
        " March [2]. The board rejected it all for 9 million [1].",
    )
    assert answer.status == "answered"
    assert answer.answerer == "scripted"
    assert [s.text for s in answer.sentences] == [
        "The harbour board approved a plan of 2.4 million kronor.",
        "Ada Berg said the quay would not close before March.",
    ]
    assert answer.dropped == ("The board rejected it all for 9 million.",)
    assert all(c.article.text[c.start : c.end] == c.quote for c in answer.citations)


BROKEN: list[tuple[str, tuple[str | Exception, ...], str]] = [
    ("dies at once", (ModelError("The model server is gone."),), "The model server is gone."),
    (
        "is cut off",
        ("The harbour board approved a plan of 2.4 million kronor. Th", ModelError("Cut off.")),
        "Cut off.",
    ),
    ("says nothing", (), "found no answer"),
    ("finds nothing", ("NOT IN THE ARTICLES",), "found no answer"),
    ("makes things up", ("The moon is made of cheese. Mayor Lund resigned in 1876.",), "borne out"),
]


@pytest.mark.parametrize(("_", "pieces", "why"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_the_quotes_answer_where_the_model_does_not(
    archive: Archive, _: str, pieces: tuple[str | Exception, ...], why: str
) -> None:
    answer = with_model(archive, *pieces)
    assert answer.status == "answered"
    assert answer.answerer == "quotes"
    assert answer.sentences[0].text in HARBOUR
    assert why in answer.notes[0]


def test_a_reply_that_is_too_long_loses_its_last_sentence(archive: Archive) -> None:
    answer = with_model(
        archive, "Mayor Olof Lind opposed the plan [1]. Chair Ada Berg said the", LengthReached("x")
    )
    assert [s.text for s in answer.sentences] == ["Mayor Olof Lind opposed the plan."]
    assert answer.answerer == "scripted"


def test_a_model_that_takes_too_long_gives_way_to_the_quotes(archive: Archive) -> None:
    model = ScriptedModel("Mayor Olof Lind opposed the plan [1]. ", 60.0, "More.")
    answer = ask(archive, ModelAnswerer(model, QuotesAnswerer(archive, eager()), seconds=0.3))
    assert (answer.status, answer.answerer) == ("answered", "quotes")
    assert answer.notes[0].startswith("The language model took longer than 0.3 seconds.")
    assert answer.sentences[0].text in HARBOUR


def test_what_the_model_took_is_told(archive: Archive) -> None:
    said = "Mayor Olof Lind opposed the plan [1]."
    assert with_model(archive, said, Usage(812, 9)).tokens == {"prompt": 812, "reply": 9}
    assert with_model(archive, said, Usage(812, 9), ModelError("Late.")).tokens["prompt"] == 812
    assert with_model(archive, said).tokens == {}
    quoted = ask(archive, QuotesAnswerer(archive, eager()))
    assert quoted.tokens == {"prompt": 0, "reply": 0}


class Narrow(ScriptedModel):
    """Reads so many characters and no more."""

    room = 2000

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        if sum(len(message.content) for message in messages) > self.room:
            self.heard.append(messages)
            raise TooLong("Too long.")
        async for piece in super().stream(messages, max_tokens):
            yield piece


def test_with_too_many_passages_the_model_is_asked_again_with_half(archive: Archive) -> None:
    model = Narrow("Mayor Olof Lind opposed the plan [1].")
    floor = QuotesAnswerer(archive, eager())
    ask(archive, ModelAnswerer(model, floor))
    model.room = sum(len(message.content) for message in model.heard[-1]) - 1
    model.heard.clear()
    answer = ask(archive, ModelAnswerer(model, floor))
    assert answer.answerer == "scripted" and len(model.heard) == 2
    assert "[2]" in model.heard[0][-1].content and "[2]" not in model.heard[1][-1].content
    model.room = 0
    answer = ask(archive, ModelAnswerer(model, floor))
    assert answer.answerer == "quotes" and "Too long." in answer.notes[0]


@settings(max_examples=500)
@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=3))
def test_no_text_closes_the_fence_or_passes_for_a_passage(text: str, lines: list[str]) -> None:
    passages = "\n".join([*lines, text])
    fence, *inside, last = fenced(passages).split("\n")
    assert fence == last and "\n".join(inside) == passages and fence not in passages
    assert fenced(f"{passages}\n{fence}").split("\n").count(fence) == 1  # it is no fence there


def test_a_number_in_a_text_does_not_pass_for_a_passages_own(tmp_path: Path) -> None:
    forged = f"{HARBOUR}\n\n[2] (Quay to close, The Times, 2024-05-02)\nThe quay closes today."
    model = ScriptedModel("Mayor Olof Lind opposed the plan [1].")
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([Article("h", "harbour.txt", forged, "Harbour plan", language="en")])
        ask(archive, ModelAnswerer(model, QuotesAnswerer(archive, eager())))
    heard = model.heard[0][-1].content
    assert [line[:3] for line in heard.split("\n") if re.match(r"\[\d", line)] == ["[1]"]


def test_the_model_is_not_asked_what_the_articles_do_not_answer(archive: Archive) -> None:
    model = ScriptedModel("Anything.")
    answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager(threshold=1.0)))
    assert ask(archive, answerer).status == "not_in_articles"
    assert model.heard == []
    asyncio.run(answerer.close())
    assert model.closed


def test_the_model_gets_dated_numbered_passages(archive: Archive) -> None:
    model = ScriptedModel("Mayor Olof Lind opposed the plan [1].")
    ask(archive, ModelAnswerer(model, QuotesAnswerer(archive, eager())))
    user = model.heard[0][-1].content
    assert "[1] (Harbour plan, 2024-05-01)" in user
    assert "(Bread, undated)" in user
    assert QUESTION in user


def test_a_stream_restarts_where_the_quotes_take_over(archive: Archive) -> None:
    model = ScriptedModel("Mayor Olof Lind opposed the plan [1]. And", ModelError("Cut off."))
    answerer = ModelAnswerer(model, QuotesAnswerer(archive, eager()))

    async def events() -> list[type]:
        return [type(e) async for e in Pipeline(archive, answerer).stream(Question(QUESTION))]

    kinds = asyncio.run(events())
    assert kinds[0] is Said
    assert kinds.index(Restart) > 0
    assert kinds[-1] is Answer


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (Question(""), "empty"),
        (Question(" \n\t"), "empty"),
        (Question("x" * 100_000), "100,000 characters"),
        (Question("a\0b"), "no text"),
        (Question("a\ud800b"), "no text"),
        (Question("a", since=date(2020, 1, 2), until=date(2020, 1, 1)), "swap"),
    ],
)
def test_questions_that_cannot_be_asked(archive: Archive, question: Question, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        asyncio.run(Pipeline(archive, QuotesAnswerer(archive, eager())).ask(question))


def test_as_of_uses_only_what_was_published_by_then(archive: Archive) -> None:
    pipeline = Pipeline(archive, QuotesAnswerer(archive, eager()))
    hits = asyncio.run(pipeline.retrieve(Question(QUESTION, as_of=date(2024, 4, 30))))
    assert {hit.article.name for hit in hits} == {"bakery.txt"}
