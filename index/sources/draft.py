"""What a format found in one file or record, and the one way from there to an article."""

from dataclasses import dataclass
from datetime import date

from index import facts, furniture, language
from index.errors import SourceError
from index.schema import Article
from index.sources.cleaning import clean_lines, collapse, one_line
from index.sources.text import split_title, unwrap

MAX_TEXT = 200_000  # characters
MAX_RAW = 5 * MAX_TEXT  # characters before cleaning; bounds the time that cleaning takes


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before its text is cleaned. A title of None may be looked for in the text."""

    text: str
    title: str | None = None
    published: date | None = None
    published_from: str | None = None
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    language: str | None = None


def finish(draft: Draft, key: str, name: str) -> Article:
    """Clean the text, take facts and furniture out of it, and fill in what was not given."""
    check_length(draft.text, MAX_RAW)
    found = facts.read(clean_lines(draft.text))
    title, text = _title(draft.title, unwrap(collapse(furniture.strip(found.text))))
    if not text:
        raise SourceError("the text is empty")
    check_length(text, MAX_TEXT)
    published, published_from = draft.published, draft.published_from
    if published is None:
        published, published_from = found.published, found.published_from
    return Article(
        key=key,
        name=name,
        text=text,
        title=title,
        published=published,
        published_from=published_from,
        outlet=draft.outlet or found.outlet,
        author=draft.author or found.author,
        url=draft.url,
        language=draft.language or language.detect(text),
    )


def check_length(text: str, limit: int) -> None:
    """Refuse a text that is too long for one article."""
    if len(text) > limit:
        raise SourceError(
            f"the text is longer than {limit:,} characters: split it into several articles"
        )


def _title(given: str | None, text: str) -> tuple[str, str]:
    if given is None:
        return split_title(text)
    title = one_line(given)
    first, _, rest = text.partition("\n")
    repeated = first.casefold() == title.casefold()
    return title, rest.strip("\n") if repeated and rest else text
