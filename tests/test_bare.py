"""The bare answer inside its sentence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import Article
from service.answering import Span
from service.bare import LEAST, SURE, bare_answer, sees_one, whole
from service.reader import Reading, Within

TEXT = "The ferry leaves. It carries more than 700 goods to Ås. Then it rests."
ARTICLE = Article("f", "u", TEXT, "Ferry", date(2024, 5, 1), None, "The Post", language="en")
SENTENCE = Span(ARTICLE, TEXT.index("It"), TEXT.index(" Then"))


@pytest.mark.parametrize(
    ("quote", "seen", "made"),
    [
        ("It cuts duties on more than 700 goods.", "700", "more than 700 goods"),
        ("It cuts duties on more than 700 goods.", "70", "more than 700 goods"),
        ("Talks lasted two days of candour.", "two", "two days"),
        ("Shares rose about 2.3 percent on Monday.", "2.3", "about 2.3 percent"),
        ("Aktierna steg knappt 0,5 procent.", "0,5", "0,5 procent"),
        ("It is worth $200 billion a year.", "200", "$200 billion"),
        ("He buys soybeans and cars.", "soybe", "soybeans"),
        ("Liu He met him in the Oval Office.", "Oval Office", "Oval Office"),
        ("It opened on 4 May 2019 in Oslo.", "4 May 2019", "4 May 2019"),
    ],
)
def test_words_are_whole_and_figures_have_their_units(quote: str, seen: str, made: str) -> None:
    start = quote.index(seen)
    language = "sv" if quote.startswith("Akt") else "en"
    assert quote[slice(*whole(quote, start, start + len(seen), language))] == made


@given(st.text("ab1 ,.$%-é", min_size=1, max_size=30), st.data())
def test_what_the_reader_saw_is_kept(quote: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(quote) - 1))
    end = data.draw(st.integers(start + 1, len(quote)))
    first, last = whole(quote, start, end, "en")
    assert 0 <= first <= start and end <= last <= len(quote)
    assert not (first and quote[first - 1].isalnum() and quote[first].isalnum())
    assert not (last < len(quote) and quote[last - 1].isalnum() and quote[last].isalnum())


def test_it_is_told_by_the_characters_of_the_sentence() -> None:
    quote, lead = SENTENCE.quote, 18
    at = lead + quote.index("700")
    found = bare_answer(SENTENCE, Within(0.5, at, at + 3, -2.0), lead)
    assert found and quote[slice(*found)] == "more than 700 goods"


@pytest.mark.parametrize(
    "part", [Within(0.5, 20, 23, LEAST - 0.1), Within(0.0), Within(0.5, 3, 7, 5.0)]
)
def test_none_where_the_reader_sees_nothing_like_it_there(part: Within) -> None:
    assert bare_answer(SENTENCE, part, 18) is None


def test_sure_only_of_the_best_span_of_all_it_read() -> None:
    inside = Within(0.5, 3, 7, SURE)
    assert sees_one(Reading(3, 7, SURE, 0.9, (inside,)))
    assert not sees_one(Reading(9, 12, SURE + 1, 0.9, (inside,)))
    assert not sees_one(Reading(3, 7, SURE - 0.1, 0.9, (inside._replace(span=SURE - 0.1),)))
