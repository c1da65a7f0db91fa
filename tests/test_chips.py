"""What was understood, as chips: shown, changed, removed, and escaped."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from index.times import Window
from index.understanding import Understanding
from service.conversation import Frame, Turn, ask_again, converse
from service.desk import Desk
from service.render_chips import days_text, render_chips
from service.schema import Question
from tests.browsing import ask, visit
from tests.fakes import ScriptedPipeline
from tests.fakes_page import ANSWER, TOLD, FakeDateline, dateline, page_app
from tests.payloads import PAYLOADS
from tests.serving import running

TEXT = "What did the tunnel cost in March 2024, says The Harbour Post?"
WINDOW = Window(date(2024, 3, 1), date(2024, 3, 31), "in March 2024")
UNDERSTOOD = Understanding(
    TEXT,
    leans=True,
    window=WINDOW,
    outlets=("The Harbour Post",),
    agencies=("Reuters",),
    names=("Oslo",),
    figures=("412",),
    language="en",
)
CHIPPED = replace(ANSWER, understood=UNDERSTOOD)
TURN = Turn(TEXT, "It cost 412.", "<p>fixed</p>", Question(TEXT), UNDERSTOOD)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2024-03-11", "2024-03-17", "11–17 March 2024"),
        ("2024-03-28", "2024-04-04", "28 March – 4 April 2024"),
        ("2023-12-28", "2024-01-04", "28 December 2023 – 4 January 2024"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2019-01-01", "2019-12-31", "2019"),
        ("1990-01-01", "1999-12-31", "1990–1999"),
        ("2024-03-12", "2024-03-12", "12 March 2024"),
        ("2024-03-12", None, "since 12 March 2024"),
        (None, "2024-03-12", "until 12 March 2024"),
    ],
)
def test_days_in_words(since: str | None, until: str | None, said: str) -> None:
    assert days_text(*(day and date.fromisoformat(day) or None for day in (since, until))) == said


def test_chips_of_the_last_answer_can_be_changed_and_those_of_earlier_ones_not() -> None:
    live, fixed = (render_chips(Question(TEXT), UNDERSTOOD, fixed=fixed) for fixed in (False, True))
    everything = "Asked as:|March 2024|The Harbour Post|Reuters|Oslo|412|English"
    for said in everything.split("|"):
        assert said in live and said in fixed
    assert live.count("<button") == 5 and live.count('type="date"') == 2
    assert "<button" not in fixed and "<input" not in fixed
    assert render_chips(Question(TEXT), None) == ""


def test_what_the_reader_asked_for_alone_is_said() -> None:
    asked = Question(TEXT, since=date(2024, 1, 1), outlets=("Quayside",))
    told = render_chips(asked, UNDERSTOOD)
    assert "only since 1 January 2024" in told and "only <bdi>Quayside</bdi>" in told
    as_of = replace(UNDERSTOOD, window=Window(None, date(2024, 3, 1), "as of 1 March", True))
    assert "as of 1 March 2024" in render_chips(Question(TEXT), as_of)


def test_hostile_names_stay_texts() -> None:
    bad = replace(UNDERSTOOD, text=PAYLOADS[0], outlets=tuple(PAYLOADS), names=tuple(PAYLOADS))
    told = render_chips(Question(TEXT), bad)
    assert "<script" not in told and "<img" not in told and " onerror=" not in told.split('"')


def again(change: dict[str, str], turns: tuple[Turn, ...]) -> tuple[list[Frame], list[Question]]:
    """The frames, and what was asked."""
    pipeline = ScriptedPipeline(TOLD)
    desk: Any = Desk(FakeDateline(pipeline))  # type: ignore[arg-type]

    async def collect() -> list[Frame]:
        return [frame async for frame in ask_again(desk, change, turns)]

    return asyncio.run(collect()), pipeline.asked


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"again": "without", "part": "time"}, {"without": ("time",)}),
        ({"again": "without", "part": "outlets"}, {"without": ("outlets",)}),
        ({"again": "without", "part": "follow_up"}, {"without": ("follow_up",)}),
        ({"again": "outlets"}, {"outlets": ("The Harbour Post",)}),
        (
            {"again": "days", "since": "2024-02-01", "until": ""},
            {"since": date(2024, 2, 1), "without": ("time",)},
        ),
        (
            {"again": "days", "since": "2024-02-02", "until": "2024-02-01"},
            {"since": date(2024, 2, 1), "until": date(2024, 2, 2), "without": ("time",)},
        ),
        ({"again": "nonsense"}, {}),
    ],
)
def test_a_change_asks_the_last_question_again(
    change: dict[str, str], expected: dict[str, Any]
) -> None:
    earlier = replace(TURN, question="Earlier?", asked=Question("Earlier?"))
    frames, asked = again(change, (earlier, TURN))
    assert asked == [replace(Question(TEXT), **expected)]
    assert [turn.question for turn in frames[-1][3]] == ["Earlier?", TEXT]
    assert frames[-1][1] == earlier.html


def test_days_that_are_none_are_told() -> None:
    frames, asked = again({"again": "days", "since": "soon"}, (TURN,))
    assert asked == [] and "“soon” under “From”" in frames[-1][2]
    assert again({"again": "outlets"}, ()) == ([], [])


def test_a_turn_keeps_what_it_asked() -> None:
    pipeline = ScriptedPipeline([CHIPPED])
    desk: Any = Desk(FakeDateline(pipeline))  # type: ignore[arg-type]

    async def last() -> Frame:
        return [frame async for frame in converse(desk, TEXT, "", "", "", (), ())][-1]

    _, _, current, (turn,) = asyncio.run(last())
    assert (turn.asked, turn.understood) == (Question(TEXT), UNDERSTOOD)
    assert "data-again" in current and "data-again" not in turn.html


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_chips_in_the_page_by_keyboard(browser: Browser, width: int) -> None:
    line = dateline([CHIPPED])
    wishes: dict[str, Any] = {"viewport": {"width": width, "height": 740}, "color_scheme": "dark"}
    with running(page_app(line)) as url, visit(browser, url, **wishes) as page:
        ask(page, TEXT)
        chips = page.locator("#current .understood")
        expect(chips).to_contain_text("March 2024")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        chips.locator("summary", has_text="March 2024").focus()
        page.keyboard.press("Enter")
        page.get_by_label("From", exact=True).first.fill("2024-02-01")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Enter")
        expect(chips).to_contain_text("only 1 February – 31 March 2024")
        expect(chips).to_be_focused()
        page.get_by_role("button", name="Ask again without the time").press("Enter")
        expect(page.locator("#earlier .turn")).to_have_count(0)
        expect(chips).not_to_contain_text("only 1 February")
        page.get_by_role("button", name="Ask again without The Harbour Post").press("Enter")
        asked = line.pipeline.asked  # type: ignore[attr-defined]
        for _ in range(100):
            if len(asked) < 4:
                page.wait_for_timeout(100)
    assert [(str(q.since), str(q.until), q.without) for q in asked] == [
        ("None", "None", ()),
        ("2024-02-01", "2024-03-31", ("time",)),
        ("None", "None", ("time",)),
        ("None", "None", ("time", "outlets")),
    ]
