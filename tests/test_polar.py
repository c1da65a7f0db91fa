"""Yes or no questions: seen by their form, and answered only as far as the articles bear it out."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.polar import polar
from index.schema import Article, Hit, Passage
from service.bearing import Bears, weigh
from service.candidates import candidates
from service.credits import uncovered
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Answer, Question
from tests.embedders import HashingEmbedder
from tests.fakes import hit
from tests.test_answerers import eager

OUTLETS = ("the post", "tarnby news")


@pytest.mark.parametrize(
    ("question", "language", "claims"),
    [
        ("Did the talks end without a deal?", "en", ["the talks end without a deal"]),
        ("And was Ada Berg chosen as chair?", "en", ["Ada Berg chosen as chair"]),
        ("Will the quay close or not?", "en", ["will the quay close"]),
        ("The board approved the plan, didn't it?", "en", ["The board approved the plan"]),
        ("After the fire, was the quay closed?", "en", ["the quay closed, After the fire"]),
        ("Har hamnen stängts?", "sv", ["hamnen stängts"]),
        ("Tänker Norrplog överklaga?", "sv", ["Norrplog överklaga tänker"]),
        ("Var larmet avstängt?", "sv", ["larmet avstängt"]),
        ("Bolaget överklagar, eller hur?", "sv", ["Bolaget överklagar"]),
    ],
)
def test_what_would_have_to_be_said(question: str, language: str, claims: list[str]) -> None:
    found = polar(question, language)
    assert found
    assert found.plain
    assert [claim.text for claim in found.claims] == claims
    assert found.yes == ("Ja." if language == "sv" else "Yes.")


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
    assert polar(question, language) is None


@pytest.mark.parametrize(
    "question",
    [
        "Did Trump ring Xi or was it the other way round?",
        "Didn't the board not approve it?",
        "Is Ada Berg still the chair?",
        "Do The Post and Tarnby News agree on the cost of the quay?",
    ],
)
def test_of_some_yes_or_no_does_not_follow_from_claims(question: str) -> None:
    found = polar(question, "en", OUTLETS)
    assert found
    assert not found.plain


def test_each_outlet_has_its_own_claim() -> None:
    found = polar(
        "Does The Post say that the quay will close while Tarnby News says that it will stay open?",
        "en",
        OUTLETS,
    )
    assert found
    assert [set(claim.outlets) for claim in found.claims] == [{"the post"}, {"tarnby news"}]
    assert "close" in found.claims[0].text
    assert "open" in found.claims[1].text


def test_what_both_report_is_asked_of_both() -> None:
    found = polar("Did both The Post and Tarnby News report that the quay closed?", "en", OUTLETS)
    assert found
    assert all("quay closed" in claim.text for claim in found.claims)
    assert len(found.claims) == 2


@given(st.text(max_size=80), st.sampled_from(["en", "sv", None]))
def test_any_text_may_be_asked(text: str, language: str | None) -> None:
    found = polar(text, language, OUTLETS)
    assert found is None or found.claims


def bears(claim: str, text: str, language: str = "en", title: str = "") -> Bears | None:
    article = Article("a", "a", text, title, language=language)
    passage = Passage("p", article.id, 0, len(text), text)
    found = candidates([Hit(passage, article, 1.0)])
    return weigh(claim, found[0]).bears


@pytest.mark.parametrize(
    ("claim", "text", "expected"),
    [
        ("the board approve the plan", "The harbour board approved the plan on Tuesday.", "yes"),
        ("Kerbly admit any wrongdoing", "Kerbly admitted wrongdoing, the court said.", None),
        ("Kerbly admit wrongdoing", "Kerbly admitted no wrongdoing on Thursday.", "no"),
        ("the board approve the plan", "The board did not approve the plan on Tuesday.", "no"),
        ("the board approve the plan", "The board rejected the plan on Tuesday.", "no"),
        ("the board approve the plan", "The board is to approve the plan on Tuesday.", None),
        ("the board approve the plan", "The board was asked to approve the plan.", None),
        ("the board approve the plan", "If the board approved the plan, the quay closed.", None),
        ("will the board approve the plan", "The board will approve the plan on Tuesday.", "yes"),
        ("the bank lend the money", "The bank lent the money on Tuesday.", "yes"),
        ("the plan cost 12 million kronor", "The plan cost 14 million kronor in May.", "no"),
        ("the plan cost 12 million kronor", "The plan cost 12 million kronor in May.", "yes"),
        ("the plan cost over 12 million kronor", "The plan cost 14 million kronor.", None),
        ("the mayor approve the plan", "The harbour board approved the plan on Tuesday.", None),
        ("all boats approve the plan", "Boats approved the plan on Tuesday.", None),
        ("Halen win a prize", "Halen is on the list for a prize in May.", None),
        ("the quay and the market close", "The quay had closed by May, and so, a month later and "
         "after much talk in both councils and in many houses, did the market.", None),
    ],
)  # fmt: skip
def test_only_what_is_said_bears_out_or_denies(
    claim: str, text: str, expected: Bears | None
) -> None:
    assert bears(claim, text) == expected


@pytest.mark.parametrize(
    ("claim", "text", "expected"),
    [
        ("bolaget sälja fabriken", "Bolaget sålde fabriken i maj.", "yes"),
        ("bolaget sälja fabriken", "Bolaget sålde inte fabriken i maj.", "no"),
        ("bolaget sälja fabriken", "Bolaget överväger att sälja fabriken i maj.", None),
        ("fabriken dömas", "Fabriken ska inte dömas i maj.", None),
    ],
)
def test_in_swedish_too(claim: str, text: str, expected: Bears | None) -> None:
    assert bears(claim, text, "sv") == expected


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


@pytest.mark.parametrize(
    ("question", "word", "quote"),
    [
        ("Did the harbour board approve the plan for the quay?", "Yes.", "approved the plan"),
        ("Did the harbour board approve the budget for the bridge?", "No.", "did not approve"),
    ],
)
def test_the_word_stands_on_its_quote(ask: Asker, question: str, word: str, quote: str) -> None:
    answer = ask(question)
    first, *others = answer.sentences
    assert first.text == word
    assert first.direct
    assert first.text[slice(*first.direct)] == word[:-1]
    assert quote in answer.citations[first.citations[0] - 1].quote
    assert any(quote in sentence.text for sentence in others)
    assert answer.status != "not_in_articles"


def test_a_word_for_two_outlets_stands_on_both(ask: Asker) -> None:
    answer = ask(
        "Does The Post say that the harbour board approved the plan while Tarnby News says that "
        "rain fell all day?"
    )
    assert answer.sentences[0].text == "Yes."
    cited = [answer.citations[n - 1].article.outlet for n in answer.sentences[0].citations]
    assert cited == ["The Post", "Tarnby News"]


def test_an_outlet_s_claim_is_not_borne_out_by_another(ask: Asker) -> None:
    answer = ask(
        "Does Tarnby News say that the harbour board approved the plan for the quay while The "
        "Post says that boats left?"
    )
    assert all(sentence.text not in ("Yes.", "No.") for sentence in answer.sentences)


def test_what_nobody_says_gets_no_word(ask: Asker) -> None:
    answer = ask("Did the harbour board sell the plan for the quay?")
    assert answer.status == "not_in_articles"


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
