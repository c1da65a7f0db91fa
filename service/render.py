"""HTML for answers, lists and the article page. All that comes from outside is escaped here."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode, urlsplit

from index.schema import Article, Copy, Hit
from service.pipeline import Said
from service.schema import Answer, Citation, Sentence
from service.syndication import also_in

NOT_FOUND = "Not in these articles."
NEAREST = 4  # articles shown with a refusal
LISTED = 500  # articles shown in the list

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_WEB = re.compile(r"https?://[^\s\\\"'<>`{|}^\x00-\x20\x7f]+", re.IGNORECASE)
# The page of a foreign text needs no script and nothing from elsewhere, so it may have neither.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@cache
def asset(name: str) -> str:
    """The text of a file in `service/assets`."""
    return files("service").joinpath("assets", name).read_text(encoding="utf-8")


def printable(text: str) -> str:
    """The text with every lone surrogate, which no encoding can carry, as a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def escape(text: str) -> str:
    """The text as it may stand in an element or a quoted attribute."""
    return html.escape(printable(text))


def article_link(article: Article | Copy, start: int | None = None, end: int | None = None) -> str:
    """The address of the article's page, at the passage if one is given."""
    at = f"?{urlencode({'start': start, 'end': end})}#quote" if start is not None else ""
    return f"/articles/{article.id}{at}"


def outward_link(url: str | None) -> str:
    """A link to the original if the address is a plain web address, else nothing."""
    if not url or not _WEB.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.hostname or "@" in parts.netloc:  # "https://bank.com@elsewhere" deceives
        return ""
    rel = 'rel="noopener noreferrer nofollow" target="_blank"'
    return f'<a class="original" href="{escape(url)}" {rel}>Original</a>'


def render_pending(question: str, said: Sequence[Said]) -> str:
    """An answer in the making: what is said so far."""
    citations = [citation for each in said for citation in each.citations]
    body = _said([each.sentence for each in said], citations)
    return _turn(question, f'{body}<p class="working">Reading the articles</p>', "pending")


def render_answer(question: str, answer: Answer) -> str:
    """The whole answer: sentences, sources, notes, what was left out, and how long it took."""
    said = _said(answer.sentences, answer.citations)
    if answer.status == "not_in_articles":
        said = f'<p class="refusal">{NOT_FOUND}</p>{said}'
    elif answer.status == "partial":
        said = f'<p class="partial">Only part of this is in these articles.</p>{said}'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in answer.notes)
    evidence = _sources(answer.citations) if answer.sentences else _nearest(answer.hits)
    foot = f'<footer class="foot">{_fine(answer)}{_judging(answer)}</footer>'
    return _turn(question, said + notes + evidence + _dropped(answer.dropped) + foot)


def render_failure(question: str, message: str) -> str:
    """A question that could not be answered, and why."""
    return _turn(question, f'<p class="failure" role="alert">{escape(message)}</p>')


def render_opening(articles: int) -> str:
    """What stands in place of an answer before the first question."""
    if not articles:
        said = "The archive is empty. Add articles with <code>dateline ingest PATH</code>."
    else:
        known = "1 article" if articles == 1 else f"{articles:,} articles"
        said = f"{known} in the archive. What would you like to know?"
    return f'<p class="opening">{said}</p>'


def render_articles(articles: Sequence[Article], total: int) -> str:
    """A list of articles, in the order given."""
    if not articles:
        return render_opening(0)
    items = "".join(f"<li>{render_place(article)}</li>" for article in articles)
    more = f'<p class="note">The newest {len(articles):,} of {total:,} articles.</p>'
    return f'{more if total > len(articles) else ""}<ol class="articles">{items}</ol>'


