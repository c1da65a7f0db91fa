"""The stretches of time that a sentence gives its figures for: "in March", "the first quarter".

The month in which the news itself happened is none: "on Tuesday, May 4" in a text of May 6.
"""

import re
from datetime import date

from service.quantities import figures

NEWS = 20  # days between what happened and the article on it
_NTH = "first|second|third|fourth|första|andra|tredje|fjärde"
_PART = re.compile(
    rf"\b(?P<nth>{_NTH}|opening|last|past|senaste) (?P<many>\w+ )??"
    r"(?P<part>quarter|half|months?|weeks?|days?|years?|season|kvartalet|halvåret|halvan|månaden|"
    r"månaderna|veckan|veckorna|dagen|dagarna|året|åren|säsongen)\b",
    re.I,
)
_SEASON = re.compile(
    r"\b(spring|summer|autumn|winter|våren|sommaren|hösten|vintern|våras|somras|höstas|vintras)"
    r"\b(?!['’]s)",
    re.I,
)
_SEASONS = {"vår": "spring", "som": "summer", "hös": "autumn", "vin": "winter", "win": "winter"}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LAST_YEAR = re.compile(r"\blast year\b|\bförra året\b|\bi fjol\b", re.I)
_THIS_YEAR = re.compile(r"\b(?:this year|so far this year|hittills i år)\b", re.I)


def periods(text: str, published: date | None, language: str | None) -> frozenset[str]:
    """The periods a text names, e.g. "2021", "month 3", "first quarter", "summer"."""
    rest = _LAST_YEAR.sub(" ", text)
    found = {f"{m['nth']} {m['many'] or ''}{m['part'].rstrip('s')}".lower() for m in _each(rest)}
    found |= {_season(m[1]) for m in _SEASON.finditer(text)}
    found |= set(_YEAR.findall(text)) | _months(text, published, language)
    if published:
        found |= {str(published.year - 1)} if _LAST_YEAR.search(text) else set()
        found |= {str(published.year)} if _THIS_YEAR.search(text) else set()
    return frozenset(found)


def _each(text: str) -> list[re.Match[str]]:
    return list(_PART.finditer(text))


def _season(word: str) -> str:
    low = word.lower()
    return _SEASONS.get(low[:3], low)


def _months(text: str, published: date | None, language: str | None) -> set[str]:
    found = set()
    for day in figures(text, language).dates:
        month, _, number = day.partition("-")
        if month.isdecimal() and not (number and _is_news(int(month), int(number), published)):
            found.add(f"month {month}")
    return found


def _is_news(month: int, day: int, published: date | None) -> bool:
    if published is None:
        return False
    return any(
        0 <= (published - date(year, month, min(day, 28))).days <= NEWS
        for year in (published.year, published.year - 1)
    )
