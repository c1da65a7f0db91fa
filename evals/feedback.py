"""Cases from what readers said of answers, each with its evidence as it stood that day."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from evals.accepting import alone, good
from evals.case import Case, Evidence, encode, parse
from evals.formats.cells import to_facts
from evals.lint import doubts, same
from evals.matching import fold, says
from evals.outputs import replace as write_whole
from index.database import Database
from index.feedback import Kept
from index.sentences import sentence_spans
from service.feedback import Feedback, Quote, decode
from service.schema import Sentence

TYPE = "feedback"
SMALL = 4  # letters; shorter words are no content
WORD = re.compile(r"\w+(?:[.,’'-]\w+)*")
Facts = tuple[tuple[str, ...], ...]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Open:
    """Feedback that is no sound case yet, and why: for a person to look at."""

    feedback: Feedback
    why: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sound cases, the latest word first, and what is still to be looked at."""

    cases: tuple[Case, ...]
    open: tuple[Open, ...]


def gather(said: Sequence[Feedback], today: date) -> Gathered:
    """What can be made of feedback, given with the latest first.

    No case here is one that `eval lint` would find fault with by itself; where two ask the same,
    the latest word stands.
    """
    cases: dict[int, Case] = {}  # by place
    why: dict[int, str] = {}
    for place, made in enumerate(map(case_of, said)):
        wrong = [made] if isinstance(made, str) else parse(encode(made))[1]
        if isinstance(made, Case) and not wrong:
            cases[place] = made
        else:
            why[place] = wrong[0]
    for place, later in _judged_again(cases):
        why[place] = f"asks what was judged again later: {later}"
        del cases[place]
    for finding in doubts(list(cases.items()), None, today):
        why.setdefault(finding.line, finding.what)
    sound = tuple(case for place, case in cases.items() if place not in why)
    return Gathered(sound, tuple(Open(said[place], why[place]) for place in sorted(why)))


def _judged_again(cases: Mapping[int, Case]) -> list[tuple[int, str]]:
    """The places of cases that ask what an earlier one asks, and how that one asks it."""
    places = list(cases)
    again: dict[int, str] = {}
    for a, b in same(list(cases.values())):
        if places[a] not in again:
            again.setdefault(places[b], cases[places[a]].question)
    return list(again.items())


def kept(database: Database) -> list[tuple[Kept, Feedback]]:
    """All feedback that the archive holds, the latest first; what cannot be read is left out."""
    found = []
    for row in database.feedback():
        try:
            found.append((row, decode(row.content)))
        except ValueError:
            log.warning("Feedback %s was kept by another version of Dateline: left out.", row.id)
    return found


def hand_over(database: Database, drafts: Path, today: date) -> tuple[Open, ...]:
    """Put cases that are new into a file of drafts, once each; returns what is to be looked at.

    A kill in between only means doing it again. Raises UsageError where the file is broken.
    """
    drafts.parent.mkdir(parents=True, exist_ok=True)
    with alone(drafts):
        rows = kept(database)
        gathered = gather([feedback for _, feedback in rows], today)
        numbers = {_id(row.id): row.number for row, _ in rows if not row.drafted}
        if new := [case for case in gathered.cases if case.id in numbers]:
            _add(drafts, new)
            database.mark_drafted([numbers[case.id] for case in new])
    return gathered.open


def case_of(feedback: Feedback) -> Case | str:
    """The case, or why there is none yet."""
    refused = feedback.given.status == "not_in_articles"
    if feedback.verdict == "not_in_articles" or (feedback.verdict == "right" and refused):
        return _case(feedback, (), ())
    if feedback.verdict == "right":
        facts, evidence = _right(feedback)
        return _case(feedback, facts, evidence) if facts else "has no answer in the articles' words"
    if not (facts := tuple(map(tuple, to_facts(feedback.correction)))):
        return "is wrong, but what is right was not said"
    found = feedback.evidence or tuple(_telling(feedback.given.passages, facts))
    if not found:
        return "no passage that was found says what is right: add a quote that does"
    return _case(feedback, facts, found)


def _case(feedback: Feedback, facts: Facts, evidence: Sequence[Quote]) -> Case:
    asked = feedback.given.question
    return Case(
        id=_id(feedback.given.question_id),
        question=asked.text,
        type=TYPE,
        answerable=bool(facts),
        asked_at=asked.asked_at or feedback.given.day,
        history=asked.history,
        facts=facts,
        evidence=tuple(dict.fromkeys(Evidence(q.article_id, q.text) for q in evidence)),
        since=asked.since,
        until=asked.until,
        as_of=asked.as_of,
        outlets=asked.outlets,
    )


def _id(question_id: str) -> str:
    return f"{TYPE}-{question_id}"


def _right(feedback: Feedback) -> tuple[Facts, Sequence[Quote]]:
    """The bare answer, else any of the stretches that the answer has from its quotes."""
    given = feedback.given
    bare = [s.text[slice(*s.direct)] for s in given.sentences if s.direct]
    if bare:
        return tuple((text,) for text in dict.fromkeys(bare)), given.citations
    asked = set(WORD.findall(fold(given.question.text)))
    taken = [_taken(sentence, given.citations) for sentence in given.sentences]
    telling = tuple(dict.fromkeys(text for text in taken if _content(text) - asked))
    return ((telling,) if telling else ()), given.citations


def _taken(sentence: Sentence, citations: Sequence[Quote]) -> str:
    """The longest run of words that a sentence has from a quote it cites."""
    quotes = [citations[number - 1].text for number in sentence.citations]
    return max((_shared(sentence.text, quote) for quote in quotes), key=len, default="")


def _shared(text: str, quote: str) -> str:
    """The longest run of words of a text that the quote says."""
    spans = [match.span() for match in WORD.finditer(text)]
    best, first = "", 0
    for last in range(len(spans)):  # two ends that only move on: no run is looked at twice
        while first <= last and not says(quote, text[spans[first][0] : spans[last][1]]):
            first += 1
        run = text[spans[first][0] : spans[last][1]] if first <= last else ""
        best = max(best, run, key=len)
    return best


def _content(text: str) -> set[str]:
    words = WORD.findall(fold(text))
    return {word for word in words if len(word) >= SMALL or any(c.isdigit() for c in word)}


def _telling(passages: Sequence[Quote], facts: Facts) -> Iterator[Quote]:
    """For each fact the first sentence that says it."""
    for forms in facts:
        told = (found for passage in passages if (found := _sentence(passage, forms)))
        yield from islice(told, 1)


def _sentence(passage: Quote, forms: Sequence[str]) -> Quote | None:
    """The first sentence of the passage that says the fact."""
    if not any(says(passage.text, form) for form in forms):
        return None  # to find its sentences takes much longer
    for start, end in sentence_spans(passage.text, passage.language):
        if any(says(passage.text[start:end], form) for form in forms):
            return replace(passage, text=passage.text[start:end])
    return None


def _add(drafts: Path, new: Sequence[Case]) -> None:
    """The file with these as drafts, in place of those with the same ids."""
    cases = {case.id: case for case in (good(drafts) if drafts.exists() else ())}
    cases |= {case.id: replace(case, status="draft") for case in new}
    text = "".join(f"{encode(case)}\n" for case in cases.values())
    write_whole(drafts, text.encode("utf-8", "replace"))
