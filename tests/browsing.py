"""A real browser, and the page over the starter archive."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Playwright, sync_playwright

from index.ingest import Report, find, ingest, read
from service.app import Dateline, assemble, open_archive
from service.server import build
from service.settings import load
from tests.fakes_page import in_loop
from tests.serving import running

SEEDS = Path(__file__).parent.parent / "seeds"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def browser_path(playwright: Playwright) -> str | None:
    """The system's Chromium, or the one that Playwright installed, if there is either."""
    own = playwright.chromium.executable_path
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), own if Path(own).exists() else None)


@contextmanager
def browsing() -> Iterator[Browser | None]:
    """A browser without a window, or None where there is none."""
    with sync_playwright() as playwright:
        path = browser_path(playwright)
        if path is None:
            yield None
            return
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def seeds_served(folder: Path) -> Iterator[str]:
    """The whole service over the starter archive, which is ingested into the folder."""

    async def made() -> tuple[Dateline, FastAPI]:
        settings = load(data=folder)
        line = assemble(settings, open_archive(settings))
        return line, build(line)

    line, app = in_loop(made())
    try:
        for _ in ingest(read(find([SEEDS])[0]), line.archive, Report()):
            pass
        with running(app) as url:
            yield url
    finally:
        in_loop(line.pipeline.answerer.close())
        line.archive.close()


@contextmanager
def visit(browser: Browser, url: str, **wishes: Any) -> Iterator[Page]:
    """The page in a browser of its own, which may ask nothing of others and has no complaints."""
    unwanted: list[str] = []

    def note_request(address: str) -> None:
        if not address.startswith((url, "data:", "blob:", "about:")):
            unwanted.append(address)

    def note_said(said: ConsoleMessage) -> None:
        # Gradio's script may cancel a call that has just ended, and is told so; files are refused.
        harmless = re.search("/(cancel|reset)$|/v1/files/", said.location["url"])
        if said.type == "error" and not harmless:
            unwanted.append(f"{said.text} ({said.location['url']})")

    def note_dialog(dialog: Dialog) -> None:
        unwanted.append(dialog.message)
        dialog.dismiss()

    context = browser.new_context(**wishes)
    context.on("request", lambda request: note_request(request.url))
    context.on("console", note_said)
    context.on("weberror", lambda error: unwanted.append(str(error.error)))
    context.on("dialog", note_dialog)
    page = context.new_page()
    page.goto(url)
    page.locator(".opening").wait_for()
    try:
        yield page
    finally:
        context.close()
    assert not unwanted, unwanted


def ask(page: Page, question: str) -> None:
    """Type the question, send it with Enter, and wait for the whole answer."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    answered = page.locator("#current .turn.done", has_text=question)
    answered.locator(".fine, .failure").wait_for()
