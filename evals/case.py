"""One evaluation question with what a good answer holds, and the reading of a set of them.

A set is a file of JSON lines. A faulty set is refused before anything is asked, with all that is
wrong in it by line number: a question skipped in silence would change every figure.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from index.errors import UsageError
from service.schema import MAX_QUESTION, Question

MAX_FAULTS = 20  # named in one message
STRICT = ConfigDict(extra="forbid", strict=True)


def _day(value: object) -> object:
    """The day of an ISO date or date-time, as it is written (no change of time zone)."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        raise ValueError(f"{value!r} is not an ISO date such as 2023-11-05") from None


Day = Annotated[date, BeforeValidator(_day)]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage the answer rests on."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    article: str  # file name, article id or URL
    quote: str = ""  # verbatim but for white space; empty where only the article is known


@dataclass(frozen=True, slots=True)
class Case:
    """One evaluation question."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    question: str
    type: str = "other"
    language: str | None = None
    answerable: bool = True
    asked_at: Day | None = None  # the day "last week" counts from; it hides no article
    history: tuple[tuple[str, str], ...] = ()  # earlier (question, answer) pairs, oldest first
    facts: tuple[tuple[str, ...], ...] = ()  # each fact by the ways to say it
    evidence: tuple[Evidence, ...] = ()
    since: Day | None = None
    until: Day | None = None
    as_of: Day | None = None
    outlets: tuple[str, ...] = ()
    # Not in the repr, and so not in fingerprint(): they change no answer.
    differs: bool | None = field(default=None, repr=False)  # do its articles; None: not said
    status: Literal["draft", "rejected"] | None = field(default=None, repr=False)

    @property
    def quotes(self) -> tuple[str, ...]:
        """The distinct gold sentences, in order."""
        return tuple(dict.fromkeys(e.quote for e in self.evidence if e.quote.strip()))

    @property
    def articles(self) -> tuple[str, ...]:
        """The distinct gold articles, by the names the set gives them."""
        return tuple(dict.fromkeys(e.article for e in self.evidence))

    def as_question(self) -> Question:
        """What the service is asked."""
        return Question(
            text=self.question,
            history=self.history,
            since=self.since,
            until=self.until,
            as_of=self.as_of,
            outlets=self.outlets,
            asked_at=self.asked_at,
        )


CASE = TypeAdapter(Case)
NAMES = [field.name for kind in (Case, Evidence) for field in fields(kind)]
OPTIONAL = {
    "since",
    "until",
    "as_of",
    "outlets",
    "differs",
    "status",
}  # left out of a line where not set


def load(path: Path) -> list[Case]:
    """Read a set; blank lines and a byte order mark are fine, all else that is odd is an error."""
    numbered, faults = read(path)
    if faults:
        raise UsageError(refusal(path, faults, len(numbered)))
    if not numbered:
        raise UsageError(f"{path} holds no questions. Put one case a line, as JSON.")
    return [case for _, case in numbered]


def read(path: Path) -> tuple[list[tuple[int, Case]], list[str]]:
    """The good cases of a set by line number, and what is wrong with the other lines."""
    numbered: list[tuple[int, Case]] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, line in lines(path):
        case, wrong = parse(line)
        if case and case.id in seen:
            wrong = [f"id {case.id!r} is already on line {seen[case.id]}"]
        faults += [f"line {number}: {fault}" for fault in wrong]
        if case and not wrong:
            seen[case.id] = number
            numbered.append((number, case))
    return numbered, faults


def encode(case: Case) -> str:
    """The case as one line of a set, without the newline; `parse` gives it back."""
    row = {
        name: value
        for name, value in asdict(case).items()
        if value not in (None, ()) or name not in OPTIONAL
    }
    return json.dumps(row, ensure_ascii=False, default=str)


def fingerprint(cases: Sequence[Case]) -> str:
    """16 hexadecimal digits that change with any case or their order."""
    return blake2b(repr(list(cases)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def unknown_articles(cases: Sequence[Case], known: Collection[str]) -> list[str]:
    """Articles the set refers to that are not among `known` names, ids and URLs."""
    named = dict.fromkeys(name for case in cases for name in case.articles)
    return [name for name in named if name not in known]


def text_of(path: Path) -> str:
    """A file's text, a byte order mark left out. Raises UsageError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: not UTF-8. Save the file as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"Cannot read the set {path}: {error.strerror}.") from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that are not blank, numbered from 1. Raises UsageError."""
    # Not splitlines(): it also breaks at U+2028, which may stand inside a JSON string.
    numbered = enumerate(text_of(path).split("\n"), start=1)
    yield from ((n, line) for n, line in numbered if line.strip())


def parse(line: str) -> tuple[Case | None, list[str]]:
    """The case in a JSON object, and what is wrong with it; None where it is no case at all."""
    try:
        case = CASE.validate_json(line.strip())
    except ValidationError as error:
        return None, [_sentence(dict(fault)) for fault in error.errors(include_url=False)]
    return case, list(_contradictions(case))


def _contradictions(case: Case) -> Iterator[str]:
    """What is well formed and still cannot be meant."""
    if not case.id.strip():
        yield "'id' is blank"
    if not case.question.strip():
        yield "'question' is blank"
    if len(case.question) > MAX_QUESTION:
        yield f"'question' is {len(case.question)} characters long; {MAX_QUESTION} are allowed"
    if case.facts and not case.answerable:
        yield "'facts' are given, but 'answerable' is false"
    for place, forms in enumerate(case.facts):
        if not forms or not all(form.strip() for form in forms):
            yield f"'facts[{place}]' is empty or has a blank form"
    for place, evidence in enumerate(case.evidence):
        if not evidence.article.strip():
            yield f"'evidence[{place}].article' is blank"


WORDS = {
    "dataclass_type": "must be an object in braces",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "date_type": "must be an ISO date such as 2023-11-05, or null",
    "tuple_type": "must be a list",
    "too_long": "has too many items",
}


def _sentence(fault: dict[str, Any]) -> str:
    """One fault found by pydantic, in our words."""
    kind, place = fault["type"], _place(fault["loc"])
    if kind == "json_invalid":
        detail = str(fault["ctx"]["error"]).replace(" at line 1 column", " at column")
        return f"not JSON ({detail})"
    if kind == "missing":
        return f"missing {place}"
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        close = get_close_matches(str(fault["loc"][-1]), NAMES, n=1)
        return f"unknown field {place}" + (f" (did you mean {close[0]!r}?)" if close else "")
    said = fault["msg"].removeprefix("Value error, ")
    return f"{place} {WORDS[kind]}" if kind in WORDS else f"{place}: {said}"


def _place(loc: Sequence[str | int]) -> str:
    """("evidence", 0, "quote") as 'evidence[0].quote'."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return repr(path.removeprefix(".")) if path else "the line"


def refusal(path: Path, faults: Sequence[str], good: int) -> str:
    """Why a set cannot be used: its faults, and how many cases are good."""
    more = len(faults) - MAX_FAULTS
    shown = [*faults[:MAX_FAULTS], *([f"... and {more} more"] if more > 0 else [])]
    counts = f"faults: {len(faults)}, good questions: {good}"
    return "\n  ".join([f"{path} cannot be used as an evaluation set ({counts}):", *shown])
