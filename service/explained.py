"""Why a search found what it found, as JSON and as text."""

import asyncio
from collections.abc import Iterator, Sequence

from index.explaining import Fate, Reasons, Weight, fate, reasons
from index.retrieval import Search, Trace
from index.schema import Article
from service.pipeline import Pipeline
from service.printing import also_lines, source_line
from service.schema import Question
from service.shapes import Shape, article_shape, hit_shape, understood_shape

QUOTED = 60  # characters of what was searched for


async def explained(
    pipeline: Pipeline, question: Question, k: int, reference: str | None = None
) -> Shape:
    """The k best passages with their reasons, and how far the article that goes by this came.

    Raises NotFound if no article goes by the reference (an id, name, key or URL).
    """
    archive = pipeline.archive
    article = await asyncio.to_thread(archive.get, reference) if reference else None
    trace, asked = await pipeline.trace(question, k)
    shape = {**_trace_shape(trace), "understood": understood_shape(asked)}
    if article:
        shape["article"] = _fate_shape(await asyncio.to_thread(fate, archive, trace, article))
    return shape


def explanation_text(shape: Shape) -> str:
    """What `explained` gives, for people."""
    lines = ["Searched for", *(f"  {_search_line(s)}" for s in shape["searches"])]
    total = shape["candidates"]
    lines += [f"{total['passages']} candidates, {total['without_copies']} without copies", ""]
    for place, passage in enumerate(shape["passages"], 1):
        lines += [f"{place}. {passage['score']:.2f}  {source_line(passage)}", *also_lines(passage)]
        lines += [*_reason_lines(passage["why"], passage["parts"]), f"    {passage['text']}", ""]
    if "article" in shape:
        lines += _fate_lines(shape["article"])
    return "\n".join(lines)


def _trace_shape(trace: Trace) -> Shape:
    return {
        "passages": [
            {**hit_shape(hit), "why": _reasons_shape(reasons(trace, hit))} for hit in trace.hits
        ],
        "searches": [_search_shape(search) for search in trace.seen.searches],
        "candidates": {"passages": len(trace.ranked), "without_copies": len(trace.different)},
        "filter": {
            "since": trace.allowed.since and trace.allowed.since.isoformat(),
            "until": trace.allowed.until and trace.allowed.until.isoformat(),
            "outlets": list(trace.allowed.outlets),
        },
        "reranker": trace.reranker,
    }


def _search_shape(search: Search) -> Shape:
    return {
        "by": search.by,
        "text": search.text,
        "outlets": list(search.outlets),
        "found": len(search.found),
        "last_score": min(search.found.values(), default=None),
    }


def _reasons_shape(why: Reasons) -> Shape:
    return {
        "found_by": [
            {
                "by": place.by,
                "text": place.text,
                "outlets": list(place.outlets),
                "rank": place.rank,
                "score": place.score,
            }
            for place in why.places
        ],
        "features": _weight_shapes(why.features),
        "score": why.score,
        "rank": why.rank,
        "rank_in_article": why.in_article,
        "rank_without_copies": why.without_copies,
    }


def _weight_shapes(weights: Sequence[Weight]) -> list[Shape]:
    return [{"feature": w.feature, "value": w.value, "adds": w.adds} for w in weights]


def _fate_shape(found: Fate) -> Shape:
    return {
        **_named(found.article),
        "stage": found.stage,
        "detail": found.detail,
        "best": found.best and hit_shape(found.best),
        "why": found.reasons and _reasons_shape(found.reasons),
        "behind": _weight_shapes(found.behind),
    }


def _named(article: Article) -> Shape:
    head = article_shape(article)
    return {name: head[name] for name in ("article_id", "article", "title", "outlet", "published")}


def _search_line(search: Shape) -> str:
    among = f" among {', '.join(search['outlets'])}" if search["outlets"] else ""
    last = f", the last with {search['last_score']:.2f}" if search["found"] else ""
    return f"{search['by']:8}{_quoted(search['text'])}{among}: {search['found']} found{last}"


def _reason_lines(why: Shape, parts: Shape) -> Iterator[str]:
    for place in why["found_by"]:
        part = "" if place["by"] in ("words", "meaning") else f" {_quoted(place['text'])}"
        yield f"    found by {place['by']}{part}: place {place['rank']}, {place['score']:.2f}"
    yield f"    place {why['rank']} by features, {why['score']:.2f}: {_weights(why['features'])}"
    yield f"    its article's passage number {why['rank_in_article']} by features"
    if "reranker" in parts:
        before = why["rank_without_copies"]
        yield f"    reranked with {parts['reranker']:.2f} from place {before}"


def _fate_lines(found: Shape) -> Iterator[str]:
    used = "was used" if found["stage"] == "used" else f"fell out at: {found['stage']}"
    yield f"{source_line(found)} {used}"
    yield f"    {found['detail']}"
    if found["best"]:
        yield from _reason_lines(found["why"], found["best"]["parts"])
    if found["behind"]:
        yield f"    behind the last one used in {_weights(found['behind'])}"


def _weights(weights: Sequence[Shape]) -> str:
    return ", ".join(f"{w['feature']} {w['adds']:+.2f}" for w in weights) or "nothing"


def _quoted(text: str) -> str:
    short = text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"
    return f"“{short}”"
