"""The chat page. The home of Gradio.

Two things keep it from handing out files of the server: no component of Gradio's takes files, and
`has_launched` is set, without which a mounted Gradio checks no path at all. Files go to the API.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.archive import Archive
from index.database import Database
from index.finding import MAX_CHARACTERS
from index.sources.files import SUFFIXES
from service.app import Dateline
from service.conversation import Frame, Turns, ask_again, converse
from service.desk import Desk
from service.excerpts import identify
from service.guard import HEADERS, MAX_ARTICLES
from service.proposing import Shown, accept, look, reject
from service.render import LISTED, asset, render_articles, render_opening, render_uploads
from service.render_runs import render_runs
from service.runs import Runs
from service.schema import MAX_QUESTION
from service.sets import MAX_ANSWER, Sets
from service.tongues import notes

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read on import; without it Gradio calls home
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"  # it sums up all calls at each one
import gradio as gr

WAITING = 64  # handlers in the queue; a further one is refused with a word
POLICY = "content-security-policy"
AT_ONCE = 16  # handlers at work; the pipeline has a gate of its own
_MASTHEAD = "<header><h1>Dateline</h1><p>Answers that stand on quoted, dated articles</p></header>"
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" '
    'rx="3" fill="#8a1c1c"/><path d="M4 3h4a5 5 0 0 1 0 10H4z" fill="#fbf9f4"/></svg>'
)
_LIVE = '<section aria-live="polite" aria-label="Answer">${value}</section>'
_WAYS = "A fact a line, ways to say it with | between. Empty: it is not in the articles."
_NO_DOCS = {"docs_url": None, "redoc_url": None, "openapi_url": None}
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def mount_page(app: FastAPI, dateline: Dateline) -> None:
    """Put the page at "/", beneath the API. Its questions pass the API's own desk."""
    gr.mount_gradio_app(
        app,
        create_page(dateline.archive, app.state.desk, app.state.runs, app.state.sets),
        "/",
        app_kwargs={**_NO_DOCS, "middleware": [Middleware(_Policy)]},
        theme=_theme(),
        head=_head(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        max_file_size=1,  # byte; nothing here takes files, but Gradio's route for them is there
    )


def create_page(archive: Archive, desk: Desk, runs: Runs, sets: Sets | None = None) -> gr.Blocks:
    """The page, not yet mounted; without `sets` it proposes no questions."""
    page = gr.Blocks(title="Dateline", analytics_enabled=False)
    with page:
        _html("masthead", _MASTHEAD)
        with gr.Tabs():
            with gr.Tab("Ask"):
                outlets = _lay_conversation(page, archive.database, desk)
            with gr.Tab("Find"):
                _lay_search(desk)
            with gr.Tab("Articles") as tab:
                _html("uploads", render_uploads(SUFFIXES, MAX_ARTICLES))
                refresh = gr.Button("Refresh", elem_id="refresh")  # which only a script presses
                listing = _html("listing")
            with gr.Tab("Evaluation") as evaluation:
                measured = _html("measured")
                proposed = _lay_drafts(sets) if sets else []
        tab.select(lambda: _listing(archive), None, listing, **_QUIET)
        refresh.click(lambda: _listing(archive), None, listing, **_QUIET)
        refresh.click(lambda: _outlets(archive.database), None, outlets, **_QUIET)
        evaluation.select(lambda: render_runs(runs), None, measured, **_QUIET)
        if sets:
            evaluation.select(lambda: _seen(look(sets)), None, proposed, **_QUIET)
    page.queue(api_open=False, max_size=WAITING, default_concurrency_limit=AT_ONCE)
    page.has_launched = True
    return page


class _Policy:
    """The guard's policy, but Gradio may make functions: it does so of the templates of gr.HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[POLICY] = HEADERS[POLICY].replace("script-src", "script-src 'unsafe-eval'")
            await send(message)

        await self._app(scope, receive, marked)


def _head() -> str:
    """Icon, style and script. Gradio's own way for style sheets breaks media queries and `:is`."""
    icon = f'<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">'
    style = f"<style>{asset('palette.css')}{asset('page.css')}</style>"
    scripts = "".join(asset(f"{name}.js") for name in ("page", "judging", "uploads"))
    return f"{icon}{style}<script>{scripts}</script>"


def _lay_conversation(page: gr.Blocks, database: Database, desk: Desk) -> gr.components.Component:
    """All under "Ask"; gives the choice of outlets, which grows with the archive."""
    turns = gr.State(())
    earlier = _html("earlier")
    current = _html("current", template=_LIVE, script=asset("chips.js"))
    with gr.Column(elem_id="composer"):
        with gr.Row(elem_id="asking"):
            box = _question_box()
            send = gr.Button("Ask", variant="primary", elem_id="ask", scale=0)
        with gr.Accordion("Filters", open=False, elem_id="filters"):
            filters = _filters(database.outlets())
        new = gr.Button("New conversation", size="sm", elem_id="new")
    seen, wishes = [box, earlier, current, turns], [box, *filters, turns]
    asked, ask = [box.submit, send.click], partial(converse, desk)
    asking = gr.on(asked, ask, wishes, seen, trigger_mode="once", **_QUIET)

    async def change(event: gr.EventData, turns: Turns) -> AsyncGenerator[Frame, None]:
        told = event._data if isinstance(event._data, dict) else {}  # anybody may send anything
        async with aclosing(ask_again(desk, told, turns)) as shown:
            async for frame in shown:
                yield frame

    changing = current.click(change, turns, seen, trigger_mode="once", **_QUIET)
    new.click(
        lambda: ("", "", _opening(database), ()), None, seen, cancels=[asking, changing], **_QUIET
    )
    page.load(lambda: _opening(database), None, current, **_QUIET)
    page.load(lambda: _outlets(database), None, filters[-1], **_QUIET)
    return filters[-1]


def _lay_search(desk: Desk) -> None:
    """A tab of its own: text in the question's box is never guessed to be an excerpt."""
    box = gr.Textbox(
        label="Some sentences of an article",
        placeholder="Paste what you read somewhere",
        lines=4,
        max_lines=12,
        max_length=MAX_CHARACTERS,
        elem_id="excerpt",
    )
    find = gr.Button("Find the article", variant="primary", elem_id="find")
    origin = _html("origin", template=_LIVE)
    find.click(partial(identify, desk), box, origin, trigger_mode="once", **_QUIET)


def _lay_drafts(sets: Sets) -> list[gr.components.Component]:
    """Drafts one by one; returns what shows them, in the order of `_seen`."""
    with gr.Column(elem_id="deciding"):
        _html("deciding-head", "<h3>Questions to decide on</h3>")
        with gr.Row(visible=False, elem_id="places") as places:
            drafts = gr.Dropdown([], label="From", elem_id="drafts")
            into = gr.Dropdown([], label="Into the set", allow_custom_value=True, elem_id="into")
        card = _html("draft", template=_LIVE.replace("Answer", "Draft"))
        with gr.Column(visible=False, elem_id="decision") as decision:
            question = gr.Textbox(label="Question", max_lines=6, max_length=MAX_QUESTION)
            answer = gr.Textbox(
                label="Answer", info=_WAYS, lines=2, max_lines=6, max_length=MAX_ANSWER
            )
            with gr.Row():
                yes = gr.Button("Accept", variant="primary", elem_id="accept", scale=0)
                no = gr.Button("Reject", elem_id="reject", scale=0)
        unsettled = _html("unsettled")
    which = gr.State("")
    given = [drafts, into, which, question, answer]
    seen = [*given, card, unsettled, places, decision]
    yes.click(lambda *now: _seen(accept(sets, *now)), given, seen, **_QUIET)
    no.click(lambda *now: _seen(reject(sets, *now)), given, seen, **_QUIET)
    drafts.input(lambda name: _seen(look(sets, name)), drafts, seen, **_QUIET)
    into.input(lambda *now: _elsewhere(sets, *now), [drafts, into, which], seen, **_QUIET)
    return seen


def _elsewhere(sets: Sets, drafts: str, into: str, which: str) -> list[Any]:
    """The same draft for another set, with what was written of it left as it is."""
    shown = look(sets, drafts, into)
    values = _seen(shown)
    if shown.id == which:
        values[3] = values[4] = gr.skip()
    return values


def _seen(shown: Shown) -> list[Any]:
    """What `_lay_drafts` puts up."""
    into = [*dict.fromkeys([shown.into, *shown.sets])] if shown.into else shown.sets
    return [
        gr.Dropdown(choices=shown.files, value=shown.drafts or None),
        gr.Dropdown(choices=into, value=shown.into or None),
        shown.id,
        shown.question,
        shown.answer,
        shown.html,
        gr.skip() if shown.unsettled is None else shown.unsettled,
        gr.Row(visible=bool(shown.id)),
        gr.Column(visible=bool(shown.id)),
    ]


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        placeholder="Ask about the articles",
        lines=1,
        max_lines=6,
        max_length=MAX_QUESTION,
        autofocus=True,
        elem_id="question",
        html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", autocomplete="off"),
    )


