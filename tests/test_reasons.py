"""Why nothing answers, and what a partial answer lacks: said of tiny archives, and true of them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from index.archive import Archive
from index.schema import Article
from service.pipeline import Pipeline
from service.printing import answer_text
from service.quotes import QuotesAnswerer
from service.render import render_answer
from service.schema import Answer, Question
from service.shapes import answer_shape
from tests.embedders import HashingEmbedder
from tests.test_answerers import eager

PLAN = "The harbour board of Tarnby approved a plan of 2.4 million kronor for the quay."
BREAD = "The bakery on Long Street sells forty kinds of bread and a cake with plums."
QUESTION = "What plan did the harbour board of Tarnby approve for the quay?"


def article(name: str, text: str, day: str | None, outlet: str = "The Post") -> Article:
    published = date.fromisoformat(day) if day else None
    return Article(name, name, text, name.title(), published, None, outlet, language="en")


HARBOUR = (
    article("first", PLAN, "2019-01-10"),
    article("second", f"{PLAN} Mayor Olof Lind opposed it. Divers had looked at it.", "2019-05-04"),
    article("third", f"In spring boats left. {PLAN} The ferry moves in summer.", "2019-03-02"),
)
BAKERY = article("bread", BREAD, "2020-02-02", "The Baker")
Asker = Callable[[Question], Answer]


@contextmanager
def asking(folder: Path, articles: Sequence[Article], threshold: float = 1.0) -> Iterator[Asker]:
    """Asks an archive of these; with a threshold of 1 nothing ever answers."""
    with Archive(folder, HashingEmbedder()) as archive:
        archive.add(articles)
        pipeline = Pipeline(archive, QuotesAnswerer(archive, eager(threshold)))
        yield lambda question: asyncio.run(pipeline.ask(question))


@pytest.fixture(scope="module")
def refuse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Asks all four articles and never gets an answer."""
    with asking(tmp_path_factory.mktemp("refuse"), [*HARBOUR, BAKERY]) as ask:
        yield ask


@pytest.fixture(scope="module")
def speak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Asks all four articles and always gets an answer."""
    with asking(tmp_path_factory.mktemp("speak"), [*HARBOUR, BAKERY], threshold=0.0) as ask:
        yield ask


def why(answer: Answer) -> tuple[str, str]:
    """Kind and text of the reason, which every door shows."""
    assert answer.status == "not_in_articles"
    assert answer.reason
    assert answer.reason.text in answer_text(answer_shape(answer))
    assert answer.reason.text in render_answer("?", answer)
    return answer.reason.kind, answer.reason.text


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    with asking(tmp_path, []) as ask:
        assert why(ask(Question(QUESTION))) == ("empty", "The archive has no articles.")


def test_nothing_on_this(tmp_path: Path) -> None:
    with asking(tmp_path, [BAKERY]) as ask:
        kind, text = why(ask(Question("Who won the chess final at Ravenglen?")))
        known = why(ask(Question("Who won the chess final, according to Baker?")))
    assert kind == "nothing"
    assert text == "Nothing on this. “Ravenglen” is in none of the articles."
    assert known == ("near", "The nearest articles do not answer it.")  # a head has the name


def test_near_but_not_answering(refuse: Asker) -> None:
    assert why(refuse(Question(QUESTION)))[0] == "near"


WINDOWS = [
    (Question(QUESTION, since=date(2020, 1, 1)), "since 1 January 2020"),
    (Question(QUESTION, until=date(2018, 12, 31)), "until 31 December 2018"),
    (Question(QUESTION, since=date(2020, 1, 1), until=date(2020, 12, 31)), "in 2020"),
    (Question(f"{QUESTION[:-1]} in 2020?"), "in 2020"),
]


@pytest.mark.parametrize(("question", "when"), WINDOWS)
def test_nothing_in_this_time_tells_what_there_is_outside_it(
    refuse: Asker, question: Question, when: str
) -> None:
    kind, text = why(refuse(question))
    assert kind == "outside"
    assert text.startswith(f"No article on this was published {when}; outside it: ")
    assert text.endswith("3 articles on this from 2019, newest 4 May 2019.")


def test_articles_outside_the_time_are_listed_newest_first(refuse: Asker) -> None:
    answer = refuse(Question(QUESTION, since=date(2020, 1, 1)))
    assert answer.reason
    assert [a.name for a in answer.reason.articles] == ["second", "third", "first"]
    assert {hit.article.name for hit in answer.hits} == {"bread"}  # the nearest that may be used


def test_as_of_hears_of_nothing_later(refuse: Asker) -> None:
    asked = Question(QUESTION, since=date(2019, 2, 1), as_of=date(2019, 2, 20))
    kind, text = why(refuse(asked))
    assert (kind, text.rpartition("outside it: ")[2]) == (
        "outside",
        "1 article on this from 2019, newest 10 January 2019.",
    )
    kind, text = why(refuse(Question(QUESTION, as_of=date(2018, 1, 1))))
    assert (kind, text) == ("nothing", "Nothing on this.")


def test_an_undated_article_is_in_every_time(tmp_path: Path) -> None:
    undated = article("undated", PLAN, None)
    asked = Question(QUESTION, since=date(2020, 1, 1))
    with asking(tmp_path, [undated, BAKERY]) as ask:
        assert why(ask(asked))[0] == "near"


def test_nothing_from_these_outlets(refuse: Asker) -> None:
    kind, text = why(refuse(Question(QUESTION, outlets=("The Baker",))))
    assert kind == "outside"
    assert text == (
        "Nothing on this from The Baker; from other outlets: 3 articles on this from 2019, "
        "newest 4 May 2019."
    )


LACKS = [
    (QUESTION, []),
    (f"{QUESTION[:-1]}, and what did Brexit change?", [("name", "Brexit")]),
    (f"{QUESTION[:-1]} in October, and what did Kim Zork say?", [("name", "Kim Zork")]),
    (f"{QUESTION[:-1]}, and were Harbours or AI in it?", []),  # other forms, abbreviations
    (f"{QUESTION[:-1]} with 75 boats?", [("figure", "75")]),
    (f"{QUESTION[:-1]} in 2012?", [("time", "2012")]),
    (f"{QUESTION[:-1]} in 2019?", []),
    (f"{QUESTION[:-1]}, according to The Baker?", [("outlet", "The Baker")]),
    (f"{QUESTION[:-1]}, according to The Post?", []),
    ("What plan did the harbour board approve, and when did the baker know?", []),
    ("WHAT PLAN DID THE HARBOUR BOARD OF ZORK APPROVE?", []),
]


@pytest.mark.parametrize(("text", "lacks"), LACKS)
def test_a_partial_answer_says_what_is_missing(
    speak: Asker, text: str, lacks: list[tuple[str, str]]
) -> None:
    answer = speak(Question(text))
    assert [(lack.kind, lack.what) for lack in answer.lacks] == lacks
    assert answer.status == ("partial" if lacks else "answered")
    for lack in answer.lacks:
        assert lack.text in render_answer("?", answer)
        assert lack.text in answer_text(answer_shape(answer))
