"""Yes or no questions to several outlets, and outlets that the archive has nothing of."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.polar import claims
from index.schema import Article
from service.credits import uncovered
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Answer, Question
from tests.embedders import HashingEmbedder
from tests.fakes import hit
from tests.test_answerers import eager

OUTLETS = ("the post", "tarnby news")


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Did the talks end without a deal?", "en", ["the talks end without a deal"]),
        ("And was Ada Berg chosen as chair?", "en", ["Ada Berg chosen as chair"]),
        ("Will the quay close or not?", "en", ["the quay close"]),
        ("The board approved the plan, didn't it?", "en", ["The board approved the plan"]),
        ("After the fire, was the quay closed?", "en", ["the quay closed, After the fire"]),
        ("Har hamnen stängts?", "sv", ["hamnen stängts"]),
        ("Tänker Norrplog överklaga?", "sv", ["Norrplog överklaga tänker"]),
        ("Var larmet avstängt?", "sv", ["larmet avstängt"]),
        ("Bolaget överklagar, eller hur?", "sv", ["Bolaget överklagar"]),
    ],
)
def test_what_is_asked(question: str, language: str, expected: list[str]) -> None:
    assert [claim.text for claim in claims(question, language)] == expected


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who is the chief negotiator?", "en"),
        ("What did the board approve?", "en"),
        ("Do you know when the quay closes?", "en"),
        ("By how much, in her view, would fares rise?", "en"),
        ("Var ligger Tarnby?", "sv"),
        ("Var studerar Leon Abdi?", "sv"),
        ("När stängs hamnen?", "sv"),
        ("Efter mötet, vad sade hon?", "sv"),
        ("Hur många dog?", "sv"),
        ("Vilka partier sitter i regeringen?", "sv"),
        ("har hamnen stängts", "en"),  # not a form of that language
        ("the harbour plan", "en"),
        ("", None),
    ],
)
def test_other_questions_are_none(question: str, language: str | None) -> None:
    assert claims(question, language) == ()


def test_each_outlet_has_its_own_claim() -> None:
    found = claims(
        "Does The Post say that the quay will close while Tarnby News says that it will stay open?",
        "en",
        OUTLETS,
    )
    assert [set(claim.outlets) for claim in found] == [{"the post"}, {"tarnby news"}]
    assert "close" in found[0].text
    assert "open" in found[1].text


def test_what_both_report_is_asked_of_both() -> None:
    found = claims("Did both The Post and Tarnby News report that the quay closed?", "en", OUTLETS)
    assert all("quay closed" in claim.text for claim in found)
    assert len(found) == 2


@given(st.text(max_size=80), st.sampled_from(["en", "sv", None]))
def test_any_text_may_be_asked(text: str, language: str | None) -> None:
    assert all(claim.outlets <= set(OUTLETS) for claim in claims(text, language, OUTLETS))


ARTICLES = (
    Article(
        "one", "one", "The harbour board approved the plan for the quay. Boats left.",
        "Plan", date(2019, 5, 2), outlet="The Post", language="en",
    ),
    Article(
        "two", "two",
        "The harbour board did not approve the budget for the bridge. Rain fell all day long.",
        "Budget", date(2019, 5, 3), outlet="Tarnby News", language="en",
    ),
)  # fmt: skip
Asker = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Asks two articles with a threshold under which nothing else answers."""
    with Archive(tmp_path_factory.mktemp("polar"), HashingEmbedder()) as archive:
        archive.add(ARTICLES)
        pipeline = Pipeline(archive, QuotesAnswerer(archive, eager(1.0)))
        yield lambda text: asyncio.run(pipeline.ask(Question(text)))


BOTH = (
    "Does The Post say that the harbour board approved the plan while Tarnby News says that rain "
    "fell all day?"
)


def test_each_outlet_asked_is_quoted_though_the_decision_is_for_one_fact(ask: Asker) -> None:
    answer = ask(BOTH)
    assert answer.status == "answered"
    assert [c.article.outlet for c in answer.citations[:2]] == ["The Post", "Tarnby News"]
    first, second = answer.citations[:2]
    assert "approved the plan" in first.quote
    assert "Rain fell" in second.quote


def test_an_outlet_without_a_sentence_on_it_is_said_to_lack(ask: Asker) -> None:
    answer = ask(
        "Does the report by The Post say that the harbour board approved the plan while the report "
        "by Tarnby News says that taxes on imported wine doubled?"
    )
    assert answer.status == "partial"
    assert [lack.what for lack in answer.lacks if lack.kind == "outlet"] == ["Tarnby News"]


@pytest.mark.parametrize(
    "question",
    [
        "Does The Post say that wine is dear while Tarnby News says that taxes doubled?",
        "Did the harbour board approve the plan for the quay?",  # one claim: the decision stands
    ],
)
def test_otherwise_the_decision_stands(ask: Asker, question: str) -> None:
    assert ask(question).status == "not_in_articles"


def test_an_outlet_that_is_not_in_the_archive_has_nothing(ask: Asker) -> None:
    answer = ask("What plan is in the article by The Post and in the report by Reuters?")
    assert answer.status == "not_in_articles"
    assert answer.reason
    assert answer.reason.text == "No article is from Reuters."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What do the articles by The Post and by Reuters say?", ()),  # not beside a word for it
        ("What is in a Reuters report and another by Tarnby News?", ("Reuters",)),
        ("What did a Sunday Echo article say of The Post article?", ("Sunday Echo",)),
        ("Did The Post report on Reuters?", ()),
        ("Did the Reuters article say so?", ("Reuters",)),
        ("Does The Sunday Echo article say so?", ("Sunday Echo",)),
        ("Did the AP article say so?", ()),  # too short to be sure of
        ("What did Ada Berg report?", ()),
        ("What does the report of May 3 say?", ()),
    ],
)
def test_outlets_credited_with_a_text(question: str, expected: tuple[str, ...]) -> None:
    hits = [hit(article) for article in ARTICLES]
    assert uncovered(question, ["The Post", "Tarnby News"], hits) == expected


def test_where_outlets_are_not_known_none_is_missing() -> None:
    unknown = Article("x", "x", "Boats left the quay on Tuesday.", language="en")
    assert uncovered("What is in the Reuters report?", [], [hit(unknown)]) == ()
