"""The words of the service: question, citation, answer. No input or output here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from index.schema import Article, Copy, Filter, Hit

Status = Literal["answered", "partial", "not_in_articles"]
MAX_QUESTION = 4000  # characters


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and what may be used to answer it."""

    text: str
    history: tuple[tuple[str, str], ...] = ()  # earlier (question, answer) pairs, oldest first
    since: date | None = None
    until: date | None = None
    as_of: date | None = None  # only what was published by this day
    outlets: tuple[str, ...] = ()
    asked_at: date | None = None  # the day "last week" counts from; today if None

    @property
    def filter(self) -> Filter:
        """The articles that may be used."""
        until = min((day for day in (self.until, self.as_of) if day), default=None)
        return Filter(self.since, until, self.outlets)


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted span of one article: always `article.text[start:end] == quote`."""

    number: int  # from 1, in order of first use in the answer
    article: Article
    quote: str
    start: int
    end: int
    also: tuple[Copy, ...] = ()  # where else the story stands: the same source, not further ones


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations it stands on.

    direct: from and to which character of `text` the bare answer stands, if that is known.
    """

    text: str
    citations: tuple[int, ...]
    direct: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader gets.

    `seconds` has "retrieve" (all of retrieval, the question's embedding included) and "answer"
    (all that follows). `notes` are whole sentences for the reader, e.g. why the quotes answered.
    """

    status: Status
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    answerer: str  # "quotes" or the model's name
    notes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()  # sentences of a model that no passage bears out
    confidence: float = 0.0  # in [0, 1]: how sure the answerer is that this answers
    seconds: Mapping[str, float] = field(default_factory=dict)
    id: str = ""  # by which the server that gave it knows it for a while; "" elsewhere

    @property
    def text(self) -> str:
        """The sentences with their citation numbers, e.g. "It rose. [1]"."""
        return " ".join(
            " ".join([s.text, *(f"[{number}]" for number in s.citations)]) for s in self.sentences
        )
