"""What readers say of answers, kept whole enough to make evaluation cases of it.

A record stands by itself: the quotes are copied into it, so that it means the same when articles
change or go. The making of cases is the affair of `evals/feedback.py`.
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import Literal

from pydantic import TypeAdapter

from index.errors import UsageError
from service.schema import Answer, Question, Sentence, Status

# "not_in_articles": wrong, as it should have been refused
Verdict = Literal["right", "wrong", "not_in_articles"]
REMEMBERED = 500  # answers; with their passages some 10 kB each
MAX_CORRECTION = 1_000  # characters
MAX_NOTE = 2_000
MAX_QUOTE = 2_000
MAX_QUOTES = 10


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article as they stood there."""

    article_id: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given, or only its question (then `status` is None)."""

    question: Question
    day: date  # on which it was asked
    status: Status | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Quote, ...] = ()  # by number, from 1
    passages: tuple[Quote, ...] = ()  # what was found, best first

    @property
    def question_id(self) -> str:
        """16 hexadecimal digits: the same for the same question, asked under the same terms."""
        text = " ".join(self.question.text.split()).casefold()
        return _digest(replace(self.question, text=text))

    @property
    def id(self) -> str:
        """16 hexadecimal digits: the same for the same answer to the same question."""
        return _digest((self.question_id, self.status, self.sentences, self.citations))

    @property
    def text(self) -> str:
        """What was answered, without citation numbers."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader says of an answer."""

    given: Given
    verdict: Verdict
    correction: str = ""  # the right answer: a fact a line, ways to say it with | between
    note: str = ""
    evidence: tuple[Quote, ...] = ()  # for the correction


FEEDBACK = TypeAdapter(Feedback)


def encode(feedback: Feedback) -> str:
    """The record as JSON; `decode` gives it back."""
    return FEEDBACK.dump_json(feedback).decode()


def decode(content: str) -> Feedback:
    """The record in JSON that `encode` made. Raises ValueError."""
    return FEEDBACK.validate_json(content)


def check(feedback: Feedback) -> None:
    """Raises UsageError for what no record should hold."""
    _check_text(feedback.given.question.text, "question")
    _check_text(feedback.correction, "correction", MAX_CORRECTION)
    _check_text(feedback.note, "note", MAX_NOTE)
    if feedback.verdict != "wrong" and (feedback.correction or feedback.evidence):
        raise UsageError("A correction and its evidence belong to the verdict 'wrong'.")
    if feedback.verdict == "right" and feedback.given.status is None:
        raise UsageError("The server does not remember that answer: ask again, then judge it.")


def _check_text(text: str, name: str, most: int | None = None) -> None:
    if most and len(text) > most:
        raise UsageError(f"The {name} has {len(text):,} characters: at most {most:,} are kept.")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise UsageError(f"The {name} holds control characters: type it anew.")


def _digest(value: object) -> str:
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).hexdigest()


class Answers:
    """The latest answers, so that a word said of one is kept together with it."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._given: OrderedDict[str, Given] = OrderedDict()

    def remember(self, question: Question, answer: Answer) -> Answer:
        """The answer with the id that it is remembered by."""
        given = _given(question, answer)
        self._given[given.id] = given
        self._given.move_to_end(given.id)
        if len(self._given) > self._most:
            self._given.popitem(last=False)
        return replace(answer, id=given.id)

    def by_id(self, id: str) -> Given | None:
        """The answer with this id, unless it is forgotten."""
        return self._given.get(id)

    def latest(self, question: Question) -> Given:
        """The last answer to the question; the question alone where there is none."""
        unknown = Given(question, date.today())
        wanted = unknown.question_id
        found = (g for g in reversed(self._given.values()) if g.question_id == wanted)
        return next(found, unknown)


def _given(question: Question, answer: Answer) -> Given:
    return Given(
        question,
        date.today(),
        answer.status,
        answer.sentences,
        _quotes((c.article.id, c.quote, c.article.language) for c in answer.citations),
        _quotes((h.article.id, h.passage.text, h.article.language) for h in answer.hits),
    )


def _quotes(found: Iterable[tuple[str, str, str | None]]) -> tuple[Quote, ...]:
    return tuple(Quote(*each) for each in found)
