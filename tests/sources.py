"""Files to read, and what is read from them."""

from pathlib import Path

from index.errors import SourceError
from index.schema import Article
from index.sources import html, read
from index.sources.cleaning import clean_lines
from index.sources.draft import finish

DATA = Path(__file__).parent / "data"
SENTENCE = "The ferry company will buy two electric ships, the board decided on Monday."


def fold(text: str) -> str:
    return " ".join(clean_lines(text).split())


def only(path: Path) -> Article:
    (article,) = read(path)
    assert isinstance(article, Article), article
    return article


def from_html(data: bytes, url: str | None = None) -> Article:
    return finish(html.read(data, url), "k", "n")


def fault(path: Path) -> str:
    (error,) = read(path)
    assert isinstance(error, SourceError)
    return str(error)
