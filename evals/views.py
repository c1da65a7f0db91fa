"""What a page shows of a case: texts in pieces, marked where a quote or gold evidence stands.

Pages stay small enough for a telephone: the more cases a run has, the less is shown of passages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.case import Case
from evals.matching import first_ranks, span
from evals.outcome import Outcome, explain, judge
from evals.result import AROUND, Cited, Found, Result
from evals.summary import Pair

SHOWN = 10  # passages a case
BUDGET = 4_000_000  # characters of passages in a page
FULL = 1_500  # characters shown of a passage, at most
LEAST = 60  # fewer would say nothing: then only the article is named
LONG = 4_000  # characters shown of any other text

Piece = tuple[str, bool]  # text, and whether it is marked


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold sentence and the rank, from 1, of the first passage that holds it."""

    article: str
    quote: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class View:
    """All that a page shows of one case."""

    case: Case
    result: Result
    outcome: Outcome
    reason: str
    facts: list[tuple[str, bool]]
    gold: list[Gold]
    citations: list[tuple[Cited, list[Piece]]]
    passages: list[tuple[Found, list[Piece], bool]]  # and whether it holds gold evidence

    @property
    def rank(self) -> int | None:
        """Of the first passage with gold evidence."""
        return min((gold.rank for gold in self.gold if gold.rank), default=None)

    @property
    def seconds(self) -> float | None:
        """All stages together."""
        return sum(self.result.seconds.values()) if self.result.seconds else None


def views(pairs: Sequence[Pair], *, retrieval_only: bool) -> list[View]:
    """Of each case, in order."""
    shown = sum(min(len(result.passages), SHOWN) for _, result in pairs)
    room = min(FULL, BUDGET // max(1, shown))
    return [_view(c, r, judge(c, r, retrieval_only=retrieval_only), room) for c, r in pairs]


def clipped(text: str, most: int = LONG) -> str:
    """The text, or its beginning."""
    return text if len(text) <= most else text[:most] + " …"


def _view(case: Case, result: Result, outcome: Outcome, room: int) -> View:
    said = result.facts_found or (False,) * len(case.facts)
    return View(
        case=case,
        result=result,
        outcome=outcome,
        reason=clipped(explain(case, result, outcome)),
        facts=[
            (clipped(" / ".join(forms)), found)
            for forms, found in zip(case.facts, said, strict=True)
        ],
        gold=_gold(case, result),
        citations=[(cited, _in_context(cited, result.passages)) for cited in result.citations],
        passages=[_passage(case, found, room) for found in result.passages[:SHOWN]],
    )


def _gold(case: Case, result: Result) -> list[Gold]:
    quotes = [evidence.quote for evidence in case.evidence]
    ranks = first_ranks(quotes, [passage.text for passage in result.passages])
    return [
        Gold(evidence.article, clipped(evidence.quote), rank if evidence.quote else None)
        for evidence, rank in zip(case.evidence, ranks, strict=True)
    ]


def _in_context(cited: Cited, passages: Iterable[Found]) -> list[Piece]:
    """The quote, marked, in a stretch of its article; by itself where none was kept."""
    before, after = cited.before, cited.after
    for passage in passages:
        if before or after:
            break
        start, end = cited.start - passage.start, cited.end - passage.start
        same = passage.article_id == cited.article_id
        if same and passage.text[max(start, 0) : end] == cited.quote:
            before = passage.text[max(0, start - AROUND) : start]
            after = passage.text[end : end + AROUND]
    return [(_from_word(before), False), (clipped(cited.quote), True), (_to_word(after), False)]


def _from_word(text: str) -> str:
    """Without the word that a cut may have gone through; dots stand for what is left out."""
    return text if len(text) < AROUND else "… " + text.partition(" ")[2]


def _to_word(text: str) -> str:
    return text if len(text) < AROUND else text.rpartition(" ")[0] + " …"


def _passage(case: Case, found: Found, room: int) -> tuple[Found, list[Piece], bool]:
    gold = case.quotes if case.answerable else ()
    places = sorted(place for quote in gold if (place := span(found.text, quote)))
    window = _window(found.text, places, room)
    return found, marked(found.text, places, *window), bool(places)


def _window(text: str, places: Sequence[tuple[int, int]], room: int) -> tuple[int, int]:
    """Which part of a passage is shown: its beginning, or what holds its first gold evidence."""
    if room < LEAST and not places:
        return 0, 0
    first, last = places[0] if places else (0, 0)
    size = max(room, min(last - first, FULL))
    start = max(0, min(first - (size - (last - first)) // 2, len(text) - size))
    return start, min(len(text), start + size)


def marked(
    text: str, places: Iterable[tuple[int, int]], start: int = 0, end: int | None = None
) -> list[Piece]:
    """`text[start:end]` in pieces; places may overlap. Dots stand for what is left out."""
    stop = len(text) if end is None else end
    pieces: list[Piece] = [("… ", False)] if 0 < start < stop else []
    at = start
    for first, last in places:
        first, last = max(first, at), min(last, stop)
        if last > first:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    return [*pieces, (text[at:stop], False), *([(" …", False)] if 0 < stop < len(text) else [])]
