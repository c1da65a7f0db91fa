"""HTML for the page of an article, in the version that a citation stands on or in the newest."""

import re
from collections.abc import Iterator, Sequence

from index.schema import Article
from service.changes import SHOWN, Block, Change, changes
from service.reading import Reading
from service.render import (
    agency,
    article_link,
    asset,
    dated,
    dotted,
    escape,
    in_words,
    outward_link,
    render_also,
    updated,
    version_link,
)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# The page of a foreign text needs no script and nothing from elsewhere, so it may have neither.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_TAGS = {"removed": "del", "added": "ins"}


def render_article(reading: Reading, start: int | None = None, end: int | None = None) -> str:
    """The article as a whole page, with `text[start:end]` marked; a wrong range is ignored."""
    article = reading.article
    title = escape(article.title or article.name)
    author = f'<span class="author">{escape(article.author)}</span>' if article.author else ""
    byline = dotted(
        [author, agency(article), dated(article), updated(article), outward_link(article.url)]
    )
    outlet = f'<p class="outlet">{escape(article.outlet)}</p>' if article.outlet else ""
    language = article.language or ""
    lang = language if _LANGUAGE.fullmatch(language) else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{title} · Dateline</title>
<style>{asset("palette.css")}{asset("article.css")}</style>
</head>
<body>
<nav><a href="/">Dateline</a></nav>
<main lang="{lang}">
<header>{outlet}<h1 dir="auto">{title}</h1><p class="byline" lang="en">{byline}</p></header>
{_versions(article, reading.history)}
{_paragraphs(article.text, start, end)}
{render_also(reading.also)}
</main>
</body>
</html>
"""


def _versions(shown: Article, history: Sequence[Article]) -> str:
    """Whether this is the newest version; what was changed after it, or at all."""
    old = bool(history) and shown.version != history[0].version
    found = changes(history, since=shown.version if old else None)
    if not found:
        return ""
    told = [
        _change(change, shown, is_open=old and n == 0) for n, change in enumerate(found[:SHOWN])
    ]
    told += [f"<li>{_when(change)}</li>" for change in found[SHOWN:]]
    newest = f'<a href="{article_link(shown)}">Read it as it is now</a>'
    notice = f'<p lang="en">This is an earlier version. {newest}.</p>' if old else ""
    return f'<section class="changes">{notice}<ul>{"".join(told)}</ul></section>'


def _change(change: Change, shown: Article, *, is_open: bool) -> str:
    blocks = "".join(map(_block, change.blocks()))
    before = ""
    if change.earlier.version != shown.version:
        link = escape(version_link(change.earlier))
        before = f'<p lang="en"><a href="{link}">The version before</a></p>'
    opened = " open" * is_open
    return f"<li><details{opened}><summary>{_when(change)}</summary>{blocks}{before}</details></li>"


def _when(change: Change) -> str:
    """The day on which the later version was first seen."""
    seen = change.later.fetched
    day = f" on {in_words(seen.date().isoformat())}" if seen else ""
    return f'<span lang="en">Changed{day}</span>'


def _block(block: Block) -> str:
    runs = (
        f"<{tag}>{escape(run.text)}</{tag}>" if (tag := _TAGS.get(run.kind)) else escape(run.text)
        for run in block
    )
    return f'<p class="diff" dir="auto">{"".join(runs)}</p>'


def _paragraphs(text: str, start: int | None, end: int | None) -> str:
    if start is None or end is None or not 0 <= start < end <= len(text):
        start = end = 0
    marked = "".join(
        f'<p dir="auto">{_marked(text, a, b, start, end)}</p>\n' for a, b in _blocks(text)
    )
    return marked.replace("<mark>", '<mark id="quote" tabindex="-1">', 1)


def _marked(text: str, start: int, end: int, first: int, last: int) -> str:
    """`text[start:end]`, with what it shares with `text[first:last]` marked."""
    cut = min(max(first, start), end)
    stop = max(min(last, end), cut)
    inside = f"<mark>{escape(text[cut:stop])}</mark>" if cut < stop else ""
    return escape(text[start:cut]) + inside + escape(text[stop:end])


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each run of lines that are not blank."""
    start, end, at = -1, 0, 0
    for line in text.split("\n"):
        if line.strip():
            start, end = (at if start < 0 else start), at + len(line)
        elif start >= 0:
            yield start, end
            start = -1
        at += len(line) + 1
    if start >= 0:
        yield start, end
