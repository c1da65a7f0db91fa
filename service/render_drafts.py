"""HTML for drafts to decide on. All that comes from files and articles is escaped here."""

from collections.abc import Sequence

from index.database import Database
from index.finding import verbatim
from index.schema import Article
from service.render import escape, render_place
from service.sets import Draft, Sets, Unsettled

AROUND = 200  # characters of an article shown on either side of a quote
LONG = 600  # characters shown of what was said
LISTED = 50  # of what is to be looked at
NONE_WAIT = "Nothing waits for a decision."


def render_draft(draft: Draft | None, waiting: int, sets: Sets, message: str = "") -> str:
    """A draft with its passages marked, or what to do to get one."""
    said = render_note(message) if message else ""
    if draft:
        return said + _draft(draft, waiting, sets.database)
    advice = f"<code>dateline eval draft {escape(str(sets.folder.parent))}</code>"
    way = f"Judge an answer, or let questions be proposed: {advice}"
    return f'{said}<p class="opening">{NONE_WAIT} {way}</p>'


def render_note(message: str) -> str:
    """What came of the last decision."""
    return f'<p class="note" role="status">{escape(message)}</p>'


def _draft(draft: Draft, waiting: int, database: Database) -> str:
    left = f"{waiting:,} to decide" if waiting > 1 else "the last one"
    kind = escape(draft.type)
    passages = "".join(_evidence(name, quote, database) for name, quote in draft.evidence)
    none = "" if draft.answer else '<p class="said">The articles are to hold no answer to this.</p>'
    return f'<p class="fine">{kind} · {left}</p>{none}{passages}'


def _evidence(name: str, quote: str, database: Database) -> str:
    """The quote, marked, in a stretch of its article; by itself where it is not there."""
    articles = database.find(name)
    for article in articles:
        if quote and (span := verbatim(article.text, quote)):
            return f"<blockquote>{_in_context(article, *span)}</blockquote>" + render_place(
                article, span
            )
    where = render_place(articles[0]) if articles else f'<p class="place">{escape(name)}</p>'
    lack = "no longer stands in it" if articles else "is of no article in this archive"
    mark = f"<mark>{escape(quote)}</mark>" if quote else ""
    return f'<blockquote>{mark}</blockquote>{where}<p class="fine">This {lack}.</p>'


def _in_context(article: Article, start: int, end: int) -> str:
    text = article.text
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if start > AROUND:
        before = "… " + before.partition(" ")[2]
    if end + AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return f"{escape(before)}<mark>{escape(text[start:end])}</mark>{escape(after)}"


def render_unsettled(found: Sequence[Unsettled], faults: Sequence[str] = ()) -> str:
    """Feedback that is no case yet, folded up, and files that cannot be used."""
    broken = "".join(f"<p>{escape(_clipped(fault))}</p>" for fault in faults)
    if not found:
        return broken
    items = "".join(map(_item, found[:LISTED]))
    summary = f"<summary>{len(found):,} to be looked at: not a case yet</summary>"
    return f"{broken}<details>{summary}<ul>{items}</ul></details>"


def _item(one: Unsettled) -> str:
    said = "".join(f"<br>{escape(_clipped(text))}" for text in (one.answer, one.note) if text)
    return f"<li><b>{escape(_clipped(one.question))}</b>: {escape(one.why)}{said}</li>"


def _clipped(text: str) -> str:
    return text if len(text) <= LONG else text[:LONG] + " …"
