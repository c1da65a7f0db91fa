"""Sentences that may answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.schema import Hit
from index.sentences import sentence_spans
from service.answering import Span
from service.directives import directed_at_machine

MIN_WORDS = 4  # a shorter sentence says too little alone


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage."""

    span: Span
    before: str  # the sentence before it in the article, or ""
    after: str
    hit: Hit
    rank: int  # of its passage, from 0
    direct: tuple[int, int] | None = None  # where in the quote the bare answer stands
    sure: bool = False  # whether the reader sees it, even if nothing else says that it is there

    @property
    def seen(self) -> tuple[int, int] | None:
        """Where the bare answer stands, if the reader is sure of one."""
        return self.direct if self.sure else None

    @property
    def context(self) -> str:
        """The sentence with what stands around it, which tells who "he" is."""
        return f"{self.before} {self.span.quote} {self.after}"

    @property
    def article_id(self) -> str:
        """The id of its article."""
        return self.span.article.id

    def beside(self, other: "Candidate") -> bool:
        """Whether the other is the sentence before or after this one."""
        same = self.article_id == other.article_id
        return same and other.span.quote in (self.before, self.after)


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence of the passages once, best passage first."""
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        article, passage = hit.article, hit.passage
        spans = sentence_spans(article.text, article.language)
        for n, (start, end) in enumerate(spans):
            inside = passage.start <= start and end <= passage.end
            long = len(article.text[start:end].split()) >= MIN_WORDS
            if inside and long and not directed_at_machine(article.text, start, end):
                before = article.text[slice(*spans[n - 1])] if n else ""
                after = article.text[slice(*spans[n + 1])] if n + 1 < len(spans) else ""
                key = (article.id, start)
                found.setdefault(
                    key, Candidate(Span(article, start, end), before, after, hit, rank)
                )
    return list(found.values())
