"""Sets that grow from the page, in a real browser: an answer is judged, and drafts are decided."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect

from evals import deciding
from evals.case import load
from index.archive import Archive
from service.server import build
from tests.browsing import ask, visit
from tests.fakes import BUDGET, REFUSAL, TOLD, ScriptedPipeline, dateline, small_archive
from tests.fakes_page import in_loop
from tests.serving import running
from tests.test_browser import CONTRAST, PHONE
from tests.test_proposing import QUOTE, draft, write

pytestmark = pytest.mark.browser

TAXES, RENTS = "What happens to taxes?", "What of the rents?"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path) as archive:
        (tmp_path / "sets").mkdir()
        write(tmp_path / "sets" / "drafts.jsonl", draft("d0"), draft("d1"))
        yield archive


@pytest.fixture
def url(archive: Archive, tmp_path: Path) -> Iterator[str]:
    async def made() -> FastAPI:
        pipeline = ScriptedPipeline(TOLD, [TOLD, [REFUSAL], TOLD])
        return build(dateline(archive, pipeline, runs=tmp_path / "runs"), None, deciding)

    with running(in_loop(made())) as address:
        yield address


def said(page: Page, words: str, place: str = "#current") -> None:
    expect(page.locator(f"{place} .judging [role=status]")).to_contain_text(words)


def test_an_answer_is_judged_and_its_case_accepted(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    with visit(browser, url) as page:
        ask(page, TAXES)
        right = page.get_by_role("button", name="This is right")
        right.click()
        said(page, "Thank you.")
        expect(right).to_have_attribute("aria-pressed", "true")
        ask(page, RENTS)
        said(page, "Thank you.", "#earlier")  # it is remembered where the turn stands now
        page.get_by_role("tab", name="Evaluation").click()
        expect(page.locator("#draft mark").first).to_have_text(QUOTE)
        expect(page.get_by_label("Question", exact=True)).to_have_value(TAXES)
        page.locator("#draft").get_by_role("link", name=BUDGET.title).click()
        mark = page.frame_locator("#panel iframe").locator("mark#quote")
        expect(mark).to_have_text(QUOTE)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Accept").click()
        expect(page.locator("#draft")).to_contain_text("Accepted into feedback-accepted.jsonl.")
        (case,) = load(tmp_path / "sets" / "feedback-accepted.jsonl")
        assert case.question == TAXES and case.evidence[0].quote == QUOTE

        # On with the drafts, edited and into a set of another name.
        expect(page.get_by_label("Question", exact=True)).to_have_value("Question d0?")
        into = page.get_by_label("Into the set")
        into.fill("mine")
        into.press("Enter")
        expect(page.locator("#draft")).to_contain_text("2 to decide")
        page.get_by_label("Question", exact=True).fill("By how much do taxes rise?")
        page.get_by_role("button", name="Accept").click()
        expect(page.locator("#draft")).to_contain_text("Accepted into mine.jsonl.")
        page.get_by_role("button", name="Reject").click()
        expect(page.locator("#draft")).to_contain_text("Nothing waits for a decision.")
        expect(page.get_by_role("button", name="Accept")).to_be_hidden()
    (case,) = load(tmp_path / "sets" / "mine.jsonl")
    assert (case.id, case.question, case.status) == ("d0", "By how much do taxes rise?", None)
    assert [c.status for c in load(tmp_path / "sets" / "drafts.jsonl")] == ["rejected"]


def test_a_wrong_answer_is_put_right(browser: Browser, url: str, tmp_path: Path) -> None:
    with visit(browser, url, **PHONE) as page:
        ask(page, TAXES)
        page.get_by_role("button", name="This is wrong").click()
        said(page, "What would be right?")
        page.get_by_label("The right answer").fill("2 percent")
        ask(page, RENTS)
        box = page.locator("#earlier").get_by_label("The right answer")
        expect(box).to_have_value("2 percent")  # nothing that was written is lost
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("#earlier").get_by_role("button", name="Send").click()
        said(page, "kept with what you said", "#earlier")
        expect(box).to_have_count(0)
        ask(page, "A third?")  # which is refused
        wrong = page.locator("#current").get_by_role("button", name="This is wrong")
        wrong.click()
        said(page, "What would be right?")
        expect(page.locator("#current").get_by_label("The articles do not say")).to_have_count(0)
        ask(page, "A fourth?")
        page.locator("#current").get_by_role("button", name="This is wrong").click()
        page.locator("#current").get_by_label("The articles do not say").check()
        expect(page.locator("#current").get_by_label("The right answer")).to_be_disabled()
        page.locator("#current").get_by_role("button", name="Send").click()
        said(page, "kept with what you said")
        page.get_by_role("tab", name="Evaluation").click()
        expect(page.get_by_label("Question", exact=True)).to_have_value("A fourth?")
        expect(page.locator("#unsettled")).to_contain_text("1 to be looked at")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drafts = load(tmp_path / "sets" / "feedback.jsonl")
    assert [(c.question, c.facts, c.answerable) for c in drafts] == [
        ("A fourth?", (), False),
        (TAXES, (("2 percent",),), True),
    ]
    assert [evidence.quote for evidence in drafts[1].evidence] == [QUOTE]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read(browser: Browser, url: str, scheme: str) -> None:
    with visit(browser, url, color_scheme=scheme) as page:
        ask(page, TAXES)
        page.get_by_role("button", name="This is wrong").click()
        said(page, "What would be right?")
        judging = page.locator(".judging :is(button, label, textarea, [role=status]):visible").all()
        assert len(judging) > 6
        readable(judging)
        page.get_by_role("tab", name="Evaluation").click()
        expect(page.locator("#draft mark")).to_be_visible()
        parts = "#draft :is(p, a, mark, blockquote), #unsettled summary, #decision button"
        readable(page.locator(f":is({parts}):visible").all())


def readable(parts: list[Locator]) -> None:
    for part in parts:
        contrast, _ = part.evaluate(CONTRAST)
        assert contrast >= 4.5, part.evaluate("e => e.outerHTML")
