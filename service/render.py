"""HTML for answers and lists. All that comes from outside is escaped here."""

import html
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from index import dating
from index.finding import Place
from index.schema import Article, Copy, Hit
from service.pipeline import Said
from service.schema import Account, Answer, Citation, Reason, Sentence
from service.syndication import also_in
from service.timeline import WORDS, short_day

NOT_FOUND = "Not in these articles."
PARTIAL = "Only part of this is in these articles."
NOT_HELD = "Not in the collection."
DECIDED = {
    "reader": "decided with the reader",
    "words": "decided by words alone",
    "verifier": "decided with the verifier",
}
NEAREST = 4  # articles shown with a refusal
LISTED = 500  # articles shown in the list

_WEB = re.compile(r"https?://[^\s\\\"'<>`{|}^\x00-\x20\x7f]+", re.IGNORECASE)


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


def article_link(article: Article | Copy) -> str:
    """The address of the article's page."""
    return f"/articles/{article.id}"


def version_link(article: Article) -> str:
    """The address of just this version of the article, whatever becomes of it."""
    return f"{article_link(article)}?version={article.version}"


def place_link(article: Article, start: int, end: int) -> str:
    """The address of `text[start:end]` in just this version of the article."""
    return f"{version_link(article)}&start={start}&end={end}#quote"


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


def render_answer(question: str, answer: Answer, chips: str = "") -> str:
    """The whole answer: sentences, sources, notes, what was left out, and how long it took.

    chips: HTML of what was understood, which stands under the question.
    """
    said = _said(answer.sentences, answer.citations)
    if answer.status == "not_in_articles":
        said = f'<p class="refusal">{NOT_FOUND}</p>{_reason(answer.reason)}{said}'
    elif answer.status == "partial":
        lacks = escape(" ".join([PARTIAL, *(lack.text for lack in answer.lacks)]))
        said = f'<p class="partial">{lacks}</p>{said}'
    said += _timeline(answer.accounts)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in answer.notes)
    evidence = _sources(answer.citations) if answer.sentences else _nearest(answer.hits)
    foot = f'<footer class="foot">{_fine(answer)}{_judging(answer)}</footer>'
    return _turn(question, chips + said + notes + evidence + _dropped(answer.dropped) + foot)


def render_failure(question: str, message: str) -> str:
    """A question that could not be answered, and why."""
    return _turn(question, render_message(message))


def render_message(message: str) -> str:
    """Why something could not be done."""
    return f'<p class="failure" role="alert">{escape(message)}</p>'


def render_origin(place: Place | None, seconds: float) -> str:
    """Where an excerpt is from, with the words that stand there, or that it is from nowhere."""
    if place is None:
        return f'<p class="refusal">{NOT_HELD}</p><p class="fine">{seconds:.2f} s</p>'
    quote = escape(place.article.text[place.start : place.end])
    same = f"{place.likeness:.0f} percent of the words are the same"
    return (
        f'<div class="sources">{render_place(place.article, (place.start, place.end))}'
        f'<blockquote dir="auto">{quote}</blockquote>{render_also(place.also)}</div>'
        f'<p class="fine">{seconds:.2f} s · {same}</p>'
    )


def render_opening(articles: int) -> str:
    """What stands in place of an answer before the first question."""
    if not articles:
        said = (
            "The archive is empty. Add files under Articles, or with "
            "<code>dateline ingest PATH</code>."
        )
    else:
        known = "1 article" if articles == 1 else f"{articles:,} articles"
        said = f"{known} in the archive. What would you like to know?"
    return f'<p class="opening">{said}</p>'


def render_uploads(suffixes: Sequence[str], limit: int) -> str:
    """Where files are dropped or chosen; limit: bytes in one of them."""
    accepted = escape(",".join(suffixes))
    return (
        f'<label class="drop" data-limit="{limit}">'
        f'<input type="file" multiple accept="{accepted}"><strong>Add files</strong> '
        "<span>Drop them here, or choose them: text, Markdown, HTML, JSON, PDF or Word, "
        f"up to {limit // 1_000_000} MB each. A file of the same name is a new version.</span>"
        '</label><ul aria-live="polite" aria-label="What became of the files"></ul>'
    )


def render_articles(articles: Sequence[Article], total: int, notes: Sequence[str] = ()) -> str:
    """A list of articles, in the order given, under what there is to know of the archive."""
    if not articles:
        return render_opening(0)
    items = "".join(f"<li>{render_place(article)}</li>" for article in articles)
    more = f'<p class="note">The newest {len(articles):,} of {total:,} articles.</p>'
    told = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    return f'{told}{more if total > len(articles) else ""}<ol class="articles">{items}</ol>'


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
    known = (article.title or article.name, article.outlet, in_words(article.written))
    label = escape(f"Source {citation.number}: {', '.join(part for part in known if part)}")
    link = escape(place_link(article, citation.start, citation.end))
    return (  # the word joiner keeps it from going to the next line alone
        f'\u2060<a class="chip" href="{link}" target="article" aria-label="{label}" '
        f'title="{label}">{citation.number}</a>'
    )


