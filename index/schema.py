"""The words of the index: what an article, a passage and a hit are. No input or output here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

from index import dating


class _Dated:
    """What follows from a date of publication that may be known to the month or year only."""

    __slots__ = ()
    published: date | None
    published_as: str | None

    @property
    def written(self) -> str | None:
        """The day, month or year of publication: "2024-03-11", "2024-03" or "2024"."""
        if self.published is None:
            return None
        return dating.day_of(self.published_as or self.published.isoformat())

    @property
    def last(self) -> date | None:
        """The last day on which it may have been published."""
        return dating.last(self.published_as) if self.published_as else self.published


@dataclass(frozen=True, slots=True)
class Article(_Dated):
    """One text as it was published.

    `key` identifies the source (a path, a URL, a corpus line): an article that comes again under
    the same key is a new version of it. `name` is what people and evaluation sets call it.
    """

    key: str
    name: str
    text: str
    title: str = ""
    published: date | None = None  # at the outlet; of a month or a year, the first day
    published_from: str | None = None  # where that was found: "front matter", "meta", "feed", ...
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    language: str | None = None  # two letters, e.g. "en"
    fetched: datetime | None = None  # when this version came in; never taken for its publication
    published_as: str | None = None  # the date as exact as it was found, if not just a day: see
    # index.dating, as is `updated`: when the outlet last changed it, by its own account
    updated: str | None = None
    updated_from: str | None = None
    agency: str | None = None  # whose text it is, whoever printed it

    @property
    def id(self) -> str:
        """16 hexadecimal digits that stay the same as long as `key` does."""
        return blake2b(self.key.encode(), digest_size=8).hexdigest()

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change with anything a reader could see."""
        seen = (self.name, self.text, self.title, str(self.published), self.published_from)
        more = (self.outlet, self.author, self.url, self.language)
        # Left out where unknown: articles that were stored before these were have not changed.
        late = (self.published_as, self.updated, self.updated_from, self.agency)
        known = tuple(pair for pair in enumerate(late) if pair[1])
        return blake2b(repr(seen + more + known).encode(), digest_size=8).hexdigest()

    @property
    def precision(self) -> dating.Precision | None:
        """How exactly the date of publication is known; None if it is not."""
        written = self.published_as or self.written
        return dating.precision(written) if written else None

    @property
    def version(self) -> str:
        """16 hexadecimal digits of this very title and text, in which places are counted."""
        return blake2b(repr((self.title, self.text)).encode(), digest_size=8).hexdigest()

    @property
    def stub(self) -> "ArticleStub":
        """The article without what only its reader needs."""
        return ArticleStub(self.id, self.outlet, self.published, self.published_as, self.language)

    @property
    def header(self) -> str:
        """Title, outlet and date on one line, as far as known: what a passage stands under."""
        known = (self.title, self.outlet, self.written)
        return " · ".join(part for part in known if part)


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of an article: always `article.text[start:end] == text`."""

    id: str
    article_id: str
    start: int
    end: int
    text: str

    @property
    def stub(self) -> "PassageStub":
        """The passage without its text."""
        return PassageStub(self.id, self.article_id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class PassageStub:
    """Where a passage stands, without its text."""

    id: str
    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ArticleStub(_Dated):
    """What ranking looks at in an article, beside its words."""

    id: str
    outlet: str | None
    published: date | None
    published_as: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may be used. Articles without a date pass every window and are marked."""

    since: date | None = None  # first day, included
    until: date | None = None  # last day, included
    outlets: tuple[str, ...] = ()  # any of these, letter case ignored; empty means all

    def admits(self, published: date | None, outlet: str | None, last: date | None = None) -> bool:
        """Whether an article with this date and outlet may be used.

        last: the last day it may be of, where only the month or year is known. Then one day that
        it shares with the window is enough.
        """
        if self.outlets and (outlet or "").casefold() not in {o.casefold() for o in self.outlets}:
            return False
        if published is None:
            return True
        after = self.since is None or self.since <= (last or published)
        return after and (self.until is None or published <= self.until)


@dataclass(frozen=True, slots=True)
class Copy(_Dated):
    """Another article with the same story, as another outlet printed it."""

    id: str
    name: str
    title: str
    outlet: str | None
    published: date | None
    published_as: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was found, as long as nobody reads it."""

    passage: PassageStub
    article: ArticleStub
    score: float
    parts: Mapping[str, float]  # what each retriever gave it
    also: tuple[Copy, ...] = ()  # admitted copies of the article, in whose place it stands


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its article, best first by `score` (no fixed range)."""

    passage: Passage
    article: Article
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)  # what each retriever gave it
    also: tuple[Copy, ...] = ()  # admitted copies of the article, in whose place it stands


@dataclass(frozen=True, slots=True)
class Visit:
    """What is remembered of a web address, or of a watched file, that was read."""

    address: str
    checked: datetime
    key: str | None = None  # of the article found there; None for a feed or a failure
    etag: str | None = None  # with `modified`, what the server told this version by
    modified: str | None = None
    fault: str | None = None  # why nothing came of it
