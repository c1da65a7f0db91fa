"""What follow-ups lean on, what a question names, and that none of it empties a result."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.follow_ups import standalone
from index.times import Window
from index.understanding import understand

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


def test_parts_that_the_asker_does_not_want() -> None:
    text = "And what did The Age say in 2019?"
    found = understand(text, OSLO, NOW, ["The Age"], (), ["time", "outlets", "follow_up"])
    assert (found.text, found.window, found.outlets, found.leans) == (text, None, (), False)
