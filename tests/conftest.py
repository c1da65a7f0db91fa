"""What the tests of several files are given. A file that wants it otherwise has its own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a test that asks for none of this does not load it
    from playwright.sync_api import Browser
    from starlette.testclient import TestClient

    from index.archive import Archive
    from service.app import Dateline
    from tests.fakes import ScriptedPipeline


gc.disable()  # what loads stays: looking through it for rubbish takes longer than some tests


def pytest_collection_finish() -> None:
    """Look for rubbish from now on, but not among all that was loaded."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; without one the test is skipped, and says so."""
    from tests.browsing import browsing

    with browsing() as found:
        if found is None:
            pytest.skip(
                "there is no browser: install chromium or run 'playwright install chromium'"
            )
        yield found


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    """Answers every question as its script says."""
    from tests.fakes import ScriptedPipeline

    return ScriptedPipeline()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of two articles, for tests that leave it as it was."""
    from tests.fakes import small_archive

    with small_archive(tmp_path_factory.mktemp("shared")) as archive:
        yield archive


@pytest.fixture
def line(shared: Archive, pipeline: ScriptedPipeline) -> Dateline:
    """The scripted pipeline over the shared archive."""
    from tests.fakes import dateline

    return dateline(shared, pipeline)


@pytest.fixture
def client(line: Dateline) -> TestClient:
    """Asks that pipeline over HTTP."""
    from starlette.testclient import TestClient

    from service.api import create_api

    return TestClient(create_api(line), "http://localhost", raise_server_exceptions=False)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Archive]:
    """The same two articles, for a test that changes them."""
    from tests.fakes import small_archive

    with small_archive(tmp_path) as archive:
        yield archive


@pytest.fixture
def writer(own: Archive) -> TestClient:
    """Asks over that archive."""
    from starlette.testclient import TestClient

    from service.api import create_api
    from tests.fakes import dateline

    return TestClient(create_api(dateline(own)), "http://localhost")
