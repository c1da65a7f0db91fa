"""Report, comparison and the Evaluation tab in a real browser, wide and narrow, by keyboard too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from evals.case import Case, Evidence
from evals.run import run
from service.eval_cli import compared
from tests.askers import CONFIG, FakeAsker, some
from tests.browsing import visit
from tests.fakes_page import TOLD, dateline, in_loop, page_app
from tests.payloads import PAYLOADS
from tests.serving import running
from tests.test_browser import CONTRAST, PHONE
from tests.test_eval_outputs import Sure

pytestmark = pytest.mark.browser
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
NARROW: dict[str, Any] = PHONE
WRONG = [f"Tell {n}" for n in (0, 3, 6)]


def measure(
    cases: list[Case], out: Path, asker: FakeAsker, config: Mapping[str, str] = CONFIG
) -> None:
    in_loop(run(cases, asker, out, config=config, progress=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of many questions, and a comparison."""
    runs = tmp_path_factory.mktemp("runs")
    measure(some(300), runs / "a", FakeAsker(wrong=WRONG[:1]))
    measure(some(300), runs / "b", Sure(wrong=WRONG, broken=["Tell 5"]))
    (runs / "compared.html").write_text(compared(runs / "a", runs / "b"))
    return runs


@contextmanager
def opened(browser: Browser, path: Path, fragment: str = "", **wishes: Any) -> Iterator[Page]:
    """A page from the disk, that asks nothing of a network and says nothing in the console."""
    unwanted: list[str] = []

    def note(said: str) -> None:
        unwanted.append(said)

    context = browser.new_context(offline=True, **wishes)
    context.on("request", lambda asked: None if asked.url.startswith("file:") else note(asked.url))
    context.on("console", lambda said: note(said.text))
    context.on("weberror", lambda error: note(str(error.error)))
    context.on("dialog", lambda dialog: note(dialog.message))
    page = context.new_page()
    page.goto(path.as_uri() + fragment)
    try:
        yield page
    finally:
        context.close()
    assert not unwanted, unwanted


def rows(page: Page) -> Any:
    return page.locator(".cases tbody > tr:visible:not(.detail)")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_questions_are_filtered_and_opened(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "b" / "report.html", **WIDE) as page:
        expect(page.locator("output")).to_have_text("300 shown")
        assert page.locator("figure svg").count() == 4 and page.locator(".detail").count() == 0
        page.get_by_label("Right", exact=True).select_option("wrong")
        expect(page.locator("output")).to_have_text("4 shown")
        page.get_by_label("What happened", exact=True).select_option("dropped by the check")
        expect(page.locator("output")).to_have_text("3 shown")
        page.get_by_label("Words or id").fill("tell nothing q3")
        expect(rows(page)).to_have_count(1)
        page.get_by_role("button", name="Tell 3", exact=True).click()
        detail = page.locator(".detail")
        expect(detail).to_contain_text("Dropped by the check: The check took out: Perhaps fact 3.")
        expect(detail.locator("blockquote mark")).to_have_text("Gold")
        expect(detail.locator(".passages mark")).to_have_text("Gold 3.")
        expect(detail).to_contain_text("rank 1 3.md: Gold 3.")
        page.get_by_role("button", name="Tell 3", exact=True).click()
        expect(detail).to_have_count(0)
        page.get_by_label("Words or id").fill("nothing like it")
        expect(page.locator(".none")).to_be_visible()
        page.get_by_label("Words or id").fill("")
        page.get_by_label("What happened", exact=True).select_option("failed")
        page.get_by_role("button", name="Tell 5", exact=True).click()
        expect(detail).to_contain_text("RuntimeError: The model fell <over>")


def test_questions_are_sorted(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "b" / "report.html", **WIDE) as page:
        sure = page.get_by_role("button", name="Sure")
        first = rows(page).first
        sure.click()
        expect(first.locator(".sure")).to_have_text("0.00")
        sure.click()
        expect(first.locator(".sure")).to_have_text("0.89")
        expect(page.locator("th.sure")).to_have_attribute("aria-sort", "descending")
        page.get_by_role("button", name="What happened").click()
        expect(first.locator(".outcome")).to_have_text("dropped by the check")
        first.locator("button").click()
        page.get_by_role("button", name="Question", exact=True).click()
        texts = rows(page).locator("td.question button").all_text_contents()
        assert texts[:5] == ["Tell 0", "Tell 1", "Tell 2", "Tell 3", "Null 4"]
        after = page.locator(".detail").evaluate(
            "d => d.previousElementSibling.querySelector('button').id"
        )
        assert after == "case-q0"  # what is open goes along


