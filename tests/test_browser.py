"""The page as a reader has it: in a real browser, by mouse and by keyboard, wide and narrow."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Gate

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, FilePayload, Page, expect

from index.archive import Archive
from service.render import place_link
from service.schema import Answer, Sentence
from service.server import build
from tests.browsing import ask, seeds_served, visit
from tests.embedders import HashingEmbedder
from tests.fakes import ScriptedPipeline, cite, hit
from tests.fakes import dateline as on_shelf
from tests.fakes_page import (
    ANSWER,
    HARBOUR,
    REFUSAL,
    SENTENCES,
    TOLD,
    dateline,
    in_loop,
    page_app,
)
from tests.payloads import PAYLOADS
from tests.serving import running

pytestmark = pytest.mark.browser

COST = "What did the tunnel cost?"
QUOTE = "It cost 412 million crowns"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(page_app(dateline(TOLD))) as address:
        yield address


def in_view(page: Page) -> bool:
    """Whether the marked passage stands in what is to be seen of the panel."""
    mark = page.frame_locator("#panel iframe").locator("mark#quote")
    expect(mark).to_contain_text(QUOTE)
    return bool(
        mark.evaluate(
            "m => { const r = m.getBoundingClientRect();"
            " return r.top >= 0 && r.bottom <= m.ownerDocument.defaultView.innerHeight }"
        )
    )


def test_sentences_come_one_by_one_and_lead_to_their_passages(browser: Browser) -> None:
    gate = Gate()
    line = dateline([TOLD[0], gate, *TOLD[1:]])
    with running(page_app(line)) as url, visit(browser, url) as page:
        page.get_by_label("Your question").fill(COST)
        page.get_by_role("button", name="Ask", exact=True).click()
        current = page.locator("#current")
        expect(current).to_contain_text(SENTENCES[0].text)
        expect(current).not_to_contain_text(SENTENCES[1].text)
        gate.set()
        expect(current.locator(".fine")).to_contain_text("a-model")
        expect(page.get_by_label("Your question")).to_have_value("")
        expect(current.locator("section")).to_have_attribute("aria-live", "polite")
        chip = current.get_by_role("link", name="Source 1: Harbour tunnel")
        chip.click()
        assert in_view(page)
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_be_hidden()
        expect(chip).to_be_focused()


def test_the_panel_leaves_the_way_back_alone(browser: Browser, url: str) -> None:
    with visit(browser, url) as page:
        ask(page, COST)
        before = page.evaluate("history.length")
        for number in ("1", "2", "1", "1"):
            page.locator("#current .chip", has_text=number).click()
            mark = page.frame_locator("#panel iframe").locator("mark#quote")
            expect(mark).to_contain_text(QUOTE if number == "1" else "trams will run")
        assert page.evaluate("history.length") == before
        page.locator("#panel").get_by_role("button", name="Close").click()
        expect(page.locator("#panel")).to_be_hidden()


def test_a_conversation_grows_and_begins_anew(browser: Browser) -> None:
    with (
        running(page_app(dateline(TOLD, [REFUSAL]))) as url,
        visit(browser, url) as page,
    ):
        ask(page, COST)
        ask(page, "Who won the chess prize?")
        earlier, current = page.locator("#earlier"), page.locator("#current")
        expect(earlier).to_contain_text(COST)
        expect(earlier.locator(".sources")).to_contain_text(QUOTE)
        expect(current).to_contain_text("Not in these articles.")
        current.get_by_role("link", name="Last ferry").click()
        article = page.frame_locator("#panel iframe")
        expect(article.get_by_role("heading", name="Last ferry")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".turn")).to_have_count(0)
        expect(page.locator(".opening")).to_be_visible()


def test_filters_and_wrong_dates(browser: Browser) -> None:
    line = dateline(TOLD)
    with running(page_app(line)) as url, visit(browser, url) as page:
        page.get_by_role("button", name="Filters").click()
        page.get_by_label("From").fill("last spring")
        ask(page, COST)
        expect(page.get_by_role("alert")).to_contain_text("“last spring” under “From”")
        expect(page.get_by_label("Your question")).to_have_value(COST)
        page.get_by_label("From").fill("2024-01-01")
        page.get_by_label("Outlets").click()
        page.get_by_role("option", name="The Harbour Post").click()
        page.keyboard.press("Escape")
        ask(page, COST)
        expect(page.get_by_role("alert")).to_have_count(0)
    asked = line.pipeline.asked  # type: ignore[attr-defined]
    assert [(str(q.since), q.outlets) for q in asked] == [("2024-01-01", ("The Harbour Post",))]


def test_everything_by_keyboard(browser: Browser, url: str) -> None:
    with visit(browser, url) as page:
        page.get_by_label("Your question").focus()
        page.keyboard.type(COST)
        page.keyboard.press("Enter")
        page.locator("#current .fine").wait_for()
        reached = []
        for _ in range(12):
            page.keyboard.press("Shift+Tab")
            reached.append(page.evaluate("document.activeElement.textContent.trim()"))
            style = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle + s.boxShadow }"
            )
            assert style != "nonenone", f"{reached[-1]} does not show that it has the focus"
            if reached[-1] == "1":
                break
        assert reached[-1] == "1" and "2" in reached, reached
        page.keyboard.press("Enter")
        assert in_view(page)
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.className") == "chip"


def test_a_narrow_window_has_all_of_it(browser: Browser, url: str) -> None:
    with visit(browser, url, **PHONE) as page:

        def fits() -> bool:
            return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

        assert fits()
        page.get_by_role("button", name="Filters").click()
        assert fits()
        page.get_by_role("button", name="Filters").click()
        ask(page, COST)
        assert fits()
        page.locator("#current .chip").first.click()
        assert in_view(page)
        box = page.locator("#panel").bounding_box()
        assert box and (box["x"], box["width"]) == (0, 360)
        assert page.evaluate("document.querySelector('gradio-app').inert")
        page.get_by_role("button", name="Close").click()
        assert not page.evaluate("document.querySelector('gradio-app').inert")
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator(".articles li")).to_have_count(3)
        assert fits()


CONTRAST = """element => {
  const channels = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = color => channels(color).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const clear = color => color === "rgba(0, 0, 0, 0)" || color === "transparent";
  let ground = element;
  while (ground.parentElement && clear(getComputedStyle(ground).backgroundColor))
    ground = ground.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor]
    .map(light).sort((a, b) => b - a);
  return [(a + 0.05) / (b + 0.05), light(getComputedStyle(ground).backgroundColor)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read(browser: Browser, url: str, scheme: str) -> None:
    with visit(browser, url, color_scheme=scheme) as page:
        ask(page, COST)
        page.locator("#current .chip").first.click()
        article = page.frame_locator("#panel iframe")
        expect(article.locator("mark#quote")).to_be_visible()
        parts = (
            "h1, h2, h3, .answer, .chip, .place, .place a, .original, .fine, summary, #new, #ask"
        )
        found = page.locator(f":is({parts}):visible").all()
        found += article.locator("h1, p, a, mark, .byline").locator("visible=true").all()
        assert len(found) > 15
        for part in found:
            contrast, ground = part.evaluate(CONTRAST)
            assert contrast >= 4.5, part.evaluate("e => e.outerHTML")
            button = part.evaluate("e => e.id === 'ask' || e.localName === 'mark'")
            assert button or (ground < 0.1) == (scheme == "dark")


def test_hostile_texts_stay_texts(browser: Browser) -> None:
    bad = " ".join(PAYLOADS).replace("\ud800", "")
    article = replace(HARBOUR, title=bad, outlet=bad, author=bad, text=bad, url=PAYLOADS[9])
    answer: Answer = replace(
        ANSWER,
        sentences=(Sentence(bad, (1,)),),
        citations=(replace(cite(1, article, bad)),),
        hits=(hit(article),),
        answerer=bad,
        notes=(bad,),
        dropped=(bad,),
    )
    line = dateline([answer])
    line.archive.kept[:] = [article]  # type: ignore[attr-defined]
    with running(page_app(line)) as url, visit(browser, url) as page:
        page.get_by_label("Your question").fill(bad.replace("\n", " ").replace("\0", "")[:3900])
        page.keyboard.press("Enter")
        page.locator("#current .fine").wait_for()
        assert (
            page.locator(".turn :is(img, script, iframe, form, svg, object, a[onclick])").count()
            == 0
        )
        page.locator("#current .chip").click()
        expect(page.frame_locator("#panel iframe").locator("h1")).to_contain_text("<script>")
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator(".articles li")).to_have_count(1)


