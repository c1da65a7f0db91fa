"""The words of the index: what an article, a passage and a hit are. No input or output here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Article:
    """One text as it was published.

    `key` identifies the source (a path, a URL, a corpus line): an article that comes again under
    the same key is a new version of it. `name` is what people and evaluation sets call it.
    """

    key: str
    name: str
    text: str
    title: str = ""
    published: date | None = None
    published_from: str | None = None  # where the date was found: "front matter", "line 1", ...
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    language: str | None = None  # two letters, e.g. "en"
    fetched: datetime | None = None  # when this version came in; never taken for its publication

    @property
    def id(self) -> str:
        """16 hexadecimal digits that stay the same as long as `key` does."""
        return blake2b(self.key.encode(), digest_size=8).hexdigest()

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change with anything a reader could see."""
        seen = (self.name, self.text, self.title, str(self.published), self.published_from)
        more = (self.outlet, self.author, self.url, self.language)
        return blake2b(repr(seen + more).encode(), digest_size=8).hexdigest()

    @property
    def version(self) -> str:
        """16 hexadecimal digits of this very title and text, in which places are counted."""
        return blake2b(repr((self.title, self.text)).encode(), digest_size=8).hexdigest()

    @property
    def header(self) -> str:
        """Title, outlet and date on one line, as far as known: what a passage stands under."""
        known = (self.title, self.outlet, self.published and self.published.isoformat())
        return " · ".join(part for part in known if part)


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of an article: always `article.text[start:end] == text`."""

    id: str
    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may be used. Articles without a date pass every window and are marked."""

    since: date | None = None  # first day, included
    until: date | None = None  # last day, included
    outlets: tuple[str, ...] = ()  # any of these, letter case ignored; empty means all

    def admits(self, published: date | None, outlet: str | None) -> bool:
        """Whether an article with this date and outlet may be used."""
        if self.outlets and (outlet or "").casefold() not in {o.casefold() for o in self.outlets}:
            return False
        if published is None:
            return True
        after = self.since is None or self.since <= published
        return after and (self.until is None or published <= self.until)


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article with the same story, as another outlet printed it."""

    id: str
    name: str
    title: str
    outlet: str | None
    published: date | None


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