def _sources(citations: Iterable[Citation]) -> str:
    items = "".join(
        f'<li value="{c.number}"><blockquote dir="auto">{escape(c.quote)}</blockquote>'
        f"{render_place(c.article, (c.start, c.end))}{render_also(c.also)}</li>"
        for c in citations
    )
    return f'<h3>Sources</h3><ol class="sources">{items}</ol>' if items else ""


def _reason(reason: Reason | None) -> str:
    """Why nothing answers, and the articles outside what was asked for."""
    if reason is None:
        return ""
    items = "".join(f"<li>{render_place(article)}</li>" for article in reason.articles)
    outside = f'<ul class="nearest outside">{items}</ul>' if items else ""
    return f'<p class="reason">{escape(reason.text)}</p>{outside}'


def _timeline(accounts: Sequence[Account]) -> str:
    """What each of several articles says, newest first."""
    days = [account.citation.article.published for account in accounts]
    items = "".join(
        f'<li>{WORDS[a.relation]}<strong dir="auto">{escape(a.text)}</strong>'
        f"{_chip(a.citation)} <time>{short_day(day, days)}</time></li>"
        for a, day in zip(accounts, days, strict=True)
    )
    return f'<ol class="timeline" aria-label="Newest first">{items}</ol>' if items else ""


def _nearest(hits: Iterable[Hit]) -> str:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.article.id, hit)
    items = "".join(
        f"<li>{render_place(h.article, (h.passage.start, h.passage.end))}{render_also(h.also)}</li>"
        for h in list(best.values())[:NEAREST]
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
    decided = f" · {DECIDED[answer.decision.by]}" if answer.decision else ""
    return f'<p class="fine">{sum(answer.seconds.values()):.2f} s · {by}{decided}</p>'


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


def render_place(article: Article, at: tuple[int, int] | None = None) -> str:
    """An article's title, linked, with its outlet, its date and the way to the original."""
    title = escape(article.title or article.name)
    address = escape(place_link(article, *at) if at else article_link(article))
    link = f'<a href="{address}" target="article" dir="auto">{title}</a>'
    outlet = f"<bdi>{escape(article.outlet)}</bdi>" if article.outlet else ""
    known = dotted([outlet, agency(article), dated(article), outward_link(article.url)])
    return f'<p class="place">{link}<span class="byline">{known}</span></p>'


def render_also(also: Sequence[Copy]) -> str:
    """Where else the story stands, folded up."""
    if not also:
        return ""
    items = "".join(f"<li>{_copy(copy)}</li>" for copy in also)
    summary = f"<summary>{also_in([copy.outlet for copy in also])}</summary>"
    return f'<details class="also" lang="en">{summary}<ul>{items}</ul></details>'


def _copy(copy: Copy) -> str:
    name = escape(copy.outlet or copy.title or copy.name)
    link = f'<a href="{article_link(copy)}" target="article" dir="auto">{name}</a>'
    return dotted([link, in_words(copy.written)])


def dotted(parts: Iterable[str]) -> str:
    """Those parts that there are, in a row."""
    return " · ".join(part for part in parts if part)


def dated(article: Article) -> str:
    """The date of publication, as exact as it is known; marked where it is not."""
    if article.written is None:
        return '<span class="undated">undated</span>'
    origin = article.published_from
    return _time(article.published_as or article.written, f"Date found: {origin}" if origin else "")


def updated(article: Article) -> str:
    """When the outlet last changed it, by its own account."""
    if article.updated is None:
        return ""
    origin = article.updated_from
    return f"updated {_time(article.updated, f'Found: {origin}' if origin else '')}"


def agency(article: Article) -> str:
    """Whose text it is, if that is someone else than who printed it."""
    if not article.agency or article.agency == article.outlet:
        return ""
    return f'<span class="agency">from {escape(article.agency)}</span>'


def _time(written: str, title: str) -> str:
    day = in_words(dating.day_of(written))
    return f'<time datetime="{escape(written)}" title="{escape(title)}">{day}</time>'


def in_words(written: str | None) -> str:
    """A date as `index.dating` writes it, to the day: 3 May 2024, May 2024 or 2024."""
    if written is None:
        return "undated"
    day = dating.first(written)
    rough = {4: f"{day:%Y}", 7: f"{day:%B} {day.year}"}
    return rough.get(len(written), f"{day.day} {day:%B} {day.year}")
