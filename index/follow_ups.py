"""What a follow-up leans on, and the question that it makes together with what came before.

"And in Norway?", "And the year before?" ask the earlier question again with another place or time
in it; "What about Bergen?" and "Why?" stand behind it; "What did she say?" keeps its own words and
gets the names of the last turns, which tell who she is. No language model.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from index import calendars
from index.calendars import Span
from index.time_words import UNITS
from index.times import Window, windows

History = Sequence[tuple[str, str]]  # earlier questions and their answers, oldest first
MOST_TOPICS = 8
_SHORT = 4  # words; a shorter follow-up says too little by itself
_OPENING = re.compile(
    r"^(?:(?:and|but|so|och|men)\b,?\s*)?(?:(?:what|how) about\b|(?:hur|vad) (?:är|var) det med\b|"
    r"(?:what|how) was it\b)?\s*",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"^(?:and |but |och |men )?(?:what about|how about|hur (?:är|var) det med)\b", re.I
)
_BEGINS = re.compile(r"^(?:and|but|so|who else|what else|och|men|vem mer)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b(?:he|she|it|they|him|her|his|its|their|them|han|hon|hans|hennes|deras|dess|dem)\b", re.I
)
# "That wages rise", "this year", "there is", "det finns" and "den nya bron" lean on nothing.
_THING = re.compile(
    r"\b(?:that|those|this|these|den|det|de)(?=\s*(?:[?.!,]|$)|\s+(?:is|was|are|were|mean|means|"
    r"happen|happened|change|changed|end|ended|och|and|i|på|som|för|om|in|on|at|to|for)\b)"
    r"|\b(?:then|där|då)\b|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )\bthere\b"
    r"(?!\s+(?:is|are|was|were|has|have|had|will|be)\b)",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(r"\b(?:finns|fanns|är|var|blir|blev|gick|går|hur|att) det\b", re.I)
_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]*\w(?: [A-ZÀ-ÖØ-Þ][\w'’-]*\w)*"
_TOPIC = re.compile(rf"(?<=[\w,;:(] ){_NAME}")
_CREDITED = re.compile(r"(?:according to|enligt)\s+(?:the\s+)?$", re.IGNORECASE)
_PLACED = re.compile(rf"(?P<word>in|at|from|i|på|från) (?P<name>{_NAME})")
_BESIDE = re.compile(
    rf"(?:the )?(?:(?P<before>previous|preceding)|(?P<after>following|next))?\s*"
    rf"(?P<unit>{'|'.join(UNITS.values())})"
    r"(?:\s+(?:(?P<earlier>before|earlier|innan|före|dessförinnan|tidigare)"
    r"|(?P<later>after|later|efter|därpå|senare)))?(?: that| det)?",
    re.IGNORECASE,
)


def standalone(
    text: str, history: History, asked_at: date | None = None, span: Span | None = None
) -> str:
    """The question with what it leans on, so that it can be understood without the history.

    Relative times count from `asked_at`, today if None. span: the days that articles are of.
    """
    if not history:
        return text
    now = asked_at or date.today()
    said = text[_OPENING.match(text).end() :].strip(" ?!.")  # type: ignore[union-attr]
    if said and len(said.split()) <= 2 * _SHORT:
        before = standalone(history[-1][0], history[:-1], asked_at, span)
        if again := _at_another_time(before, said, now, span) or _elsewhere(before, said):
            return again
    if not _leans(text):
        return text
    if _AGAIN.search(text) or len(text.split()) < _SHORT:
        return f"{standalone(history[-1][0], history[:-1], asked_at, span)} {text}"
    return _with_names(text, history)


def topics(text: str) -> list[str]:
    """The names in a text that do not begin it, each once, in order."""
    return list(dict.fromkeys(_TOPIC.findall(text)))


def _leans(text: str) -> bool:
    if _BEGINS.search(text) or _AGAIN.search(text) or len(text.split()) < _SHORT:
        return True
    if _THING.search(_EXPLETIVE.sub("", text)):
        return True
    return any(not _named_before(text[: match.start()]) for match in _PERSON.finditer(text))


def _named_before(text: str) -> bool:
    """Whether a name stands there that "he" or "it" can mean; not one that is only credited."""
    return any(not _CREDITED.search(text[: m.start()]) for m in _TOPIC.finditer(text))


def _with_names(text: str, history: History) -> str:
    said = " | ".join(f"{asked} | {answer[:300]}" for asked, answer in reversed(history[-2:]))
    lacking = [topic for topic in topics(said) if topic.casefold() not in text.casefold()]
    return f"{text} ({', '.join(lacking[:MOST_TOPICS])})" if lacking else text


def _at_another_time(before: str, said: str, now: date, span: Span | None) -> str | None:
    """The earlier question with this time in place of its own, if it is but a time that is said."""
    old = next(windows(before, now, span), None)
    beside = _BESIDE.fullmatch(said)
    new = None
    if beside and old:
        new = _moved(beside, old, now)
    elif [w.said for w in windows(said, now)] == [said]:
        new = said
    if new is None:
        return None
    if old:
        return before.replace(old.said, new, 1)
    return f"{before.rstrip(' ?!.')} {new}?"


def _moved(beside: re.Match[str], old: Window, now: date) -> str | None:
    """The words for the time before or after that of the earlier question."""
    back = bool(beside["before"] or beside["earlier"])
    if not (back or beside["after"] or beside["later"]) or not (old.since and old.until):
        return None
    unit = next(u for u, words in UNITS.items() if re.fullmatch(words, beside["unit"], re.I))
    days = (old.until - old.since).days + 1
    since = calendars.before(old.since, 1 if back else -1, unit)
    if old.since.day == 1 and (old.until + timedelta(1)).day == 1:
        until = calendars.before(old.until + timedelta(1), 1 if back else -1, unit) - timedelta(1)
    else:
        until = since + timedelta(days - 1)
    swedish = bool(re.search(r"\b(?:under|i|sedan|den|förra|fjol)\b", old.said, re.I))
    return _phrase(Window(since, until), old.said, swedish)


def _phrase(window: Window, old: str, swedish: bool) -> str:
    """Words for whole years and months, else for a range of days."""
    since, until = window.since, window.until
    assert since and until
    if (since, until) == calendars.whole(since, "year"):
        return f"{_opening(old, swedish)} {since.year}"
    if (since, until) == calendars.whole(since, "month"):
        return f"{'i' if swedish else 'in'} {_month(since, swedish)} {since.year}"
    if since == until:
        return f"{'den' if swedish else 'on'} {_day(since, swedish)}"
    both = " och " if swedish else " and "
    return (
        f"{'mellan' if swedish else 'between'} {_day(since, swedish)}{both}{_day(until, swedish)}"
    )


def _opening(old: str, swedish: bool) -> str:
    found = re.match(r"(?:in|during|under|i)\b", old)
    return found[0] if found and found[0] != "i" else "under" if swedish else "in"


def _day(day: date, swedish: bool) -> str:
    return f"{day.day} {_month(day, swedish)} {day.year}"


_SWEDISH = "januari februari mars april maj juni juli augusti september oktober november december"


def _month(day: date, swedish: bool) -> str:
    return _SWEDISH.split()[day.month - 1] if swedish else f"{day:%B}"


def _elsewhere(before: str, said: str) -> str | None:
    """The earlier question with this place in place of its own, if it is but a place that is said.

    Only where a place stands behind the same word: nothing tells what else "Bergen" may replace.
    """
    place = _PLACED.fullmatch(said[:1].lower() + said[1:])
    if not place:
        return None
    old = [m for m in _PLACED.finditer(before) if m["word"] == place["word"]]
    if len(old) != 1:
        return None
    return f"{before[: old[0].start('name')]}{place['name']}{before[old[0].end('name') :]}"
