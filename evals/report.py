"""`report.html`: a run as one page that opens without a network.

Everything that comes from a set, an article or a model is escaped by the template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from evals.case import Case
from evals.matching import first_ranks, span
from evals.metrics import METRICS
from evals.outcome import OUTCOMES, Outcome, judge
from evals.result import Cited, Found, Result
from evals.summary import HEADLINES, Pair, Summary

SHOWN = 10  # passages a case
AROUND = 160  # characters of context on either side of a quote

Piece = tuple[str, bool]  # text, and whether it is marked


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold sentence and the rank, from 1, of the first passage that holds it."""

    article: str
    quote: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows of one case."""

    case: Case
    result: Result
    outcome: Outcome
    facts: list[tuple[str, bool]]
    gold: list[Gold]
    citations: list[tuple[Cited, list[Piece]]]
    passages: list[tuple[Found, list[Piece]]]


def render(summary: Summary, pairs: Sequence[Pair]) -> str:
    """The page."""
    views = [_view(case, result, summary.retrieval_only) for case, result in pairs]
    return _template().render(
        summary=summary,
        views=views,
        shares=[metric for metric in METRICS if metric.name in summary.overall.figures],
        headlines=[name for name in HEADLINES if name in summary.overall.figures],
        outcomes=[name for name in OUTCOMES if name in summary.overall.outcomes],
    )


@cache
def _template() -> Template:
    page = files("evals").joinpath("report.html.jinja").read_text("utf-8")
    bare = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return bare.from_string(page)


def _view(case: Case, result: Result, retrieval_only: bool) -> View:
    said = result.facts_found or (False,) * len(case.facts)
    shown = result.passages[:SHOWN]
    return View(
        case=case,
        result=result,
        outcome=judge(case, result, retrieval_only=retrieval_only),
        facts=[(" / ".join(forms), found) for forms, found in zip(case.facts, said, strict=True)],
        gold=_gold(case, result),
        citations=[(cited, _in_context(cited, result.passages)) for cited in result.citations],
        passages=[(found, _marked(found.text, _spans(found.text, case.quotes))) for found in shown],
    )


def _gold(case: Case, result: Result) -> list[Gold]:
    quotes = [evidence.quote for evidence in case.evidence]
    ranks = first_ranks(quotes, [passage.text for passage in result.passages])
    return [
        Gold(evidence.article, evidence.quote, rank if evidence.quote else None)
        for evidence, rank in zip(case.evidence, ranks, strict=True)
    ]


def _in_context(cited: Cited, passages: Iterable[Found]) -> list[Piece]:
    """The quote, marked, in the passage it was taken from; by itself where that is not shown."""
    for passage in passages:
        start, end = cited.start - passage.start, cited.end - passage.start
        if (
            passage.article_id == cited.article_id
            and passage.text[max(start, 0) : end] == cited.quote
        ):
            before, after = passage.text[max(0, start - AROUND) : start], passage.text[end:]
            return [(before, False), (cited.quote, True), (after[:AROUND], False)]
    return [(cited.quote, True)]


def _spans(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    found = (span(text, quote) for quote in quotes)
    return sorted(place for place in found if place)


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """The text in pieces; spans may overlap."""
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
        start = max(start, at)
        if end > start:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [*pieces, (text[at:], False)]
