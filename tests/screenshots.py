"""Pictures of the page over the starter archive: `python -m tests.screenshots`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browsing import ask, browsing, seeds_served, visit

PICTURES = Path(__file__).parent.parent / "docs"
MOST = 250_000  # bytes of a picture
WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "device_scale_factor": 2}

SOYBEANS = "How many tons of soybeans did Liu He say China would buy?"
MARKETS = "How much did the KOSPI gain after the Malaysia talks?"
FENTANYL = "What steps against fentanyl did Beijing agree to in Malaysia?"


def main() -> None:
    """Take them all."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, seeds_served(Path(folder)) as url, browsing() as browser:
        if browser is None:
            sys.exit("There is no browser: install chromium or run 'playwright install chromium'.")
        take_wide(browser, url)
        take_others(browser, url)


def take_wide(browser: Browser, url: str) -> None:
    """An answer with its article beside it, and a refusal."""
    with visit(browser, url, **WIDE) as page:
        ask(page, MARKETS)
        open_passage(page)
        save(page, "answer")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New conversation").click()
        ask(page, FENTANYL)
        save(page, "refusal")


def take_others(browser: Browser, url: str) -> None:
    """A telephone, and the dark."""
    with visit(browser, url, **PHONE) as page:
        ask(page, SOYBEANS)
        save(page, "phone")
    with visit(browser, url, **WIDE, color_scheme="dark") as page:
        ask(page, SOYBEANS)
        open_passage(page)
        save(page, "dark")


def open_passage(page: Page) -> None:
    """Follow the first citation."""
    page.locator("#current .chip").first.click()
    page.frame_locator("#panel iframe").locator("mark#quote").wait_for()


def save(page: Page, name: str) -> None:
    """Write the picture once all has come to rest."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.quantize(200).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path}: {size:,} bytes")
    if size > MOST:
        sys.exit(f"{path.name} is too large.")


if __name__ == "__main__":
    main()
