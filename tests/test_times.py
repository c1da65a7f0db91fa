"""Times in questions against tables of our own, and that a wrong guess takes nothing away."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import calendars
from index.times import Window, window, windows

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "times.jsonl").read_text("utf-8").splitlines()]
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"])
def test_questions_with_times_and_traps(case: dict[str, Any]) -> None:
    found = window(case["question"], date.fromisoformat(case["asked_at"]))
    since, until = (case[name] and date.fromisoformat(case[name]) for name in ("since", "until"))
    assert found == (Window(since, until) if since or until else None)


def test_the_table_is_whole() -> None:
    assert [case["trap"] for case in CASES] == [False] * 60 + [True] * 20


NOW = date(2024, 9, 14)  # a Saturday


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("in the winter of 2019-20", "2019-12-01", "2020-02-29"),
        ("between last Monday and Thursday", "2024-09-09", "2024-09-12"),
        ("between November and February 2020", "2019-11-01", "2020-02-29"),
        ("between November and February", "2023-11-01", "2024-02-29"),
        ("at the beginning of this year", "2024-01-01", "2024-04-30"),
        ("in mid-March", "2024-03-11", "2024-03-20"),
        ("i mitten av 80-talet", "1984-01-01", "1986-12-31"),
        ("before the end of June", None, "2024-06-30"),
        ("on February 31, 2023", "2023-02-01", "2023-02-28"),
        ("vecka 12 2020", "2020-03-16", "2020-03-22"),
        ("what about 2018-2020?", "2018-01-01", "2020-12-31"),
        ("last weekend", "2024-09-07", "2024-09-08"),
    ],
)
def test_rules_beyond_the_table(text: str, since: str | None, until: str | None) -> None:
    ends = [day and date.fromisoformat(day) for day in (since, until)]
    assert window(text, NOW) == Window(ends[0] or None, ends[1] or None)


@pytest.mark.parametrize(
    "text",
    [
        "by 2030",
        "in 2050",
        "trust in May",
        "since May resigned",
        "in April's arms",
        "in 2000 people",
        "week 99 2020",
        "2024-13-01",
        "9999999 years ago",
        "in the second half",
        "the deadline of March 1",
        "",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert window(text, NOW) is None


OLD = (date(2018, 1, 10), date(2019, 2, 24))  # the days of an archive; the last is a Sunday


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("on Monday", "2019-02-18", "2019-02-18"),
        ("on Sunday", "2019-02-24", "2019-02-24"),  # the last day itself
        ("since Tuesday", "2019-02-19", None),
        ("on 3 June", "2018-06-03", "2018-06-03"),
        ("in early January", "2019-01-01", "2019-01-10"),
        ("between March and May", "2018-03-01", "2018-05-31"),
        ("before 3 June", None, "2018-06-02"),
        ("in the week of 4 February", "2019-02-04", "2019-02-10"),
        ("in May 2018", "2018-05-01", "2018-05-31"),
        ("by the end of 2018", None, "2018-12-31"),
    ],
)
def test_a_time_without_its_year_is_one_that_the_articles_know(
    text: str, since: str | None, until: str | None
) -> None:
    ends = [day and date.fromisoformat(day) for day in (since, until)]
    assert window(text, NOW, OLD) == Window(ends[0] or None, ends[1] or None)


@pytest.mark.parametrize(
    "text", ["last week", "yesterday", "in 2021", "since May 2020", "before 2015", "on Jan 5, 2018"]
)
def test_a_time_that_no_article_is_of_is_none(text: str) -> None:
    assert window(text, NOW) and window(text, NOW, OLD) is None


@pytest.mark.parametrize("text", ["by March 1", "until May", "senast den 1 mars", "by Friday"])
def test_a_limit_without_its_year_may_lie_ahead(text: str) -> None:
    assert window(text, NOW) is None and window(text, NOW, OLD) is None


@given(st.sampled_from([case["question"] for case in CASES]), DAYS, DAYS, DAYS)
def test_articles_can_be_of_every_time(text: str, now: date, one: date, other: date) -> None:
    span = (min(one, other), max(one, other))
    assert all(found.meets(*span) for found in windows(text, now, span))


def test_several_times_in_order_with_their_words() -> None:
    text = "Did the piece of October 5, 2023 agree with what was said last week?"
    assert [found.said for found in windows(text, NOW)] == ["October 5, 2023", "last week"]
    found = window("Who led the party as of 1 March 2024?", NOW)
    assert found and (found.said, found.as_of) == ("as of 1 March 2024", True)


@given(st.text(st.sampled_from("in since may 2019 0123-/.' åäö\n early"), max_size=80), DAYS)
def test_any_text_gives_windows_that_begin_in_the_past(text: str, now: date) -> None:
    for found in windows(text, now):
        assert found.said in text
        assert found.since or found.until
        assert found.since is None or found.since <= now
        assert not (found.since and found.until) or found.since <= found.until


@given(DAYS, DAYS)
def test_a_day_is_found_in_either_order(day: date, now: date) -> None:
    expected = Window(day, day) if day <= now else None
    assert window(f"on {day.day} {day:%B} {day.year}", now) == expected
    assert window(f"on {day:%B} {day.day}, {day.year}", now) == expected
    assert window(f"what of {day.isoformat()}?", now) == expected


@given(DAYS, st.sampled_from(["month", "year", "decade"]), st.integers(1, 4))
def test_parts_make_up_the_whole(day: date, unit: str, of: int) -> None:
    whole = calendars.whole(day, unit)
    if unit == "decade":
        whole = date(day.year // 10 * 10, 1, 1), date(day.year // 10 * 10 + 9, 12, 31)
    parts = [calendars.part(whole, number, of) for number in range(1, of + 1)]
    assert parts[0] and parts[-1] and (parts[0][0], parts[-1][1]) == whole
    for before, after in zip(parts, parts[1:], strict=False):
        assert before and after and before[1] + timedelta(1) == after[0]
