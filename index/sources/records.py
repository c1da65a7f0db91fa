"""One record, as it stands on a corpus line or comes over HTTP, to one article."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from index import dating
from index.dating import Dated
from index.errors import SourceError
from index.schema import Article
from index.sources.cleaning import one_line
from index.sources.draft import Draft, finish

MAX_FIELD = 1000  # characters of anything but the text
NO_DATE = "is not an ISO date such as 2024-05-01"


def from_record(
    record: Mapping[str, object], key: str, name: str, origin: str = "record"
) -> Article:
    """The article in a record; a SourceError names every field that is wrong."""
    return finish(to_draft(record, origin), key, name)


def to_draft(record: Mapping[str, object], origin: str) -> Draft:
    """Check a record; `origin` is what a date in it is said to come from."""
    try:
        given = Record.model_validate(dict(record))
    except ValidationError as error:
        raise SourceError("; ".join(dict.fromkeys(map(_fault, error.errors())))) from None
    return Draft(
        text=given.text,
        title=given.title or "",
        published=Dated(given.published, origin) if given.published else None,
        updated=Dated(given.updated, origin) if given.updated else None,
        outlet=given.outlet or given.source,
        agency=given.agency,
        author=given.author,
        url=given.url,
        language=given.language or given.lang,
    )


def identity(record: Mapping[str, object]) -> str | None:
    """The id that a record carries; one of a wrong type is left for the check to refuse."""
    value = record.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return one_line(str(value)) or None


def _text(value: object) -> object:
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("has half a character (a lone surrogate)")
        if "\0" in value:
            raise ValueError("has a NUL character")
    return value


def _short(value: object) -> object:
    value = _text(value)
    if isinstance(value, str):
        value = one_line(value)
        if len(value) > MAX_FIELD:
            raise ValueError(f"is longer than {MAX_FIELD:,} characters")
    return value or None if isinstance(value, str) else value


def _checked(check: Callable[[str], Any]) -> BeforeValidator:
    """Let `check` see text only: a wrong type is the model's to refuse."""

    def validate(value: object) -> object:
        value = _short(value)
        return check(value) if isinstance(value, str) else value

    return BeforeValidator(validate)


def _date(value: str) -> str:
    # The day as written: 23:30 in New York is that day in New York, whatever UTC says.
    try:
        return dating.check(value)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(NO_DATE) from None
    timed = re.search(r"\d[T ]\d", value)
    return dating.of_moment(found) if timed else found.date().isoformat()


def web_address(value: str | None) -> str | None:
    """The address if it is one of http or https. Readers get it as a link, so nothing else will
    do: "javascript:" must never become one.
    """
    try:
        parts = urlsplit(value or "")
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return value if good and not re.search(r"[\s<>\"\\]", value or "") else None


def _web(value: str) -> str:
    if web_address(value) is None:
        raise ValueError("is not an http or https address")
    return value


def _code(value: str) -> str:
    code = value.replace("_", "-").partition("-")[0].lower()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise ValueError("is not a two-letter code such as en")
    return code


def _id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _short(value)


Short = Annotated[str | None, BeforeValidator(_short)]
Date = Annotated[str | None, _checked(_date)]  # as exact as index.dating writes it
Code = Annotated[str | None, _checked(_code)]


class Record(BaseModel):
    """What a corpus line may hold. Other keys are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    text: Annotated[str, BeforeValidator(_text)]
    id: Annotated[str | None, BeforeValidator(_id)] = None
    title: Short = None
    published: Date = None
    updated: Date = None
    outlet: Short = None
    source: Short = None
    agency: Short = None
    author: Short = None
    url: Annotated[str | None, _checked(_web)] = None
    language: Code = None
    lang: Code = None


REASONS = {
    "missing": "is missing",
    "string_type": "is not text",
}


def _fault(error: Any) -> str:
    reason = REASONS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    if error["type"] == "string_type" and error["loc"][0] in ("published", "updated"):
        reason = NO_DATE
    return f"'{error['loc'][0]}' {reason}"