def render_article(
    article: Article,
    start: int | None = None,
    end: int | None = None,
    also: Sequence[Copy] = (),
) -> str:
    """The article as a whole page, with `text[start:end]` marked; a wrong range is ignored."""
    title = escape(article.title or article.name)
    author = f'<span class="author">{escape(article.author)}</span>' if article.author else ""
    byline = _dotted([author, _date(article), outward_link(article.url)])
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
{_paragraphs(article.text, start, end)}
{_also(also)}
</main>
</body>
</html>
"""


def _turn(question: str, body: str, state: str = "done") -> str:
    asked = f'<h2 class="question" dir="auto">{escape(question)}</h2>'
    return f'<article class="turn {state}">{asked}{body}</article>'


def _said(sentences: Iterable[Sentence], citations: Iterable[Citation]) -> str:
    cited = {citation.number: citation for citation in citations}
    said = " ".join(
        f'<span dir="auto">{_with_answer(s)}</span>'
        + "".join(_chip(cited[number]) for number in s.citations if number in cited)
        for s in sentences
    )
    return f'<p class="answer">{said}</p>' if said else ""


def _with_answer(sentence: Sentence) -> str:
    """The sentence with the bare answer in it set off."""
    if not sentence.direct:
        return escape(sentence.text)
    start, end = sentence.direct
    before, answer, after = sentence.text[:start], sentence.text[start:end], sentence.text[end:]
    return f"{escape(before)}<strong>{escape(answer)}</strong>{escape(after)}"


def _chip(citation: Citation) -> str:
    article = citation.article
    known = (article.title or article.name, article.outlet, _day(article.published))
    label = escape(f"Source {citation.number}: {', '.join(part for part in known if part)}")
    link = escape(article_link(article, citation.start, citation.end))
    return (  # the word joiner keeps it from going to the next line alone
        f'\u2060<a class="chip" href="{link}" target="article" aria-label="{label}" '
        f'title="{label}">{citation.number}</a>'
    )


def _sources(citations: Iterable[Citation]) -> str:
    items = "".join(
        f'<li value="{c.number}"><blockquote dir="auto">{escape(c.quote)}</blockquote>'
        f"{render_place(c.article, c.start, c.end)}{_also(c.also)}</li>"
        for c in citations
    )
    return f'<h3>Sources</h3><ol class="sources">{items}</ol>' if items else ""


def _nearest(hits: Iterable[Hit]) -> str:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.article.id, hit)
    items = "".join(
        f"<li>{render_place(hit.article, hit.passage.start, hit.passage.end)}{_also(hit.also)}</li>"
        for hit in list(best.values())[:NEAREST]
    )
    return f'<h3>The nearest articles</h3><ul class="nearest">{items}</ul>' if items else ""


def _dropped(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    many = len(sentences) > 1
    summary = f"{len(sentences)} sentence{'s' * many} left out: no passage bears "
    items = "".join(f'<li dir="auto">{escape(sentence)}</li>' for sentence in sentences)
    return (
        f'<details class="dropped"><summary>{summary}{"them" if many else "it"} out</summary>'
        f"<ul>{items}</ul></details>"
    )


def _fine(answer: Answer) -> str:
    quoted = answer.answerer == "quotes" and answer.sentences
    by = "in the articles’ own words" if quoted else escape(answer.answerer)
    return f'<p class="fine">{sum(answer.seconds.values()):.2f} s · {by}</p>'


def _judging(answer: Answer) -> str:
    """Where the reader says whether it is right; `judging.js` sends it."""
    if not answer.id:
        return ""
    buttons = "".join(
        f'<button type="button" data-verdict="{verdict}" aria-pressed="false">{label}</button>'
        for verdict, label in (("right", "This is right"), ("wrong", "This is wrong"))
    )
    refused = "refused" if answer.status == "not_in_articles" else "answered"
    return (
        f'<div class="judging {refused}" data-answer="{escape(answer.id)}" role="group" '
        f'aria-label="What do you say of this answer?">{buttons}</div>'
    )


def render_place(article: Article, start: int | None = None, end: int | None = None) -> str:
    """An article's title, linked, with its outlet, its date and the way to the original."""
    title = escape(article.title or article.name)
    address = escape(article_link(article, start, end))
    link = f'<a href="{address}" target="article" dir="auto">{title}</a>'
    outlet = f"<bdi>{escape(article.outlet)}</bdi>" if article.outlet else ""
    known = _dotted([outlet, _date(article), outward_link(article.url)])
    return f'<p class="place">{link}<span class="byline">{known}</span></p>'


def _also(also: Sequence[Copy]) -> str:
    """Where else the story stands, folded up."""
    if not also:
        return ""
    items = "".join(f"<li>{_copy(copy)}</li>" for copy in also)
    summary = f"<summary>{also_in([copy.outlet for copy in also])}</summary>"
    return f'<details class="also" lang="en">{summary}<ul>{items}</ul></details>'


def _copy(copy: Copy) -> str:
    name = escape(copy.outlet or copy.title or copy.name)
    link = f'<a href="{article_link(copy)}" target="article" dir="auto">{name}</a>'
    return _dotted([link, _day(copy.published)])


def _dotted(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _date(article: Article) -> str:
    if article.published is None:
        return '<span class="undated">undated</span>'
    found = f"Date found: {article.published_from}" if article.published_from else ""
    day = _day(article.published)
    return f'<time datetime="{article.published}" title="{escape(found)}">{day}</time>'


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B} {day.year}" if day else "undated"


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
