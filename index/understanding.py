"""What a question means beyond its words: its time, and what it leans on. No language model.

A time in a question is a wish, not a condition: it moves articles up, it never empties the result,
because "the 2020 budget" and "the deadline of March 1" name no day of publication.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_NAMES = (
    "january|januari|jan february|februari|feb march|mars|mar april|apr may|maj june|juni|jun "
    "july|juli|jul august|augusti|aug september|sept|sep october|oktober|oct|okt "
    "november|nov december|dec"
)
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.split(), 1)
    for name in names.split("|")
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PARTS = {
    "early": (1, 4),
    "början av": (1, 4),
    "mid": (5, 8),
    "late": (9, 12),
    "slutet av": (9, 12),
    "end of": (10, 12),
    "first half of": (1, 6),
    "second half of": (7, 12),
    "spring": (3, 5),
    "våren": (3, 5),
    "summer": (6, 8),
    "sommaren": (6, 8),
    "autumn": (9, 11),
    "fall": (9, 11),
    "hösten": (9, 11),
}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NTH = r"(?:st|nd|rd|th)?"
_DAY_MONTH = rf"(?:(?P<d1>\d\d?){_NTH}\s+)?(?P<month>{_MONTH})\.?(?:\s+(?P<d2>\d\d?){_NTH}\b)?"
_DATED = re.compile(rf"\b{_DAY_MONTH}(?:,?\s+{_YEAR})\b", re.IGNORECASE)
_PART = re.compile(rf"\b(?P<part>{'|'.join(_PARTS)})[\s-]+(?:of\s+)?{_YEAR}\b", re.IGNORECASE)
_IN_YEAR = re.compile(rf"\b(?:in|during|of|under|i|år|from|since)\s+{_YEAR}\b", re.IGNORECASE)
_RELATIVE = {
    r"\btoday|\bidag|\bi dag": (0, 0),
    r"\byesterday|\bigår|\bi går": (1, 1),
    r"\b(?:this|past) week|\bdenna vecka|\bden här veckan": (7, 0),
    r"\blast week|\bförra veckan": (14, 1),
    r"\b(?:this|past) month|\bdenna månad": (31, 0),
    r"\blast month|\bförra månaden": (62, 1),
    r"\b(?:recently|nyligen|latest|senaste)\b": (92, 0),
    r"\blast year|\bförra året|\bi fjol": (730, 300),
}

_LEANING = re.compile(
    r"^(?:and|but|so|what about|how about|who else|what else|och|men|hur är det med|vem mer)\b"
    r"|\b(?:he|she|it|they|him|her|his|its|their|them|that|those|this|these|then|there|"
    r"han|hon|den|det|de|dem|hans|hennes|deras|dess|där|då)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(r"^(?:and |but |och |men )?(?:what about|how about|hur är det med)\b", re.I)
_SHORT = 4  # words; a shorter follow-up says too little by itself
_TOPIC = re.compile(r"(?<=[\w,;:(] )[A-ZÀ-ÖØ-Þ][\w'’-]*\w(?: [A-ZÀ-ÖØ-Þ][\w'’-]*\w)*")
MOST_TOPICS = 8


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `since` to `until`, both included."""

    since: date
    until: date


def window(text: str, asked_at: date) -> Window | None:
    """The time that a question speaks of, or None. Relative words count from `asked_at`."""
    if match := _DATED.search(text):
        return _month_or_day(match)
    if match := _PART.search(text):
        first, last = _PARTS[match["part"].lower()]
        return _months(int(match["year"]), first, last)
    if match := _IN_YEAR.search(text):
        return _months(int(match["year"]), 1, 12)
    for pattern, (most, least) in _RELATIVE.items():
        if re.search(pattern, text, re.IGNORECASE):
            return Window(asked_at - timedelta(most), asked_at - timedelta(least))
    return None


def named_days(text: str) -> list[Window]:
    """Every day and month that a question names together with its year, in order."""
    return [_month_or_day(match) for match in _DATED.finditer(text)]


def without_dates(text: str) -> str:
    """The text without what `named_days` finds in it."""
    return _DATED.sub("", text)


def standalone(text: str, history: Sequence[tuple[str, str]]) -> str:
    """The question with what it leans on, so that it can be understood without the history.

    "What about Oslo?" asks the question before it again; any other follow-up keeps its own words
    and gets the names of the turns before it, which tell who "he" is.
    """
    if not history or not (_LEANING.search(text) or len(text.split()) < _SHORT):
        return text
    if _OTHER.search(text) or len(text.split()) < _SHORT:
        return f"{standalone(history[-1][0], history[:-1])} {text}"
    said = " | ".join(f"{asked} | {answer[:300]}" for asked, answer in reversed(history[-2:]))
    topics = dict.fromkeys(_TOPIC.findall(said))
    lacking = [topic for topic in topics if topic.casefold() not in text.casefold()]
    return f"{text} ({', '.join(lacking[:MOST_TOPICS])})" if lacking else text


def _month_or_day(match: re.Match[str]) -> Window:
    year, month = int(match["year"]), _MONTHS[match["month"].lower()]
    day = int(match["d1"] or match["d2"] or 0)
    if 1 <= day <= calendar.monthrange(year, month)[1]:
        return Window(date(year, month, day), date(year, month, day))
    return _months(year, month, month)


def _months(year: int, first: int, last: int) -> Window:
    return Window(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))
