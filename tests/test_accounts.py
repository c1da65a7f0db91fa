"""Several articles on one question: what changed is told newest first, and nothing else is."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.schema import Article
from service.openai_reply import Reply
from service.periods import periods
from service.pipeline import Pipeline
from service.printing import answer_text
from service.quantities import placed
from service.quotes import QuotesAnswerer
from service.reader import Reading, Within
from service.render import render_answer
from service.schema import Answer, Question
from service.shapes import answer_shape
from service.timeline import short_day, timeline_text
from service.values import same, value
from service.wording import content_stems
from tests.embedders import HashingEmbedder
from tests.test_answerers import eager

DAY = date(2024, 5, 1)


class FigureReader:
    """Sees the answer in the first figure of a sentence that it is asked about."""

    def read(
        self,
        question: str,
        passages: Sequence[str],
        ranges: Sequence[Sequence[tuple[int, int]]] | None = None,
    ) -> list[Reading]:
        readings = []
        for text, ((start, end),) in zip(passages, ranges or [], strict=True):
            figure = re.compile(r"[\d.,]*\d").search(text, start, end)
            at = figure.span() if figure else (0, 0)
            span = 5.0 if figure else -5.0
            readings.append(Reading(*at, span, 0.9, (Within(0.9, *at, span),)))
        return readings


def article(name: str, text: str, day: date | None = DAY, language: str = "en") -> Article:
    return Article(name, name, text, "Ferry fire", day, None, f"The {name}", language=language)


def ask(
    folder: Path, articles: Sequence[Article], question: str, as_of: date | None = None
) -> Answer:
    with Archive(folder, HashingEmbedder()) as archive:
        archive.add(articles)
        answerer = QuotesAnswerer(archive, eager(), FigureReader())
        return asyncio.run(Pipeline(archive, answerer).ask(Question(question, as_of=as_of)))


FIRE = "How many people were hurt in the Tarnby ferry fire?"
OLD = article("Herald", "In the Tarnby ferry fire 7 people were hurt, police said.")
NEW = article("Post", "In the Tarnby ferry fire 12 people were hurt, police say.", date(2024, 6, 3))


def test_a_changed_figure_is_told_newest_first_with_both_citations(tmp_path: Path) -> None:
    answer = ask(tmp_path, [OLD, NEW], FIRE)
    line = "12 people [1, Jun 2024]; earlier: 7 people [2, May 2024]"
    assert timeline_text(answer.accounts) == line
    assert [c.article.name for c in answer.citations] == ["Post", "Herald"]
    assert answer.sentences[0].text == NEW.text
    for account in answer.accounts:
        c = account.citation
        assert c.article.text[c.start : c.end] == c.quote
        assert account.text in c.quote
    shape = answer_shape(answer)
    assert shape["timeline"] == line
    assert [a["relation"] for a in shape["accounts"]] == ["first", "earlier"]
    assert line in answer_text(shape)
    assert line in Reply("http://h").whole(answer)["choices"][0]["message"]["content"]
    page = render_answer(FIRE, answer)
    shown = re.findall(r"<li>(\w*):? ?<strong[^>]*>(.*?)</strong>.*?<time>(.*?)</time></li>", page)
    assert shown[:2] == [("", "12 people", "Jun 2024"), ("earlier", "7 people", "May 2024")]


def test_as_of_knows_only_the_earlier_figure(tmp_path: Path) -> None:
    answer = ask(tmp_path, [OLD, NEW], FIRE, as_of=date(2024, 5, 20))
    assert answer.accounts == ()
    assert [c.article.name for c in answer.citations] == ["Herald"]


def test_two_outlets_of_one_day_differ(tmp_path: Path) -> None:
    both = [OLD, article("Post", NEW.text)]
    line = timeline_text(ask(tmp_path, both, FIRE).accounts)
    assert line in (
        "7 people [1, May 2024]; differs: 12 people [2, May 2024]",
        "12 people [1, May 2024]; differs: 7 people [2, May 2024]",
    )


def test_an_outlet_that_says_it_often_keeps_nobody_else_out(tmp_path: Path) -> None:
    said = [
        "In the Tarnby ferry fire 112 people were hurt, guards say.",
        "Doctors say that 112 people were hurt in the Tarnby ferry fire.",
        "The Tarnby ferry fire hurt 112 people, a list shows.",
    ]
    said += [f"At {n} o'clock there were 112 people hurt in the Tarnby ferry fire." for n in (7, 8)]
    flood = [replace(article(f"F{n}", t, NEW.published), outlet="F") for n, t in enumerate(said)]
    answer = ask(tmp_path, [OLD, *flood], FIRE)
    told = [(a.text, a.relation, a.citation.article.outlet) for a in answer.accounts]
    assert told == [("112 people", "first", "F"), ("7 people", "earlier", "The Herald")]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "How much money did the Brisa charity lose?",
            "The Brisa charity lost 71 million euros. Donors want their money.",
            "The Brisa charity lost 4 million euros in a fund.",
        ),
        (
            "How fast was the train at Dene travelling?",
            "151 miles per hour is how fast the train at Dene was travelling.",
            "The train at Dene was travelling at 94 miles per hour.",
        ),
    ],
)
def test_a_word_for_the_measure_is_not_the_subject(
    tmp_path: Path, question: str, one: str, other: str
) -> None:
    answer = ask(tmp_path, [article("Herald", one), article("Post", other)], question)
    assert [account.relation for account in answer.accounts] == ["first", "differs"]


def test_an_undated_account_comes_last_and_says_so(tmp_path: Path) -> None:
    answer = ask(tmp_path, [OLD, article("Post", NEW.text, None)], FIRE)
    assert timeline_text(answer.accounts) == (
        "7 people [1, May 2024]; differs: 12 people [2, undated]"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("7 people will be moved this year after", "12 people will be moved after"),
        ("7 people were hurt and were treated last winter, police said, in", "12 people hurt in"),
    ],
)
def test_a_plan_for_this_year_or_what_came_besides_is_no_other_time(
    tmp_path: Path, old: str, new: str
) -> None:
    both = [
        article("Herald", f"{old} the Tarnby ferry fire."),
        article("Post", f"{new} the Tarnby ferry fire.", date(2024, 6, 3)),
    ]
    asked = "How many people will be moved after the Tarnby ferry fire?"
    answer = ask(tmp_path, both, asked if "moved" in old else FIRE)
    assert [a.text for a in answer.accounts] == ["12 people", "7 people"]


SILENT = [
    "In the Tarnby ferry fire 12 people and 3 dogs were hurt in 1998, police say.",
    "In the Tarnby ferry fire 12 people were hurt this year, police say.",
    "In the Tarnby ferry fire 12 people died, police say.",  # another fate
    "In the Tarnby ferry fire 12 boats were hurt, police say.",  # other things counted
    "In the Tarnby ferry fire 12 percent were hurt, police say.",  # another unit
    "In the Lomma ferry fire 12 people were hurt, police say.",  # another place
    "In the Tarnby ferry fire 12 people were hurt in 1998, police say.",  # another time
    "In the Tarnby ferry fire 12 people were not hurt, police say.",  # the opposite
    "Previously it was said that in the Tarnby ferry fire 12 people were hurt.",  # of before
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_not_the_same_thing_is_no_difference(tmp_path: Path, text: str) -> None:
    answer = ask(tmp_path, [OLD, article("Post", text, date(2024, 6, 3))], FIRE)
    assert [a for a in answer.accounts if a.relation in ("earlier", "differs")] == []


def test_the_same_figure_is_no_difference(tmp_path: Path) -> None:
    again = article("Post", "7 people were hurt in the Tarnby ferry fire.", date(2024, 6, 3))
    answer = ask(tmp_path, [OLD, again], FIRE)
    assert [a.relation for a in answer.accounts] == ["first", "same"]


PAIRS = [
    ("1.2 million people", "1,200,000 people", True),
    ("about 300 tonnes", "312 tonnes", True),
    ("71 kilometers", "44 miles", True),
    ("300 meter", "0,3 kilometer", True),
    ("three weeks", "21 days", True),
    ("at least 7 people", "8 people", True),
    ("at least 7 people", "11 people", False),
    ("1.23 million people", "1.2 million people", True),
    ("$5 million", "$12 million", False),
    ("54 percent", "57 percent", False),
    ("three weeks", "seven months", False),
    ("10 people", "12 people", False),
    ("20 million euros", "$22 million", None),
    ("12 boats", "9 cars", None),
    ("30 percent", "30 people", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_amounts(one: str, other: str, expected: bool | None) -> None:
    read = [value(f"There were {t}.", (11, 11 + len(t)), "en", "number", DAY) for t in (one, other)]
    assert read[0] and read[1]
    asked = content_stems("How many were there?", "en")
    assert same(read[0][0], read[1][0], asked) is expected
    assert same(read[1][0], read[0][0], asked) is expected


DATES = [
    ("March 4", "4 March", True),
    ("March 4", "March", True),
    ("March 4", "April 15", False),
    ("December 31, 2021", "December 31, 2024", False),
    ("2026", "2029", False),
    ("Monday", "Sunday night", False),
    ("Monday", "March 4", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), DATES)
def test_days(one: str, other: str, expected: bool | None) -> None:
    read = [value(f"It was on {t}.", (10, 10 + len(t)), "en", "when", DAY) for t in (one, other)]
    assert read[0] and read[1]
    assert same(read[0][0], read[1][0], frozenset()) is expected


def test_weekdays_of_different_weeks_are_not_compared() -> None:
    later = DAY + timedelta(7)
    read = [value("On Monday.", (3, 9), "en", "when", day) for day in (DAY, later)]
    assert read[0] and read[1]
    assert same(read[0][0], read[1][0], frozenset()) is None


numbers = st.integers(1, 10**7).map(lambda n: f"{n:,}")


@given(numbers, numbers, st.sampled_from(["people", "miles", "percent"]))
def test_comparing_is_symmetric_and_a_figure_is_like_itself(a: str, b: str, noun: str) -> None:
    one, other = (
        value(f"Of {n} {noun} it is said.", (3, 3 + len(n)), "en", "number", DAY) for n in (a, b)
    )
    assert one and other
    assert same(one[0], other[0], frozenset()) == same(other[0], one[0], frozenset())
    assert same(one[0], one[0], frozenset()) is True


@given(st.text("12 ,.$%abper cntmilo", max_size=40))
def test_figures_stand_where_they_are_said_to(text: str) -> None:
    places = placed(text, "en")
    assert all(0 <= start < end <= len(text) for start, end, _ in places)
    assert [start for start, _, _ in places] == sorted(start for start, _, _ in places)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It sold 9 in the first quarter.", {"first quarter"}),
        ("It sold 9 last year.", {"2023"}),
        ("In March it rained.", {"month 3"}),
        ("On Monday, April 29, it rained.", set()),  # the news itself
        ("This winter's count has 9.", set()),
        ("I fjol föll 9.", {"2023"}),
    ],
)
def test_periods(text: str, found: set[str]) -> None:
    assert periods(text, DAY, "en") == found


def test_days_are_told_as_shortly_as_they_differ() -> None:
    days = [date(2024, 5, 4), date(2024, 5, 1), date(2023, 5, 1), None]
    assert [short_day(d, days) for d in days] == ["4 May 2024", "1 May 2024", "May 2023", "undated"]
