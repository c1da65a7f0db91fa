"""Questions in parts: clauses, outlets named, and what is asked of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.clauses import MOST_CLAUSES, clauses, mentions, parts

OUTLETS = ["the verge", "techcrunch", "the age", "fox news - health", "fox news - sports"]


def asked_of(text: str) -> list[tuple[list[str], str]]:
    return [(sorted(m.outlets), m.text) for m in mentions(text, OUTLETS)]


def test_what_stands_after_a_name_is_asked_of_it() -> None:
    text = "Does the TechCrunch article praise tariffs, while The Verge doubts that they last?"
    assert asked_of(text) == [
        (["techcrunch"], "Does the  article praise tariffs"),
        (["the verge"], "while  doubts that they last"),
    ]


def test_a_credit_belongs_to_what_stands_before_it() -> None:
    text = "Who sold the flat, according to The Age, and who bought the yard, as told by The Verge?"
    (_, first), (_, second) = asked_of(text)
    assert "flat" in first and "yard" not in first
    assert "yard" in second and "flat" not in second


def test_the_longest_name_counts_and_a_short_one_stands_for_all() -> None:
    assert asked_of("What did FOX News - Health say")[0][0] == ["fox news - health"]
    assert asked_of("What did FOX News say")[0][0] == ["fox news - health", "fox news - sports"]
    assert asked_of("What did the managers say of the aged?") == []


def test_a_name_of_two_letters_counts_in_capitals_only() -> None:
    assert mentions("Did AP say so?", ["ap"])
    assert not mentions("Did the ap say so?", ["ap"])


def test_letters_that_grow_in_lower_case_shift_nothing() -> None:
    assert parts("İİİ asks The Age of rents", OUTLETS).bare == "İİİ asks  of rents"


def test_the_bare_text_lacks_outlets_and_dates() -> None:
    found = parts(
        "What did The Age say of rents on October 2, 2023, and of wages since then?", OUTLETS
    )
    assert "Age" not in found.bare and "2023" not in found.bare
    assert "rents" in found.bare and "wages" in found.bare


@pytest.mark.parametrize("text", ["", "?", "Who leads?", "One clause without any break in it"])
def test_one_clause_is_not_taken_apart(text: str) -> None:
    assert clauses(text) == []


@given(st.text("ab ,;:?-'AE", max_size=200))
def test_no_word_is_lost(text: str) -> None:
    found = clauses(text)
    assert len(found) <= MOST_CLAUSES
    if found:
        words = [word.strip(" ,;:?!–—") for word in text.split()]
        joined = " ".join(found)
        assert all(word in joined for word in words if word)


@given(st.lists(st.sampled_from(["TechCrunch", "The Verge", "says", "that", "and", ",", "İ"])))
def test_every_name_is_found_once(words: list[str]) -> None:
    text = " ".join(words)
    assert len(mentions(text, OUTLETS)) == text.count("TechCrunch") + text.count("The Verge")
