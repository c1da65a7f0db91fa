"""Texts in English words: what is replaced, what stays, and that places can be carried over."""

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.glossing import LANGUAGES, glossed, known, readable

SWEDISH = ["Regeringen", "höjer", "skatten", "Anna", "och", "17,5", "–", "procent", "Ö", "\n", "."]


@pytest.mark.parametrize(
    ("source", "language", "english"),
    [
        ("Hur många poliser skadades?", "sv", ["how", "many", "police", "injured"]),
        ("Vem är utrikesminister i Norge?", "sv", ["who", "foreign", "minister", "norway"]),
        ("Regeringens konkurslag", "sv", ["government", "bankruptcy law"]),
        ("Hvor mange mennesker døde i ulykken?", "nb", ["how", "many", "people", "died"]),
        ("Hvorfor trak ministeren sig?", "da", ["why", "minister"]),
    ],
)
def test_words_are_english(source: str, language: str, english: list[str]) -> None:
    text = glossed(source, language).text.lower()
    assert [word for word in english if word not in text] == []


@pytest.mark.parametrize("name", ["Stig Björn", "SVT", "Åsa Lag", "X2000", "25 000", "Volvo"])
def test_names_and_figures_stay(name: str) -> None:
    assert name in glossed(f"I går sade {name} att det är sant.", "sv").text


def test_a_sentence_begins_with_a_word_and_not_with_a_name() -> None:
    assert glossed("Skatten höjs. – Polisen kom.", "sv").text.lower().startswith("tax")
    assert "police" in glossed("Skatten höjs. – Polisen kom.", "sv").text.lower()


@pytest.mark.parametrize("language", ["en", "de", "fi", None, ""])
def test_other_languages_stay_as_they_are(language: str | None) -> None:
    assert glossed("Hur många och när?", language).text == "Hur många och när?"


@given(
    st.lists(st.sampled_from(SWEDISH), max_size=12).map(" ".join) | st.text(max_size=60),
    st.data(),
)
def test_places_are_carried_over(text: str, data: st.DataObject) -> None:
    gloss = glossed(text, "sv")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    there = gloss.place(start, end)
    assert 0 <= there[0] <= there[1] <= len(gloss.text)
    back = gloss.source(*there)
    if start < end:
        assert back[0] <= start and end <= back[1]  # whole words, never less


@given(st.lists(st.sampled_from(SWEDISH), max_size=12).map(" ".join) | st.text(max_size=60))
def test_what_was_not_replaced_is_the_same(text: str) -> None:
    gloss = glossed(text, "sv")
    ends = [0, *(end for _, end in gloss.sources)]
    starts = [*(start for start, _ in gloss.sources), len(text)]
    kept = [text[a:b] for a, b in zip(ends, starts, strict=True)]
    ends = [0, *(end for _, end in gloss.places)]
    starts = [*(start for start, _ in gloss.places), len(gloss.text)]
    assert kept == [gloss.text[a:b] for a, b in zip(ends, starts, strict=True)]


def test_a_word_has_its_place() -> None:
    text = "Anna Ek sade att skatten höjs till 17,5 procent."
    gloss = glossed(text, "sv")
    at = text.index("17,5 procent")
    start, end = gloss.place(at, at + len("17,5 procent"))
    assert gloss.text[start:end] == "17,5 percent"
    assert text[slice(*gloss.source(start, end))] == "17,5 procent"


@pytest.mark.parametrize(
    ("languages", "language", "is_read"),
    [
        (frozenset({"en"}), "sv", False),
        (frozenset({"en"}), "en", True),
        (frozenset({"en", "sv"}), "sv", True),
        (frozenset({"de"}), "sv", True),
        (None, "sv", True),
    ],
)
def test_glossed_only_for_a_model_that_needs_it(
    languages: frozenset[str] | None, language: str, is_read: bool
) -> None:
    text = "Hur många poliser?"
    assert (readable(text, language, languages) == text) == is_read


def test_what_a_model_can_be_given() -> None:
    assert known(frozenset({"en"})) == frozenset({"en", *LANGUAGES})
    assert known(frozenset({"de"})) == frozenset({"de"})
    assert known(None) is None


@pytest.mark.parametrize("language", ["sv", "no", "da"])
def test_lists_are_in_order(language: str) -> None:
    lines = (files("index") / "weights" / f"glosses_{language}.tsv").read_text("utf-8").splitlines()
    forms = [line.split("\t")[0] for line in lines]
    assert forms == sorted(set(forms))
    assert all(re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*\t\w.*", line) for line in lines)