def test_by_keyboard_and_by_link(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "b" / "report.html", "#case-q7", **WIDE) as page:
        expect(page.locator("tr:has(#case-q7) + .detail")).to_be_visible()
        here = "document.activeElement.textContent"
        assert page.evaluate(here) == "Tell 7"
        page.keyboard.press("ArrowDown")
        assert page.evaluate(here) == "Tell 8"
        page.keyboard.press("Enter")
        expect(page.locator("tr:has(#case-q8) + .detail")).to_be_visible()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        expect(page.locator("tr:has(#case-q7) + .detail")).to_have_count(0)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"


@pytest.mark.parametrize("file", ["b/report.html", "compared.html"])
def test_a_telephone_has_all_of_it(browser: Browser, folder: Path, file: str) -> None:
    with opened(browser, folder / file, **NARROW) as page:
        assert fits(page)
        rows(page).first.locator("button").tap()
        expect(page.locator(".detail")).to_be_visible()
        for fold in page.locator(".fold > summary").all():
            fold.tap()
        assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read(browser: Browser, folder: Path, scheme: str) -> None:
    with opened(browser, folder / "b" / "report.html", color_scheme=scheme, **WIDE) as page:
        page.get_by_label("Right", exact=True).select_option("wrong")
        rows(page).first.locator("button").click()
        parts = "h1, h2, h3, p, li, .good, .bad, .soft, .label, mark, td, th, summary, figcaption"
        found = page.locator(f":is({parts}):visible").all()
        assert len(found) > 60
        for part in found:
            contrast, _ = part.evaluate(CONTRAST)
            assert contrast >= 4.5, part.evaluate("e => e.outerHTML")


def test_a_comparison_shows_both_answers(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "compared.html", **WIDE) as page:
        expect(page.get_by_role("heading", name="a and b", exact=True)).to_be_visible()
        expect(rows(page)).to_have_count(2)
        page.get_by_role("button", name="Tell 3", exact=True).click()
        sides = page.locator(".detail .sides > div")
        expect(sides.nth(0)).to_contain_text("The answer to 3 is fact 3.")
        expect(sides.nth(1)).to_contain_text("The answer to 3 is nothing.")


def test_hostile_texts_stay_texts(browser: Browser, tmp_path: Path) -> None:
    bad = [text.replace("\ud800", "").replace("\0", "") for text in PAYLOADS]
    cases = [
        Case(text, f"Tell {text} 1", text, text, facts=((text,),), evidence=(Evidence(text, text),))
        for text in dict.fromkeys(bad)
        if text.strip()
    ]
    measure(cases, tmp_path / "run", FakeAsker(), {text: text for text in bad})
    with opened(browser, tmp_path / "run" / "report.html", **WIDE) as page:
        for button in page.locator(".cases td.question button").all():
            button.click()
        assert page.locator("main :is(img, iframe, script, object, a[onclick])").count() == 0
        assert page.locator(".detail").count() == len(cases)


def test_the_tab_leads_to_reports_and_comparisons(browser: Browser, folder: Path) -> None:
    (folder / "odd").mkdir(exist_ok=True)
    (folder / "odd" / "summary.json").write_text("{")
    app = page_app(dateline(TOLD), folder, compared)
    with running(app) as url, visit(browser, url, **WIDE) as page:
        page.get_by_role("tab", name="Evaluation").click()
        measured = page.locator("#measured")
        expect(measured).to_contain_text("300 questions")
        expect(measured.locator(".broken")).to_contain_text("odd: Its summary.json is damaged")
        expect(measured.get_by_role("img", name="Right: ")).to_be_visible()
        measured.get_by_label("b as A").check()
        measured.get_by_label("a as B").check()
        with page.context.expect_page() as opening:
            measured.get_by_role("button", name="Compare A with B").click()
        other = opening.value
        expect(other.get_by_role("heading", name="b and a", exact=True)).to_be_visible()
        other.get_by_role("button", name="Tell 3", exact=True).click()
        expect(other.locator(".detail")).to_be_visible()
        with page.context.expect_page() as opening:
            measured.get_by_role("link", name="b", exact=True).click()
        report = opening.value
        report.get_by_role("button", name="Tell 3", exact=True).click()
        expect(report.locator(".detail")).to_be_visible()
        assert report.evaluate("origin") == "null"  # the report cannot reach what is ours


def test_the_tab_on_a_telephone(browser: Browser, folder: Path) -> None:
    with running(page_app(dateline(TOLD), folder, compared)) as url:
        with visit(browser, url, **NARROW) as page:
            page.get_by_role("tab", name="Evaluation").click()
            expect(page.locator("#measured")).to_contain_text("300 questions")
            assert fits(page)
