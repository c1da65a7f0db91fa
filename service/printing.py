"""What the command line shows of answers, passages and articles."""

from collections.abc import Mapping, Sequence
from typing import Any

Shape = Mapping[str, Any]


def answer_text(answer: Shape) -> str:
    """The answer with its sources below, or what is nearest to a question without one."""
    if answer["status"] == "not_in_articles":
        return "\n".join(["Not in these articles.", *_nearest(answer["passages"])])
    lines = [answer["answer"], ""]
    lines += [f"[{c['number']}] {_source(c)}\n    “{c['quote']}”" for c in answer["citations"]]
    lines += [f"Note: {note}" for note in answer["notes"]]
    return "\n".join(lines)


def passages_text(passages: Sequence[Shape]) -> str:
    """The passages, best first, each under its article and score."""
    shown = [f"{p['score']:6.2f}  {_source(p)}\n{p['text']}\n" for p in passages]
    return "\n".join(shown) or "Nothing found."


def place_text(place: Shape | None) -> str:
    """Where the excerpt stands."""
    if place is None:
        return "Not in the collection."
    return f"{_source(place)}\n    “{place['quote']}”"


def article_line(article: Shape) -> str:
    """One line of a list."""
    return f"{article['article_id']}  {_source(article)}"


def article_text(article: Shape) -> str:
    """The whole article under its head."""
    return f"{_source(article)}\n\n{article['text']}"


def _nearest(passages: Sequence[Shape]) -> list[str]:
    sources = list(dict.fromkeys(_source(passage) for passage in passages))[:3]
    return ["Nearest articles:", *(f"  {source}" for source in sources)] if sources else []


def _source(shape: Shape) -> str:
    title = shape["title"] or shape["article"]
    known = (title, shape["outlet"], shape["published"] or "undated", shape.get("url"))
    return " · ".join(part for part in known if part)
