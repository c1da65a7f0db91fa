"""What the tests of several files are given."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browsing import browsing


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; without one the test is skipped, and says so."""
    with browsing() as found:
        if found is None:
            pytest.skip(
                "there is no browser: install chromium or run 'playwright install chromium'"
            )
        yield found
