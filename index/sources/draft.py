"""What a format found in one file or record, and the one way from there to an article."""

from dataclasses import dataclass

from index import dating, facts, furniture, language
from index.dating import Dated
from index.errors import SourceError
from index.schema import Article
from index.sources.cleaning import clean_lines, collapse, one_line
from index.sources.text import split_title, unwrap

ADDRESS = "web address"  # the weakest of all places where a date may stand
MAX_TEXT = 200_000  # characters
MAX_RAW = 5 * MAX_TEXT  # characters before cleaning; bounds the time that cleaning takes


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before its text is cleaned. A title of None may be looked for in the text."""

    text: str
    title: str | None = None
    published: Dated | None = None
    updated: Dated | None = None
    outlet: str | None = None
    agency: str | None = None
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
    published = better(draft.published, found.published)
    updated = _updated(draft.updated or found.updated, published)
    by = draft.author and facts.agency(draft.author)  # "By Reuters": no person
    agency = draft.agency or found.agency or by
    return Article(
        key=key,
        name=name,
        text=text,
        title=title,
        published=published and published.first,
        published_from=published and published.origin,
        published_as=published and (None if len(published.written) == 10 else published.written),
        updated=updated and updated.written,
        updated_from=updated and updated.origin,
        # Without an address nothing tells that anyone else has printed what an agency wrote.
        outlet=draft.outlet or found.outlet or (None if draft.url else agency),
        agency=agency,
        author=(None if by else draft.author) or found.author,
        url=draft.url,
        language=draft.language or language.detect(text),
    )


def better(given: Dated | None, read: Dated | None) -> Dated | None:
    """What was given, unless what the text itself says is better."""
    if given is None or read is None:
        return given or read
    weak = given.origin == ADDRESS or dating.is_within(read.written, given.written)
    # A time in UTC, and beside it the day at the outlet.
    local = dating.is_universal(given.written) and dating.next_door(given.written, read.written)
    return read if weak or local else given


def _updated(given: Dated | None, published: Dated | None) -> Dated | None:
    """Nothing is changed before it has come out."""
    early = given and published and dating.last(given.written) < published.first
    return None if early else given


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
