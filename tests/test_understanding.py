"""What follow-ups lean on, what a question names, and that none of it empties a result."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.follow_ups import standalone
from index.schema import Article
from index.times import Window
from index.understanding import understand
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Question
from tests.embedders import HashingEmbedder

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "follow_ups.jsonl").read_text("utf-8").splitlines()]
NOW = date(2024, 9, 14)
OSLO = [("Who leads the Oslo harbour board?", "It is led by Ada Berg since May.")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"])
def test_follow_ups(case: dict[str, Any]) -> None:
    assert standalone(case["question"], case["history"], NOW) == case["standalone"]


def test_a_follow_up_is_told_what_it_leans_on() -> None:
    told = standalone("And what did she say about the quay?", OSLO)
    assert told == "And what did she say about the quay? (Oslo, Ada Berg, May)"
    assert standalone("And what did she say?", []) == "And what did she say?"


def test_all_that_a_question_names() -> None:
    text = "According to Reuters and The Age, did Ada Berg pay $4,200 in Oslo last week?"
    found = understand(text, [], NOW, ["The Age", "Quayside"], ["en", "sv"])
    assert found.window == Window(date(2024, 9, 2), date(2024, 9, 8))
    assert (found.outlets, found.agencies) == (("The Age",), ("Reuters",))
    assert (found.names, found.figures) == (("Ada Berg", "Oslo"), ("$4,200",))
    assert (found.language, found.leans, found.text) == ("en", False, text)


def test_a_followed_up_time_is_the_window() -> None:
    history = [("What was inflation in Sweden in 2019?", "It was 1.8 percent.")]
    found = understand("And the year before?", history, NOW)
    assert found.leans and found.window == Window(date(2018, 1, 1), date(2018, 12, 31))


def test_times_are_those_of_the_archive(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        pipeline = Pipeline(archive, QuotesAnswerer(archive))
        monday, question = date(2019, 2, 18), Question("Who spoke on Monday?", asked_at=NOW)
        archive.add([Article("u", "u", "Nobody spoke.")])
        assert archive.database.span() is None
        assert pipeline.find(question)[1].window == Window(date(2024, 9, 9), date(2024, 9, 9))
        archive.add([Article("a", "a", "Ada Berg spoke.", published=monday)])
        year = Article("b", "b", "Others spoke.", published=date(2018, 1, 1), published_as="2018")
        archive.add([year])
        assert archive.database.span() == (date(2018, 1, 1), monday)
        assert pipeline.find(question)[1].window == Window(monday, monday)
        history = (("What was said in January?", "Nothing."),)
        asked = Question("And the month before?", history, asked_at=NOW)
        found = pipeline.find(asked)[1]
        assert found.window == Window(date(2018, 12, 1), date(2018, 12, 31))


def test_parts_that_the_asker_does_not_want() -> None:
    text = "And what did The Age say in 2019?"
    found = understand(text, OSLO, NOW, ["The Age"], (), ["time", "outlets", "follow_up"])
    assert (found.text, found.window, found.outlets, found.leans) == (text, None, (), False)
