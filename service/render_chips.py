"""HTML for what was understood of a question: chips under it, to be changed or removed.

Buttons carry what they ask for in `data-` attributes; `assets/chips.js` sends it, and
`service.conversation` asks again.
"""

from datetime import date, timedelta

from index import calendars
from index.understanding import Understanding
from service.render import escape
from service.schema import Question
from service.tongues import named

MOST_NAMES = 8


def render_chips(question: Question, asked: Understanding | None, *, fixed: bool = False) -> str:
    """A list of chips, or nothing; fixed: without what changes them."""
    if asked is None:
        return ""
    chips = [*_follow_up(asked, fixed), *_time(question, asked, fixed)]
    chips += _outlets(question, asked, fixed)
    plain = [*asked.agencies, *asked.names[:MOST_NAMES], *asked.figures]
    chips += [f'<li><bdi dir="auto">{escape(name)}</bdi></li>' for name in plain]
    if asked.language:
        chips.append(f"<li>{escape(named(asked.language))}</li>")
    if not chips:
        return ""
    label = 'aria-label="What the question was taken to say" tabindex="-1"'
    return f'<ul class="understood" {label}>{"".join(chips)}</ul>'


def days_text(since: date | None, until: date | None) -> str:
    """A span of days in words, e.g. "11–17 March 2024", "2019", "since 12 March 2024"."""
    if since is None or until is None:
        return f"since {_day(since)}" if since else f"until {_day(until)}" if until else ""
    if since == until:
        return _day(since)
    if (since, until) == calendars.whole(since, "month"):
        return f"{since:%B} {since.year}"
    if (since.month, since.day) == (1, 1) and (until + timedelta(1)).strftime("%m%d") == "0101":
        return str(since.year) if since.year == until.year else f"{since.year}–{until.year}"
    if (since.year, since.month) == (until.year, until.month):
        return f"{since.day}–{_day(until)}"
    first = _day(since) if since.year != until.year else f"{since.day} {since:%B}"
    return f"{first} – {_day(until)}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B} {day.year}" if day else ""


def _follow_up(asked: Understanding, fixed: bool) -> list[str]:
    if not asked.leans:
        return []
    said = f'Asked as: <bdi dir="auto">{escape(asked.text)}</bdi>'
    remove = _remove("follow_up", "Ask again without the conversation before it")
    return [_chip(said, "" if fixed else remove)]


def _time(question: Question, asked: Understanding, fixed: bool) -> list[str]:
    """The days that are preferred, or that the reader asked for alone."""
    window, only = asked.window, question.since or question.until
    if only:
        since, until = question.since, question.until
    elif window:
        since, until = window.since, window.until
    else:
        return []
    words = days_text(since, until)
    words = f"as of {_day(until)}" if window and window.as_of and not only else words
    said = f"only {words}" if only else words
    if fixed:
        return [_chip(said)]
    how = "Only these days are searched" if only else "Preferred, not required"
    change = (
        f'<details><summary title="{how}">{said}</summary><div class="change">'
        f"{_input('From', 'since', since)}{_input('To', 'until', until)}"
        '<button type="button" data-again="days">Search only these days</button></div></details>'
    )
    return [_chip(change, _remove("time", f"Ask again without the time: {words}"))]


def _outlets(question: Question, asked: Understanding, fixed: bool) -> list[str]:
    named = question.outlets or asked.outlets
    if not named:
        return []
    listed = ", ".join(f"<bdi>{escape(outlet)}</bdi>" for outlet in named)
    said = f"only {listed}" if question.outlets else listed
    if fixed:
        return [_chip(said)]
    if not question.outlets:
        said = (
            f'<details><summary title="Preferred, not required">{said}</summary>'
            '<div class="change"><button type="button" data-again="outlets">Search only '
            f"{'these' if len(named) > 1 else 'this outlet'}</button></div></details>"
        )
    return [_chip(said, _remove("outlets", f"Ask again without {', '.join(named)}"))]


def _chip(said: str, button: str = "") -> str:
    return f"<li><div>{said}</div>{button}</li>"


def _remove(part: str, label: str) -> str:
    return (
        f'<button type="button" class="remove" data-again="without" data-part="{part}" '
        f'aria-label="{escape(label)}" title="{escape(label)}">×</button>'
    )


def _input(label: str, name: str, day: date | None) -> str:
    value = day.isoformat() if day else ""
    return f'<label>{label} <input type="date" name="{name}" value="{value}"></label>'
