"""What may be sent to the service: pydantic models, which refuse what no question can be."""

from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StrictBool,
)

from index.understanding import Part
from service.feedback import MAX_CORRECTION, MAX_NOTE, MAX_QUOTE, MAX_QUOTES, Verdict
from service.schema import Question

MAX_TURNS = 20  # earlier questions with their answers
MAX_HISTORY = 16_000  # characters, all turns together
MAX_BATCH = 1000  # articles in one request


def _text(value: str) -> str:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds characters that are no text")
    return value


def _day(value: object) -> object:
    # Not pydantic's own reading: that takes 20240501 for a number of seconds.
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("is not an ISO date such as 2024-05-01") from None


def _history(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if sum(len(text) for turn in turns for text in turn) > MAX_HISTORY:
        raise ValueError(f"has more than {MAX_HISTORY:,} characters: leave out the oldest turns")
    return turns


Text = Annotated[str, AfterValidator(_text)]
Day = Annotated[Annotated[date, Strict()] | None, BeforeValidator(_day)]
History = Annotated[list[tuple[Text, Text]], Field(max_length=MAX_TURNS), AfterValidator(_history)]
Without = Annotated[
    list[Part],
    Field(
        max_length=3,
        description="what not to read into the question: its time, the outlets it names, or what "
        "it leans on of the history",
    ),
]
Outlets = Annotated[list[Annotated[Text, Field(max_length=1000)]], Field(max_length=100)]


class Asked(BaseModel):
    """A question, and what may be used to answer it."""

    model_config = ConfigDict(extra="forbid")

    question: Text = Field(description="in plain words, at most 4,000 characters")
    history: History = Field(
        default=[], description="earlier [question, answer] pairs, oldest first"
    )
    since: Day = Field(None, description="first day of publication, YYYY-MM-DD")
    until: Day = Field(None, description="last day of publication")
    as_of: Day = Field(None, description="use only what was published by this day")
    outlets: Outlets = Field(default=[], description="any of these; all if empty")
    asked_at: Day = Field(None, description='the day "last week" counts from; today if absent')
    without: Without = []

    def to_question(self) -> Question:
        """The question in the service's own words."""
        return Question(
            text=self.question,
            history=tuple(self.history),
            since=self.since,
            until=self.until,
            as_of=self.as_of,
            outlets=tuple(self.outlets),
            asked_at=self.asked_at,
            without=tuple(self.without),
        )


class Ask(Asked):
    """Body of POST /v1/ask."""

    stream: StrictBool = Field(False, description="answer with server-sent events")


class Search(Asked):
    """Body of POST /v1/search."""

    k: int = Field(10, ge=1, le=100, strict=True, description="how many passages")
    explain: StrictBool = Field(
        False, description="say what each search and feature did for each passage"
    )
    article: Annotated[Text, Field(max_length=1000)] | None = Field(
        None, description="explain how far this one came: its id, name, key or URL"
    )


class Find(BaseModel):
    """Body of POST /v1/find."""

    model_config = ConfigDict(extra="forbid")

    excerpt: Text = Field(max_length=20_000, description="some sentences of an article")


class Judgement(Asked):
    """Body of POST /v1/feedback."""

    question: Text = Field("", description="as it was asked, where the answer's id is not known")
    answer_id: str | None = Field(None, max_length=100, description="the `id` of the answer")
    verdict: Verdict = Field(
        description="`not_in_articles`: wrong, as the articles hold no answer to this"
    )
    correction: Text = Field(
        "", max_length=MAX_CORRECTION, description="the right answer, a fact a line"
    )
    note: Text = Field("", max_length=MAX_NOTE, description="for whoever looks at it")
    evidence: list[Annotated[Text, Field(max_length=MAX_QUOTE)]] = Field(
        default=[], max_length=MAX_QUOTES, description="quotes that bear the correction out"
    )


class Articles(BaseModel):
    """Body of POST /v1/articles."""

    model_config = ConfigDict(extra="forbid")

    articles: list[dict[str, Any]] = Field(
        max_length=MAX_BATCH,
        description="corpus lines: text, and what is known of id, title, published, outlet, "
        "author, url, language; `key` tells which earlier article this one replaces",
    )
