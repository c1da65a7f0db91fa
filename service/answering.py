"""The seam between the pipeline and whoever answers: steps towards an answer, one at a time."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.schema import Article, Hit
from service.models import Usage
from service.schema import Decision, Relation, Status


@dataclass(frozen=True, slots=True)
class Span:
    """A place in an article: `article.text[start:end]`."""

    article: Article
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The words that stand there."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence for the reader, and the places that bear it out (at least one).

    direct: from and to which character of the text the bare answer stands, if that is known.
    """

    text: str
    spans: tuple[Span, ...]
    direct: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that no passage bears out; shown only on demand."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A whole sentence for the reader about how the answer came about."""

    text: str


@dataclass(frozen=True, slots=True)
class Used:
    """A language model is at work, or, with a usage, what it took."""

    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """Everything said so far is withdrawn; another answerer begins."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one of several articles says to the question.

    direct: from and to which character of the span's quote the bare answer stands.
    """

    span: Span
    direct: tuple[int, int]
    relation: Relation  # to those before it


@dataclass(frozen=True, slots=True)
class Accounts:
    """What several articles say to the question, newest first."""

    each: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last step: what the answer amounts to."""

    status: Status
    answerer: str
    confidence: float  # in [0, 1]
    decision: Decision | None = None


Step = Checked | Dropped | Note | Used | Restart | Accounts | Verdict


class Answerer(Protocol):
    """Anything that answers from passages. The quotes answerer never raises."""

    name: str

    def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """Steps towards the answer of a question that stands by itself; a `Verdict` comes last."""
        ...

    def warm_up(self, question: str) -> None:
        """Load what the first answer would wait for; blocks."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...
