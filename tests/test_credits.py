"""Outlets that a question credits, and of which the archive or the answer has nothing."""

from dataclasses import replace

import pytest

from index.schema import Article
from service.credits import Told, told_of, uncovered, unheard
from tests.fakes import hit

OUTLETS = ("The Post", "Tarnby News", "Lerviks Allehanda")
POST = Article("post", "post", "The mayor spoke at noon.", "Mayor", outlet="The Post")
TARNBY = replace(POST, key="tarnby", outlet="Tarnby News")


def said(article: Article) -> list[Told]:
    return [(article, article.text)]


def even(stem: str) -> float:
    return float(bool(stem))


@pytest.mark.parametrize(
    "question",
    [
        "What closed on Monday, according to The Post?",
        "What closed, as reported by the Post?",
        "What closed according to the article in The Post?",
        "Vad stängdes enligt The Post?",
        "Vad stängdes enligt artikeln i The Post?",
    ],
)
def test_what_an_outlet_said_is_not_told_by_another(question: str) -> None:
    assert unheard(question, OUTLETS, said(TARNBY), even)
    assert not unheard(question, OUTLETS, said(POST), even)


@pytest.mark.parametrize(
    "question",
    [
        "Who bought The Post?",  # it is what the question is about
        "Who was hired by The Post?",
        "What closed on Monday, according to Ada Berg?",
        "What closed on Monday?",
        "",
    ],
)
def test_only_where_it_is_credited(question: str) -> None:
    assert not unheard(question, OUTLETS, said(TARNBY), even)


def test_one_of_the_outlets_named_is_enough() -> None:
    question = "What closed according to The Post, and what sank as reported by Tarnby News?"
    assert not unheard(question, OUTLETS, said(TARNBY), even)
    assert unheard(question, OUTLETS, said(replace(POST, outlet="Lerviks Allehanda")), even)


def test_another_outlet_counts_if_it_is_very_near_to_what_is_asked() -> None:
    near = replace(TARNBY, text="The quay closed on Monday.")
    assert not unheard("Which quay closed, according to The Post?", OUTLETS, said(near), even)


def test_an_article_that_passes_it_on_is_heard() -> None:
    passed_on = replace(TARNBY, text="The mayor spoke at noon, The Post reported.")
    assert not unheard("What closed, according to The Post?", OUTLETS, said(passed_on), even)
    wired = replace(TARNBY, agency="The Post")
    assert not unheard("What closed, according to The Post?", OUTLETS, said(wired), even)


def test_an_outlet_without_articles_is_passed_on_only_in_what_is_on_the_question() -> None:
    on_it = replace(POST, text="The quay closed on Monday, Reuters reported.")
    off = replace(POST, text="Reuters reported rain.")
    question = "What did a Reuters report say of the quay in Tarnby?"
    assert told_of("Reuters", question, said(on_it), even)
    assert not told_of("Reuters", question, said(off), even)
    assert not told_of("Reuters", question, said(POST), even)


def test_a_name_is_no_common_word() -> None:
    variety = replace(POST, text="The quay closed for a variety of boats.")
    question = "Which boats is the quay closed for, according to an article from Variety?"
    assert not told_of("Variety", question, said(variety), even)


def test_a_name_that_is_none_of_a_pattern() -> None:
    star = replace(POST, text="The quay closed, C++ (Weekly) said.")
    assert told_of("C++ (Weekly)", "Which quay closed, by C++ (Weekly)?", said(star), even)


@pytest.mark.parametrize("verb", ["mentioned by", "outlined by", "mentioned in"])
def test_what_an_outlet_mentions_is_credited_to_it(verb: str) -> None:
    question = f"Which quay is {verb} Reuters?"
    assert uncovered(question, OUTLETS, [hit(POST)]) == ("Reuters",)
