"""Dates as people and machines write them, read only where they can mean but one day.

04/05/2024 is the fourth of May or the fifth of April, so it is no date here; 25/12/2024 is one.
"""

import re
from datetime import date

MONTHS = {
    name: number
    for number, names in enumerate(
        """january januari januar janvier enero gennaio janeiro jänner tammikuu tammikuuta jan
        |february februari februar février fevrier febrero febbraio fevereiro helmikuu helmikuuta
        feb febr|march mars märz marzo março maart marts maaliskuu maaliskuuta mar mrt
        |april avril abril aprile huhtikuu huhtikuuta apr|may maj mai mayo maggio maio mei toukokuu
        toukokuuta|june juni juin junio giugno junho kesäkuu kesäkuuta jun
        |july juli juillet julio luglio julho heinäkuu heinäkuuta jul
        |august augusti août aout agosto augustus elokuu elokuuta aug
        |september septembre septiembre settembre setembro syyskuu syyskuuta sept sep
        |october oktober octobre octubre ottobre outubro lokakuu lokakuuta oct okt
        |november novembre noviembre novembro marraskuu marraskuuta nov
        |december dezember décembre decembre diciembre dicembre dezembro desember joulukuu
        joulukuuta dec dez déc""".split("|"),
        1,
    )
    for name in names.split()
}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:mån|man|tis|tirs|ons|tors?|fre|lör|lør|sön|søn)(?:dag(?:en)?)?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
    r"|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
)
YEAR = r"(?:1[5-9]|2[01])\d\d"
OFFSETS = {  # in hours; names that mean several zones are left out
    **{"z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "cest": 2, "mez": 1},
    **{"mesz": 2, "eet": 2, "eest": 3, "sast": 2, "msk": 3, "sgt": 8, "hkt": 8, "awst": 8},
    **{"jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4},
    **{"cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}
ZONE = (
    r"(?:(?:GMT|UTC)?[+-]\d\d(?::?\d\d)?(?:\s*\([^()]{1,60}\))?"
    rf"|(?:{'|'.join(sorted(OFFSETS, key=len, reverse=True))}|ET|CT|CST|MT|PT|IST|AT|Uhr)\b)"
)
CLOCK = (
    r"(?:\d\d?[:.h]\d\d(?:[:.]\d\d(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?|\d\d?\s*[ap]\.?m\.?)"
    rf"(?:\s*{ZONE})?"
)
TIME = re.compile(
    rf"(?P<h>\d\d?)(?:[:.h](?P<m>\d\d))?(?:[:.]\d\d(?:\.\d+)?)?\s*(?:(?P<half>[ap])\.?m\.?)?"
    rf"\s*(?P<zone>{ZONE})?",
    re.I,
)
DAY = re.compile(
    rf"""(?:(?P<early>{CLOCK}),?\s+(?:on\s+)?)?(?:{WEEKDAY}\.?,?\s+)?(?:(?:den|am|le|el|il|op|on)\s+)?
    (?: (?P<y1>{YEAR})(?P<mark>[-/.])(?P<m1>\d\d?)(?P=mark)(?P<d1>\d\d?)(?!\d)
      | (?P<d2>\d\d?)(?:st|nd|rd|th|er|[:]?e|º|\.)?\s+(?:(?:of|de)\s+)?
        (?P<m2>{MONTH})\.?,?\s+(?:de[l]?\s+)?(?P<y2>{YEAR})\b
      | (?P<m3>{MONTH})\.?\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y3>{YEAR})\b
      | (?P<d4>\d\d?)\.\s?(?P<m4>\d\d?)\.\s?(?P<y4>{YEAR})\b
      | (?P<d5>\d\d?)(?P<dash>[-/])(?P<m5>\d\d?)(?P=dash)(?P<y5>{YEAR})\b
    )(?:(?:T|,?\s+(?:(?:at|kl\.?|um|à|[-–|])\s+)?|,\s*)(?P<clock>{CLOCK}))?""",
    re.I | re.X,
)
PARTS = (1, 2, 3, 4, 5)
ROUGH = re.compile(
    rf"(?P<m1>{MONTH})\.?,?\s+(?:de[l]?\s+)?(?P<y1>{YEAR})|(?P<y2>{YEAR})[-/](?P<m2>\d\d?)"
    rf"|(?P<y3>{YEAR})",
    re.I,
)


def parse(text: str) -> str | None:
    """The date as `index.dating` writes it, if the text is one and nothing else."""
    text = " ".join(text.split())
    found, rest = split(text)
    return _rough(text) if found is None else None if rest else found


def split(text: str) -> tuple[str | None, str]:
    """The day that a text starts with, with its time of day if that follows; and what is left."""
    match = DAY.match(text)
    day = _day(match) if match else None
    if match is None or day is None:
        return None, text
    said = match["clock"] or match["early"]
    clock = _time(said) if said else None
    written = day.isoformat() + (clock or "")
    return written, text[match.end() :].strip(" ,;()")


def _day(match: re.Match[str]) -> date | None:
    year, month, day = (next(filter(None, (match[f"{p}{n}"] for n in PARTS))) for p in "ymd")
    first, second = MONTHS.get(month.lower()) or int(month), int(day)
    slashed = match["y5"] is not None
    if slashed and first <= 12 and second <= 12 and first != second:
        return None
    if slashed and first > 12:  # 12/25/2024
        first, second = second, first
    try:
        return date(int(year), first, second)
    except ValueError:  # 31 February
        return None


def _time(clock: str) -> str | None:
    match = TIME.match(clock)
    if match is None:
        return None
    hour, minute = int(match["h"]), int(match["m"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    return f"T{hour:02}:{minute:02}{_offset(match['zone'] or '')}"


def _offset(zone: str) -> str:
    """As in "+01:00"; "" where it is not known."""
    if signed := re.search(r"([+-])(\d\d):?(\d\d)?", zone):
        hours, minutes = int(signed[2]), int(signed[3] or 0)
        good = hours < 15 and minutes < 60
        # By rule "-00:00" is a time in UTC, its zone unknown.
        sign = signed[1] if hours or minutes else "+"
        return f"{sign}{hours:02}:{minutes:02}" if good else ""
    hours_of = OFFSETS.get(zone.lower())
    return "" if hours_of is None else f"{'-' if hours_of < 0 else '+'}{abs(hours_of):02}:00"


def _rough(text: str) -> str | None:
    match = ROUGH.fullmatch(text)
    if match is None:
        return None
    if match["y3"]:
        return match["y3"]
    month = match["m1"] or match["m2"]
    number = MONTHS.get(month.lower()) or int(month)
    return f"{match['y1'] or match['y2']}-{number:02}" if 1 <= number <= 12 else None
