"""One line of `results.jsonl`: what came back for a case, in the form other tools read."""

import json
from collections.abc import Collection
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from evals.case import Case
from evals.matching import says, without_marks
from index.schema import Article, Hit
from service.schema import Answer, Citation, Relation, Status

AROUND = 240  # characters of the article kept on either side of a quote


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as written to the file."""

    number: int
    article: str  # the name by which the set refers to it
    article_id: str
    quote: str
    start: int
    end: int
    # What follows is written only where it differs from these; runs of earlier versions lack it.
    exact: bool = True  # article.text[start:end] == quote
    before: str = ""  # what stands before the quote in its article, at most AROUND characters
    after: str = ""
    title: str = ""
    outlet: str | None = None
    published: date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as written to the file."""

    article: str
    article_id: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Account:
    """What one of several articles says to the question, as written to the file."""

    number: int  # of its citation
    text: str  # the bare answer
    relation: Relation


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one case; `status` is None where the question failed."""

    id: str
    status: Status | None
    answer: str = ""  # with its [n] marks
    citations: tuple[Cited, ...] = ()
    passages: tuple[Found, ...] = ()  # best first
    facts_found: tuple[bool, ...] = ()  # in the order of the case's facts
    seconds: dict[str, float] = field(default_factory=dict)  # "retrieve", "answer"
    # What follows is written only where there is something to write.
    tokens: dict[str, int] = field(default_factory=dict)  # "prompt", "reply", of a model
    error: str | None = None
    confidence: float | None = None  # in [0, 1]: how sure the answerer was; None if it did not say
    dropped: tuple[str, ...] = ()  # sentences that the check took out
    notes: tuple[str, ...] = ()  # e.g. why another answerer stood in
    reason: str | None = None  # why not: kind and sentence, e.g. "nothing: Nothing on this."
    missing: tuple[str, ...] = ()  # what a partial answer lacks, in sentences
    accounts: tuple[Account, ...] = ()  # what several articles say, newest first
    bare: str | None = None  # the few words of the answer that were set off in it

    @property
    def refused(self) -> bool:
        """Whether it said that the articles do not tell."""
        return self.status == "not_in_articles"


RESULT = TypeAdapter(Result)
KEPT_SHORT = (
    "tokens",
    "error",
    "confidence",
    "dropped",
    "notes",
    "reason",
    "missing",
    "accounts",
    "bare",
)  # of a result
KEPT_SHORT_CITED = ("exact", "before", "after", "title", "outlet", "published", "language")


def of(case: Case, answer: Answer, names: Collection[str], *, retrieval_only: bool) -> Result:
    """The line for an answer; `names` are those by which the set refers to articles."""
    text = "" if retrieval_only else answer.text
    return Result(
        id=case.id,
        status="not_in_articles" if retrieval_only else answer.status,
        answer=text,
        citations=() if retrieval_only else tuple(_cited(c, names) for c in answer.citations),
        passages=tuple(_found(hit, names) for hit in answer.hits),
        facts_found=facts_found(case, text),
        seconds={stage: round(spent, 4) for stage, spent in answer.seconds.items()},
        tokens={} if retrieval_only or not any(answer.tokens.values()) else dict(answer.tokens),
        confidence=None if retrieval_only else round(float(answer.confidence), 4),
        dropped=() if retrieval_only else answer.dropped,
        notes=() if retrieval_only else answer.notes,
        reason=f"{why.kind}: {why.text}" if (why := answer.reason) else None,
        missing=tuple(lack.text for lack in answer.lacks),
        accounts=tuple(Account(a.citation.number, a.text, a.relation) for a in answer.accounts),
        bare=None if retrieval_only else _bare(answer),
    )


def _bare(answer: Answer) -> str | None:
    told = (s.text[slice(*s.direct)] for s in answer.sentences if s.direct)
    return next(told, None)


def failed(case: Case, error: Exception) -> Result:
    """The line for a question that could not be asked."""
    said = f"{type(error).__name__}: {error}"
    return Result(case.id, None, facts_found=facts_found(case, ""), error=said)


def facts_found(case: Case, answer: str) -> tuple[bool, ...]:
    """For each fact whether the answer says it in any of its forms."""
    plain = without_marks(answer)
    return tuple(any(says(plain, form) for form in forms) for forms in case.facts)


def encode(result: Result) -> bytes:
    """The line, newline included."""
    row = RESULT.dump_python(result, mode="json")
    _shorten(row, Result, KEPT_SHORT)
    for citation in row["citations"]:
        _shorten(citation, Cited, KEPT_SHORT_CITED)
    # A lone surrogate in an article must not end a run of hours.
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _shorten(row: dict[str, Any], kind: type, names: Collection[str]) -> None:
    """Take out what says no more than its default does."""
    for each in fields(kind):
        if each.name in names:
            made = each.default_factory
            plain = each.default if made is MISSING else made()
            if row[each.name] == (list(plain) if plain == () else plain):
                del row[each.name]


def decode(line: bytes) -> Result | None:
    """The result on a line, or None where the line is torn."""
    try:
        return RESULT.validate_json(line)
    except ValueError:
        return None


def _cited(citation: Citation, names: Collection[str]) -> Cited:
    article, start, end = citation.article, citation.start, citation.end
    return Cited(
        number=citation.number,
        article=_name(article, names),
        article_id=article.id,
        quote=citation.quote,
        start=start,
        end=end,
        exact=article.text[start:end] == citation.quote,
        before=article.text[max(0, start - AROUND) : start],
        after=article.text[end : end + AROUND],
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        language=article.language,
    )


def _found(hit: Hit, names: Collection[str]) -> Found:
    passage = hit.passage
    name, score = _name(hit.article, names), round(hit.score, 6)
    return Found(name, hit.article.id, passage.text, passage.start, passage.end, score)


def _name(article: Article, names: Collection[str]) -> str:
    """The name the set uses: the article's own, unless the set knows it by its URL."""
    if article.name in names or article.url is None or article.url not in names:
        return article.name
    return article.url
