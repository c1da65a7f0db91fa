"""The page as a reader has it: in a real browser, by mouse and by keyboard, wide and narrow."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.pipeline import Said
from service.schema import Sentence
from tests.browsing import ask, browsing, seeds_served
from tests.fakes import cite
from tests.fakes_page import ANSWER, HARBOUR, REFUSAL, SENTENCES, TOLD, dateline, page_app
from tests.payloads import PAYLOADS
from tests.serving import running

pytestmark = pytest.mark.browser

COST = "What did the tunnel cost?"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        if found is None:
            pytest.skip("there is no browser: install chromium, or run 'playwright install chromium'")
        yield found


@dataclass
class Watch:
    """What a browser did besides: requests to elsewhere, dialogs, complaints."""

    url: str
    seen: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Note all that should not be."""
        context.on("request", lambda request: self.note_request(request.url))
        context.on("console", lambda said: said.type == "error" and self.seen.append(said.text))
        context.on("dialog", lambda dialog: (self.seen.append(dialog.message), dialog.dismiss()))
        context.on("weberror", lambda error: self.seen.append(str(error.error)))

    def note_request(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:", "about:")):
            self.seen.append(url)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(page_app(dateline(TOLD, pause=0.3))) as url:
        yield url


@pytest.fixture
def watch(address: str) -> Iterator[Watch]:
    watching = Watch(address)
    yield watching
    assert watching.seen == []


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Iterator[Page]:
    with opened(browser, watch) as page:
        yield page
'''
