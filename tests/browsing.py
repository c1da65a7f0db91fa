"""A real browser, and the page over the starter archive."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from index.ingest import Report, find, ingest
from service.app import Dateline, assemble, open_archive
from service.server import build
from service.settings import Settings
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
        settings = Settings(data=folder)
        line = assemble(settings, open_archive(settings))
        return line, build(line)

    line, app = asyncio.run(made())
    try:
        for _ in ingest(find([SEEDS])[0], line.archive, Report()):
            pass
        with running(app) as url:
            yield url
    finally:
        asyncio.run(line.close())


def ask(page: Page, question: str) -> None:
    """Type the question, send it with Enter, and wait for the whole answer."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    answered = page.locator("#current .turn.done", has_text=question)
    answered.locator(".fine, .failure").wait_for()
