"""Times in questions, and what follow-ups lean on."""

from datetime import date

import pytest

from index.understanding import Window, standalone, window

TODAY = date(2025, 10, 30)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("What was said in October 2025?", "2025-10-01", "2025-10-31"),
        ("Vad sades i oktober 2025?", "2025-10-01", "2025-10-31"),
        ("What happened on 27 October 2025", "2025-10-27", "2025-10-27"),
        ("What happened on October 27th, 2025", "2025-10-27", "2025-10-27"),
        ("talks of October 27, 2025", "2025-10-27", "2025-10-27"),
        ("the state of the talks in late 2018", "2018-09-01", "2018-12-31"),
        ("Hur gick det i slutet av 2018?", "2018-09-01", "2018-12-31"),
        ("trade in 2019", "2019-01-01", "2019-12-31"),
        ("who came yesterday?", "2025-10-29", "2025-10-29"),
        ("what was agreed last week", "2025-10-16", "2025-10-29"),
        ("in February 2023, how many", "2023-02-01", "2023-02-28"),
        ("on February 31, 2023", "2023-02-01", "2023-02-28"),
    ],
)
def test_times(text: str, since: str, until: str) -> None:
    assert window(text, TODAY) == Window(date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize(
    "text",
    ["the 2020 budget", "the deadline of March 1", "may he come", "Made in China 2025", "G20", ""],
)
def test_what_is_no_time(text: str) -> None:
    assert window(text, TODAY) is None


def test_a_follow_up_is_told_what_it_leans_on() -> None:
    history = [("Who leads the Oslo harbour board?", "It is led by Ada Berg since May.")]
    told = standalone("And what did she say about the quay?", history)
    assert told == "And what did she say about the quay? (Oslo, Ada Berg, May)"
    assert standalone("What about Bergen?", history) == f"{history[0][0]} What about Bergen?"
    assert standalone("Why?", history) == f"{history[0][0]} Why?"
    alone = "Which railway line closes in spring?"
    assert standalone(alone, history) == alone
    assert standalone("And what did she say?", []) == "And what did she say?"
