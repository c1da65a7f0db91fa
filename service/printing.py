"""What the command line shows of answers, passages and articles."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from service.syndication import also_in

Shape = Mapping[str, Any]
MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def answer_text(answer: Shape) -> str:
    """The answer with its sources below, or what is nearest to a question without one."""
    if answer["status"] == "not_in_articles":
        reason = answer["reason"] or {"text": "", "articles": []}
        lines = ["Not in these articles.", *filter(None, [reason["text"]])]
        lines += [f"  {source_line(article)}" for article in reason["articles"]]
        return "\n".join([*lines, *_nearest(answer["passages"])])
    lines = [answer["answer"], *filter(None, [answer["timeline"]])]
    if answer["status"] == "partial":
        lines += [
            "Only part of this is in these articles.",
            *(x["text"] for x in answer["missing"]),
        ]
    lines += [""]
    for c in answer["citations"]:
        lines += [f"[{c['number']}] {source_line(c)}", f"    “{c['quote']}”", *also_lines(c)]
    lines += [f"Note: {note}" for note in answer["notes"]]
    return "\n".join(lines)


def passages_text(passages: Sequence[Shape]) -> str:
    """The passages, best first, each under its article and score."""
    shown = []
    for p in passages:
        shown += [f"{p['score']:6.2f}  {source_line(p)}", p["text"], *also_lines(p), ""]
    return "\n".join(shown) or "Nothing found."


def place_text(place: Shape | None) -> str:
    """Where the excerpt stands."""
    if place is None:
        return "Not in the collection."
    return "\n".join([source_line(place), f"    “{place['quote']}”", *also_lines(place)])


def article_line(article: Shape) -> str:
    """One line of a list."""
    return f"{article['article_id']}  {source_line(article)}"


def article_text(article: Shape) -> str:
    """The whole article under its head, and how it came to be as it is."""
    versions = article["versions"]
    old = [] if article["version"] == versions[0]["version"] else ["    An earlier version."]
    head = [source_line(article), *old, *also_lines(article)]
    return "\n".join([*head, "", article["text"], *chain.from_iterable(map(_changed, versions))])


def _changed(version: Shape) -> list[str]:
    """When a version came, and what it changed: [-taken out-] and {+put in+}."""
    if version["changes"] is None:
        return []
    blocks = ["".join(MARKS[kind].format(text) for kind, text in b) for b in version["changes"]]
    day = (version["fetched"] or "")[:10]
    return ["", f"Changed on {day}:", *(f"    {' '.join(block.split())}" for block in blocks)]


def _nearest(passages: Sequence[Shape]) -> list[str]:
    nearest: dict[str, Shape] = {}
    for passage in passages:
        nearest.setdefault(source_line(passage), passage)
    lines = [[f"  {source}", *also_lines(p)] for source, p in list(nearest.items())[:3]]
    return ["Nearest articles:", *chain.from_iterable(lines)] if lines else []


def also_lines(shape: Shape) -> list[str]:
    """One line on the copies of the article, if there are any."""
    copies = shape["also"]
    if not copies:
        return []
    names = [f"{c['outlet'] or c['article']} ({c['published'] or 'undated'})" for c in copies]
    return [f"    {also_in([c['outlet'] for c in copies])}: {', '.join(names)}"]


def source_line(shape: Shape) -> str:
    title = shape["title"] or shape["article"]
    known = (title, shape["outlet"], shape["published"] or "undated", shape.get("url"))
    return " · ".join(part for part in known if part)
