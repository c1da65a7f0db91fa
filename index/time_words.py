"""The words in which questions name times, in English and Swedish, as patterns."""

from collections.abc import Iterable

from index.dates import MONTHS

_DAY_NAMES = (
    "monday|måndag tuesday|tisdag wednesday|onsdag thursday|torsdag friday|fredag "
    "saturday|lördag sunday|söndag"
)
WEEKDAYS = {
    name: number for number, names in enumerate(_DAY_NAMES.split()) for name in names.split("|")
}
SEASONS = {
    "spring": "spring", "våren": "spring", "våras": "spring",
    "summer": "summer", "sommaren": "summer", "somras": "summer", "sommar": "summer",
    "autumn": "autumn", "fall": "autumn", "hösten": "autumn", "höstas": "autumn",
    "höst": "autumn",
    "winter": "winter", "vintern": "winter", "vintras": "winter", "vinter": "winter",
}  # fmt: skip
UNITS = {
    "day": "days?|dag(?:en|ar|arna)?|dygne?n?t?",
    "week": "weeks?|veckor(?:na)?|vecka|veckan",
    "month": "months?|månad(?:en|er|erna)?",
    "quarter": "quarters?|kvartale?[nt]?",
    "year": "years?|år(?:et|en)?",
    "decade": "decades?|decenni(?:um|er|et|erna)|årtionden?",
}
COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2,
    "en": 1, "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8,
    "nio": 9, "tio": 10, "elva": 11, "tolv": 12, "ett par": 2,
}  # fmt: skip
# A part of a longer time: its number and of how many.
PARTS = {
    r"early(?: in)?|(?:beginning|start) of|i?\s?början (?:av|på)|tidigt": (1, 3),
    r"mid|(?:the )?middle of|mitten (?:av|på)": (2, 3),
    r"late(?: in)?|end of|slutet (?:av|på)|sent": (3, 3),
    r"first half of|första (?:halvåret|halvan av|hälften av)": (1, 2),
    r"(?:second|latter|last) half of|andra (?:halvåret|halvan av|hälften av)": (2, 2),
    r"(?:first|1st) quarter of|första kvartalet(?: av)?": (1, 4),
    r"(?:second|2nd) quarter of|andra kvartalet(?: av)?": (2, 4),
    r"(?:third|3rd) quarter of|tredje kvartalet(?: av)?": (3, 4),
    r"(?:fourth|4th|last) quarter of|(?:fjärde|sista) kvartalet(?: av)?": (4, 4),
}


def either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


YEAR = r"(?P<year>(?:19|20)\d\d)"
MONTH = rf"(?P<month>{either(MONTHS)})"
_SHORT = {"febr", "sept"}
_FULL = [n for n in MONTHS if n in ("may", "maj") or (len(n) > 3 and n not in _SHORT)]
FULL_MONTH = rf"(?P<month>{either(_FULL)})"
WEEKDAY = rf"(?P<weekday>{either(WEEKDAYS)})"
SEASON = rf"(?P<season>{either(SEASONS)})"
UNIT = rf"(?P<unit>{'|'.join(UNITS.values())})"
COUNT = rf"(?P<count>\d{{1,3}}|{either(COUNTS)})"
DAY = r"(?P<day>\d\d?)(?:st|nd|rd|th|:[ae])?"
