"""What the reader says of the most promising sentences, read with those beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from index.glossing import LANGUAGES, Gloss, glossed
from index.polar import claims
from service.bare import bare_answer, sees_one
from service.candidates import Candidate
from service.coverage import Wording
from service.reader import Reading

READABLE = frozenset({"en", None}) | LANGUAGES  # what the reader knows; None: it is tried


class Reads(Protocol):
    """Something that looks for an answer in passages; `service.reader.Reader` is one."""

    def read(
        self,
        question: str,
        passages: Sequence[str],
        ranges: Sequence[Sequence[tuple[int, int]]] | None = None,
    ) -> list[Reading]:
        """One reading per passage; `ranges` are places in it to score one by one."""
        ...


def read_closely(
    kept: Sequence[Candidate], wording: Wording, reader: Reads
) -> Iterator[tuple[Candidate, Reading]]:
    """Each candidate, with the bare answer in it, and what was read: one range, its sentence."""
    windows = [
        glossed(f"{_lead(c)}{c.span.quote} {c.after}".strip(), c.span.article.language)
        for c in kept
    ]
    places = [
        [window.place(len(_lead(c)), len(_lead(c)) + len(c.span.quote))]
        for window, c in zip(windows, kept, strict=True)
    ]
    question = glossed(wording.question, wording.language).text
    readings = reader.read(question, [window.text for window in windows], places)
    whether = bool(claims(wording.question, wording.language))
    for candidate, window, told in zip(kept, windows, readings, strict=True):
        reading, sure = _in_source(told, window), sees_one(told)
        direct = bare_answer(candidate.span, reading.ranges[0], len(_lead(candidate)))
        shown = direct if sure or not whether else None  # "yes" stands in no sentence
        yield replace(candidate, direct=shown, sure=sure), reading


def _in_source(reading: Reading, window: Gloss) -> Reading:
    """Of one range: the same, by the characters of the text itself."""
    [part] = reading.ranges
    if part.start == part.end:
        return reading
    start, end = window.source(part.start, part.end)
    return replace(reading, ranges=(part._replace(start=start, end=end),))


def _lead(candidate: Candidate) -> str:
    return f"{candidate.before} " if candidate.before else ""
