"""Days as texts write them, English and Swedish: "Dec. 1", "1st of December" and "1 december"."""

import re
from collections.abc import Sequence

CALENDAR = tuple(
    tuple(names.split())
    for names in (
        "january jan januari|february feb februari|march mar mars|april apr|may maj|june jun juni|"
        "july jul juli|august aug augusti|september sep sept|october oct oktober okt|"
        "november nov|december dec|monday måndag måndagen|tuesday tisdag tisdagen|"
        "wednesday onsdag onsdagen|thursday torsdag torsdagen|friday fredag fredagen|"
        "saturday lördag lördagen|sunday söndag söndagen"
    ).split("|")
)
_MONTHS = {name: str(n) for n, names in enumerate(CALENDAR[:12], 1) for name in names}
_DAYS = {name: names[0] for names in CALENDAR[12:] for name in names}
_WORDS_TOO = frozenset("may march mars mar".split())
_BEFORE_MONTH = frozenset(
    """in on since until till by of before after from to through last next this early late mid
    i den sedan till före efter under senast förra nästa""".split()
)
_ISO = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d\d)\b")


def spelled(text: str) -> str:
    """The text with "2024-12-01" written as "2024, 1 December"."""
    return _ISO.sub(lambda m: f"{m[1]} , {int(m[3])} {CALENDAR[int(m[2]) - 1][0].title()} ", text)


def dates(tokens: Sequence[str]) -> tuple[frozenset[str], frozenset[int]]:
    """Days ("12-1"), months ("12") and weekdays ("monday"), and the places of their numbers."""
    found, used = set(), set()
    for at, token in enumerate(tokens):
        low = token.casefold()
        if low in _WORDS_TOO and not _is_month(tokens, at):
            continue
        if low in _DAYS:
            found.add(_DAYS[low])
        elif low in _MONTHS:
            near = [n for n in (at - 1, at + 1, at - 2, at - 3) if 0 <= n < len(tokens)]
            day = next((n for n in near if _is_day(tokens, n, at)), None)
            found.add(_MONTHS[low] if day is None else f"{_MONTHS[low]}-{int(tokens[day])}")
            used |= set() if day is None else {day}
    return frozenset(found), frozenset(used)


def _is_month(tokens: Sequence[str], at: int) -> bool:
    """Whether a word such as "May" is the month and no name or verb."""
    near = {token.casefold() for token in tokens[max(at - 1, 0) : at]}
    dated = any(_is_day(tokens, n, at) for n in (at - 1, at + 1) if 0 <= n < len(tokens))
    return dated or (bool(near & _BEFORE_MONTH) and (tokens[at] != "may"))


def _is_day(tokens: Sequence[str], n: int, month: int) -> bool:
    between = tokens[n + 1 : month]
    near = all(token.casefold() in {"of", "st", "nd", "rd", "th", "e", "a"} for token in between)
    return tokens[n].isdecimal() and 1 <= int(tokens[n]) <= 31 and near
