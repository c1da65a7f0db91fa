"""What a question means beyond its words: what it leans on, its time, whom and what it names.

Nothing here excludes an article. A time or an outlet in a question is a wish: it moves articles up
and never empties the result, because "the deadline of March 1" names no day of publication.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.calendars import Span
from index.clauses import mentions
from index.dates import MONTHS
from index.facts import AGENCIES
from index.follow_ups import History, standalone, topics
from index.language import closest
from index.time_words import WEEKDAYS, either
from index.times import Window, window

Part = Literal["time", "outlets", "follow_up"]  # what can be left out of the understanding
_AGENCY = re.compile(rf"(?<![\w-])(?:{either(AGENCIES)})(?![\w-])")
_FIGURE = re.compile(r"(?<![\w.,])[$€£]?\d[\d.,]*\d(?!\w)|(?<![\w.,])[$€£]?\d(?!\w)")


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question as it is understood."""

    text: str  # what is asked, in a form that stands by itself
    leans: bool = False  # whether that took the conversation
    window: Window | None = None
    outlets: tuple[str, ...] = ()  # of the archive, as it writes them
    agencies: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # of people, places and the like
    figures: tuple[str, ...] = ()
    language: str | None = None  # two letters


def understand(
    text: str,
    history: History,
    asked_at: date,
    outlets: Iterable[str] = (),
    languages: Iterable[str] = (),
    without: Collection[Part] = (),
    span: Span | None = None,
) -> Understanding:
    """Understand a question; `outlets` and `languages` are those it may be about and in.

    without: parts that the asker does not want understood. span: the first and the last day that
    articles are of; a time outside it would be of no use.
    """
    whole = text if "follow_up" in without else standalone(text, history, asked_at, span)
    time = None if "time" in without else window(whole, asked_at, span)
    named = () if "outlets" in without else _outlets(whole, outlets)
    agencies = tuple(dict.fromkeys(match[0] for match in _AGENCY.finditer(whole)))
    bare = whole.replace(time.said, " | ") if time else whole
    return Understanding(
        text=whole,
        leans=whole != text,
        window=time,
        outlets=named,
        agencies=tuple(agency for agency in agencies if agency not in named),
        names=tuple(name for name in topics(bare) if _is_name(name, {*named, *agencies})),
        figures=tuple(dict.fromkeys(_FIGURE.findall(bare))),
        language=closest(text, languages),
    )


def _outlets(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The outlets that the text names, as the archive writes them."""
    written = {outlet.casefold(): outlet for outlet in known}
    found = [name for mention in mentions(text, written) for name in sorted(mention.outlets)]
    return tuple(dict.fromkeys(written[name] for name in found))


def _is_name(name: str, others: set[str]) -> bool:
    word = name.casefold()
    return word not in MONTHS and word not in WEEKDAYS and not any(name in o for o in others)
