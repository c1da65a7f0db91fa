"""The words of the service: question, citation, answer. No input or output here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from index.schema import Article, Copy, Filter, Hit
from index.understanding import Part, Understanding

Status = Literal["answered", "partial", "not_in_articles"]
# Of an account to those before it: the newest; as they say; an older one; another of the same day.
Relation = Literal["first", "same", "earlier", "differs"]
# What told an answer from none: the reader and words, words and likeness without it, or, where it
# was close, the verifier on top of the reader.
Judge = Literal["reader", "words", "verifier"]
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
    without: tuple[Part, ...] = ()  # what must not be read into the question

    @property
    def now(self) -> date:
        """The day that relative times count from."""
        return self.asked_at or self.as_of or date.today()

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
class Account:
    """What one of several articles says to the question, in its own words."""

    citation: Citation
    direct: tuple[int, int]  # from and to which character of the quote the bare answer stands
    relation: Relation

    @property
    def text(self) -> str:
        """The bare answer, verbatim."""
        return self.citation.quote[slice(*self.direct)]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing answers.

    "empty": there are no articles at all; "nothing": none is on this; "outside": none is in the
    time, or from the outlets, that the question sets, but elsewhere there are; "near": there are,
    but they do not say it.
    """

    kind: Literal["empty", "nothing", "outside", "near"]
    text: str  # whole sentences for the reader
    articles: tuple[Article, ...] = ()  # on this, but outside what the question sets; newest first


@dataclass(frozen=True, slots=True)
class Lack:
    """What the question names and the answer has nothing on."""

    kind: Literal["outlet", "name", "figure", "time"]
    what: str  # as the question has it
    text: str  # a whole sentence for the reader


@dataclass(frozen=True, slots=True)
class Decision:
    """How it was decided whether anything answers."""

    by: Judge
    threshold: float  # the confidence, in [0, 1], from which something does
    signs: Mapping[str, float]  # log-odds that each sign adds, the strongest first


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader gets.

    `seconds` has "retrieve" (all of retrieval, the question's embedding included) and "answer"
    (all that follows). `tokens` has "prompt" and "reply", what a language model read and wrote as
    its server counts them; it is empty if that does not say. `notes` are whole sentences for the
    reader, e.g. why the quotes answered.
    """

    status: Status
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    answerer: str  # "quotes" or the model's name
    notes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()  # sentences of a model that no passage bears out
    reason: Reason | None = None  # why not, where the status is "not_in_articles"
    lacks: tuple[Lack, ...] = ()  # what is missing, where the status is "partial"
    accounts: tuple[Account, ...] = ()  # what several articles say, newest first; or none
    confidence: float = 0.0  # in [0, 1]: how sure the answerer is that this answers
    decision: Decision | None = None  # whence that confidence, if it is known
    seconds: Mapping[str, float] = field(default_factory=dict)
    understood: Understanding | None = None  # what it answers
    tokens: Mapping[str, int] = field(default_factory=lambda: {"prompt": 0, "reply": 0})
    id: str = ""  # by which the server that gave it knows it for a while; "" elsewhere

    @property
    def text(self) -> str:
        """The sentences with their citation numbers, e.g. "It rose. [1]"."""
        return " ".join(
            " ".join([s.text, *(f"[{number}]" for number in s.citations)]) for s in self.sentences
        )