def _filters(known: list[str]) -> list[gr.components.Component]:
    """From, To, As of and the outlets, in the order of `converse`."""
    with gr.Row():
        days = [
            gr.Textbox(label=label, info=info, placeholder="YYYY-MM-DD", max_length=40)
            for label, info in (
                ("From", "First day of publication"),
                ("To", "Last day of publication"),
                ("As of", "As if asked on this day"),
            )
        ]
    outlets = gr.Dropdown(known, label="Outlets", info="None means all", multiselect=True)
    return [*days, outlets]


def _html(
    name: str, value: str = "", template: str = "${value}", script: str | None = None
) -> gr.HTML:
    """A place for HTML that is ours; the template stands in the page before the value does."""
    return gr.HTML(
        value, html_template=template, apply_default_css=False, js_on_load=script, elem_id=name
    )


def _opening(database: Database) -> str:
    return render_opening(database.counts()[0])


def _outlets(database: Database) -> gr.Dropdown:
    return gr.Dropdown(choices=database.outlets())


def _listing(archive: Archive) -> str:
    database = archive.database
    return render_articles(database.articles(LISTED), database.counts()[0], notes(archive))


def _theme() -> gr.themes.Base:
    """Gradio's own parts in the colours of palette.css, with fonts of the reader's system."""
    plain = {
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--paper)",
        "block_background_fill": "transparent",
        "block_info_text_color": "var(--faint)",
        "block_label_text_color": "var(--faint)",
        "block_title_text_color": "var(--faint)",
        "body_text_color_subdued": "var(--faint)",
        "border_color_primary": "var(--rule)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_border_color": "var(--accent)",
        "button_primary_border_color_hover": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_secondary_background_fill": "transparent",
        "button_secondary_background_fill_hover": "var(--sheet)",
        "button_secondary_text_color": "var(--faint)",
        "color_accent": "var(--accent)",
        "input_background_fill": "var(--sheet)",
        "input_border_color": "var(--rule)",
        "input_border_width": "1px",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--faint)",
    }
    dark = {f"{name}_dark": value for name, value in plain.items() if name != "color_accent"}
    body = {  # as they are: the page is painted in them before any style sheet is there
        "body_background_fill": "#fbf9f4",
        "body_background_fill_dark": "#17181b",
        "body_text_color": "#1d1b18",
        "body_text_color_dark": "#ebe7df",
    }
    theme = gr.themes.Base(font=_FONT, font_mono=["ui-monospace", "monospace"])
    return theme.set(**plain, **dark, **body)
