"""A sentence for each outlet and article that a yes or no question asks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.polar import Claim, claims
from index.schema import Article
from service.answering import Span
from service.candidates import candidates
from service.claims import covered, on_claims
from tests.fakes import hit

OUTLETS = ("the post", "tarnby news", "the echo")
MOST = 30  # words


def told(text: str, day: int, outlet: str, language: str = "en") -> Article:
    return Article(text, text, text, "", date(2019, 5, day), outlet=outlet, language=language)


def each(question: str, *articles: Article, most: int = MOST) -> list[tuple[str | None, str]]:
    language = articles[0].language
    found = candidates([hit(article) for article in articles])
    spans = on_claims(claims(question, language, OUTLETS), found, lambda stem: 1.0, most)
    return [(span.article.outlet, span.quote) for span in spans]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        (
            "Is the coverage of the quay by The Post consistent between the article of May 2, "
            "2019, and the one of May 3, 2019?",
            "en",
        ),
        ("Did The Post's reporting on the quay change between 2019-05-02 and 2019-05-03?", "en"),
        (
            "Skiljer sig artikeln i The Post den 2 maj 2019 om kajen från artikeln den 3 maj 2019?",
            "sv",
        ),
    ],
)
def test_each_day_named_is_of_another_article(question: str, language: str) -> None:
    found = claims(question, language, OUTLETS)
    assert [claim.days[0].since for claim in found] == [date(2019, 5, 2), date(2019, 5, 3)]
    assert {claim.outlets for claim in found} == {frozenset({"the post"})}
    assert all("quay" in claim.whole or "kajen" in claim.whole for claim in found)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Do the articles by The Post agree on the price of the quay?", "en"),
        ("Does a story in The Post on the quay agree with the same paper's on the bridge?", "en"),
        ("Säger båda artiklarna i The Post att kajen stängs?", "sv"),
    ],
)
def test_several_articles_of_an_outlet_are_asked_apart(question: str, language: str) -> None:
    assert len(claims(question, language, OUTLETS)) == 2


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Did The Post report that both sides changed course?", "en"),
        ("Did The Post say on May 3, 2019 that the quay closed on May 2, 2019?", "en"),
        ("Does the article in The Post say that the quay closed?", "en"),
        ("Rapporterade The Post att båda parter ändrade sig?", "sv"),
    ],
)
def test_what_one_article_may_say_is_one_claim(question: str, language: str) -> None:
    assert len(claims(question, language, OUTLETS)) == 1


def test_a_day_that_the_calendar_lacks_is_none() -> None:
    (claim,) = claims("Does The Post say so in its article of 2019-02-31?", "en", OUTLETS)
    assert claim.days == ()


EARLIER = told("The quay will close in June.", 2, "The Post")
LATER = told("The quay will stay open after all.", 3, "The Post")
CHANGED = (
    "Did the reporting on the quay by The Post change between the article of May 2, 2019, and the "
    "one of May 3, 2019?"
)


def test_newest_first_where_days_are_named() -> None:
    expected = [("The Post", LATER.text), ("The Post", EARLIER.text)]
    assert each(CHANGED, EARLIER, LATER) == expected


def test_of_the_day_named_though_another_is_nearer() -> None:
    nearer = told("Reporting on the quay by the article was long.", 9, "The Post")
    assert [quote for _, quote in each(CHANGED, nearer, EARLIER, LATER)] == [
        LATER.text,
        EARLIER.text,
    ]


def test_one_article_of_an_outlet_does_not_answer_for_two() -> None:
    assert each(CHANGED, EARLIER) == []
    again = told("The quay will close in June. The quay will stay shut.", 2, "The Post")
    assert each(CHANGED, again) == []


def test_newest_first_in_swedish() -> None:
    first = told("Kajen stängs i juni.", 2, "The Post", "sv")
    second = told("Kajen förblir öppen i sommar.", 3, "The Post", "sv")
    question = (
        "Skiljer sig artikeln i The Post den 2 maj 2019 om kajen från artikeln den 3 maj 2019?"
    )
    assert [quote for _, quote in each(question, first, second)] == [second.text, first.text]


TWO = "Does The Post say that the quay closed while Tarnby News says that a ferry sank?"


def test_one_of_two_outlets_is_enough_only_if_it_is_very_near() -> None:
    near = told("The quay closed on Monday.", 2, "The Post")
    off = told("Rain fell all day long.", 2, "Tarnby News")
    assert each(TWO, near, off) == [("The Post", near.text)]
    far = "Does The Post say that the old harbour quay closed while Tarnby News says a ferry sank?"
    assert each(far, told("The quay is long enough.", 2, "The Post"), off) == []


NEWS = {
    "The Post": "old stone quay north of Tarnby closed",
    "Tarnby News": "old white ferry bound for Lervik sank",
    "The Echo": "old steel bridge west of Dunmore fell",
}
THREE = "Does " + ", while ".join(f"{outlet} say that the {news}" for outlet, news in NEWS.items())


def long_and_short(words: int) -> list[Article]:
    """Of each outlet a long sentence with all words asked for, and a shorter one without one."""
    return [
        told(f"The {news} {'again ' * words}today. The {news.removeprefix('old ')}.", 2, outlet)
        for outlet, news in NEWS.items()
    ]


def test_shorter_sentences_where_the_nearest_are_too_long_together() -> None:
    quotes = each(THREE, *long_and_short(14), most=40)
    assert [outlet for outlet, _ in quotes] == list(NEWS)
    assert sum(len(quote.split()) for _, quote in quotes) <= 40
    assert any("again" in quote for _, quote in quotes)  # the nearest stays where there is room


@given(st.integers(0, 40), st.integers(0, 90))
def test_each_outlet_keeps_a_whole_sentence(words: int, most: int) -> None:
    articles = long_and_short(words)
    quotes = each(THREE, *articles, most=most)
    assert [outlet for outlet, _ in quotes] == list(NEWS)
    assert all(quote.endswith(".") for _, quote in quotes)
    shortest = 3 * len("The stone quay north of Tarnby closed.".split())
    assert sum(len(quote.split()) for _, quote in quotes) <= max(most, shortest)


def test_the_farthest_of_an_outlet_with_another_gives_way() -> None:
    articles = [
        told(f"The quay {word * 14}closed.", day, "The Post")
        for day, word in ((2, "again "), (3, "really "), (4, "often "))
    ]
    question = (
        "Do the articles by The Post of May 2, 2019, of May 3, 2019 and of May 4, 2019 say that "
        "the quay closed?"
    )
    assert len(each(question, *articles, most=90)) == 3
    assert len(each(question, *articles, most=40)) == 2


def test_a_word_that_says_more_counts_for_more() -> None:
    rare = {"quay": 3.0}

    def weigh(stem: str) -> float:
        return rare.get(stem, 1.0)

    assert covered("the quay closed", "A quay.", "en", weigh) == 0.75
    assert covered("the quay closed", "It closed.", "en", weigh) == 0.25
    assert covered("", "It closed.", "en", weigh) == 0.0


@given(st.text(max_size=60), st.lists(st.sampled_from(["The quay closed.", "Rain fell here."])))
def test_any_claim_may_be_asked_of_any_sentences(text: str, sentences: list[str]) -> None:
    found = candidates([hit(told(s, n % 28 + 1, "The Post")) for n, s in enumerate(sentences)])
    asked = (Claim(text, frozenset({"the post"})), Claim(text, frozenset({"the echo"})))
    spans: tuple[Span, ...] = on_claims(asked, found, lambda stem: 1.0, MOST)
    assert all(span.quote in sentences for span in spans)