def test_the_list_is_made_anew_when_it_is_opened(browser: Browser) -> None:
    line = dateline(TOLD)
    with running(page_app(line)) as url, visit(browser, url) as page:
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator(".articles li")).to_have_count(3)
        line.archive.kept.append(replace(HARBOUR, key="new", title="New"))  # type: ignore[attr-defined]
        page.get_by_role("tab", name="Ask").click()
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator(".articles li")).to_have_count(4)
        page.get_by_role("link", name="Last ferry").click()
        expect(page.frame_locator("#panel iframe").locator("h1")).to_contain_text("Last ferry")


def test_without_script_a_citation_is_a_page(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    citation = ANSWER.citations[0]
    link = f"/articles/{HARBOUR.id}?start={citation.start}&end={citation.end}#quote"
    page.goto(f"{url}{link}")
    expect(page.locator("mark#quote")).to_have_text(citation.quote)
    context.close()


OLD = "The tunnel cost 412 million crowns.\n\nTrams will run through it from June.\n"
NEW = OLD.replace("412", "450")


DROP = """([name, text]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  for (const kind of ["dragover", "drop"])
    document.querySelector("#uploads strong").dispatchEvent(
      new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""


def send(page: Page, files: list[tuple[str, str]]) -> None:
    page.get_by_role("tab", name="Articles").click()
    given = [FilePayload(name=n, mimeType="text/plain", buffer=t.encode()) for n, t in files]
    page.locator("#uploads input").set_input_files(given)


def test_a_file_that_changed_leaves_old_citations_as_they_were(
    browser: Browser, tmp_path: Path
) -> None:
    pipeline = ScriptedPipeline()

    async def built(archive: Archive) -> FastAPI:
        return build(on_shelf(archive, pipeline))

    with Archive(tmp_path, HashingEmbedder()) as archive:
        with running(in_loop(built(archive))) as url, visit(browser, url) as page:
            told = page.locator("#uploads li")
            send(page, [("tunnel.txt", OLD), ("empty.txt", " "), ("<b>.zip", "PK")])
            added = told.filter(has_text="tunnel.txt")
            expect(added).to_contain_text("added", timeout=60_000)  # the splitter is loaded first
            expect(told.filter(has_text="empty.txt")).to_contain_text("failed: is empty")
            expect(told.filter(has_text="<b>.zip")).to_contain_text("not a supported type")
            expect(page.locator("#listing li")).to_have_count(1)
            cited = cite(1, archive.get("tunnel.txt"), "The tunnel cost 412 million crowns.")
            pipeline.script = [replace(ANSWER, citations=(cited,), sentences=SENTENCES[:1])]
            page.get_by_role("tab", name="Ask").click()
            ask(page, COST)
            page.get_by_role("tab", name="Articles").click()
            page.evaluate(DROP, ["tunnel.txt", NEW])
            expect(told.first).to_contain_text("changed")
            page.get_by_role("tab", name="Ask").click()
            page.locator("#current .chip").click()
            article = page.frame_locator("#panel iframe")
            expect(article.locator("mark#quote")).to_have_text(cited.quote)
            expect(article.locator(".changes")).to_contain_text("earlier version")
            expect(article.locator(".changes summary")).to_contain_text("Changed on")
            expect(article.locator("del")).to_have_text("412")
            expect(article.locator("ins")).to_have_text("450")
            article.get_by_role("link", name="Read it as it is now").click()
            expect(article.locator("main")).to_contain_text("450 million")
            expect(article.locator("mark")).to_have_count(0)
            check_dark_and_narrow(browser, url + place_link(cited.article, 0, 3))


def check_dark_and_narrow(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in page.locator("del, ins, summary, .diff, .changes p, .changes a").all():
        contrast, _ = part.evaluate(CONTRAST)
        assert contrast >= 4.5, part.evaluate("e => e.outerHTML")
    context.close()


@pytest.mark.real
def test_the_starter_archive_answers(browser: Browser, tmp_path: Path) -> None:
    with seeds_served(tmp_path) as url, visit(browser, url) as page:
        expect(page.locator(".opening")).to_contain_text("5 articles")
        ask(page, "How many minerals belong to the rare earths?")
        page.locator("#current .chip").first.click()
        mark = page.frame_locator("#panel iframe").locator("mark#quote")
        expect(mark).to_contain_text("17 minerals")
        page.keyboard.press("Escape")
        ask(page, "What is the boiling point of ethanol?")
        expect(page.locator("#current")).to_contain_text("Not in these articles.")
        assert page.locator("#current .nearest li").count() >= 3
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator(".articles li")).to_have_count(5)
