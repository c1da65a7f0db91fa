"""Publication facts in plain text: date, outlet and author, in English and Swedish.

Only lines that hold nothing else are read, at the head and the foot of a text. A date in running
text ("on Sunday", the date in a caption) says when something happened, not when it was published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

HEAD, FOOT = 6, 3  # lines with anything on them
MAX_LINE = 160  # characters; a longer line is body text
NAME_WORDS = 8

AGENCIES = frozenset(
    name.strip()
    for name in """
    AAP|AFP|ANI|ANP|ANSA|AP|APA|Agence France-Presse|Al Jazeera|Anadolu|Associated Press|BBC|BNS
    Belga|Bloomberg|Bloomberg News|CNN|CTK|DPA|EFE|IANS|Interfax|Jiji|KNA|Kyodo|Kyodo News|Lusa|MTI
    NPR|NTB|PA|PAP|PTI|Press Association|Reuters|Ritzau|SDA|STT|Tanjug|TASS|TT|Thomson Reuters
    The Associated Press|The Canadian Press|UPI|UNI|Ukrinform|Xinhua|Yonhap|dpa|epd
    """.strip()
    .replace("\n", "|")
    .split("|")
)
MONTHS = {
    name: number
    for number, names in enumerate(
        """january januari jan|february februari feb febr|march mars mar|april apr|may maj
        |june juni jun|july juli jul|august augusti aug|september sept sep|october oktober oct okt
        |november nov|december dec""".split("|"),
        1,
    )
    for name in names.split()
}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:mån|tis|ons|tors?|fre|lör|sön)(?:dag(?:en)?)?)"
)
YEAR = r"(?:1[5-9]|2[01])\d\d"
ZONE = r"(?:Z|UTC|GMT|BST|CES?T|E[SD]?T|C[SD]T|M[SD]T|P[SD]?T|IST|JST)\b|[+-]\d\d(?::?\d\d)?"
CLOCK = (
    r"(?:\d\d?[:.]\d\d(?:[:.]\d\d(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?|\d\d?\s*[ap]\.?m\.?)"
    rf"(?:\s*(?:{ZONE}))?"
)
DAY = re.compile(
    rf"""(?:{WEEKDAY}\.?,?\s+)?(?:den\s+)?
    (?: (?P<y1>{YEAR})(?P<mark>[-/.])(?P<m1>\d\d?)(?P=mark)(?P<d1>\d\d?)(?!\d)
      | (?P<d2>\d\d?)(?:st|nd|rd|th|:?e)?\s+(?:of\s+)?(?P<m2>{MONTH})\.?,?\s+(?P<y2>{YEAR})\b
      | (?P<m3>{MONTH})\.?\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y3>{YEAR})\b
    )(?:(?:T|,?\s+(?:(?:at|kl\.?)\s+)?){CLOCK})?""",
    re.I | re.X,
)
PARTS = (("y1", "y2", "y3"), ("m1", "m2", "m3"), ("d1", "d2", "d3"))
PUBLISHED = re.compile(
    r"(?:(?:first\s+)?(?:published|posted|publication date|dated?)(?:\s+(?:on|at))?"
    r"|(?:publicera[dt](?:es)?|publicerings?datum|datum)(?:\s+den)?)\s*[:\s]\s*",
    re.I,
)
CHANGED = re.compile(
    r"(?:(?:last|senast)\s+)?(?:updated|modified|uppdatera[dt]|ändra[dt])[:\s]+", re.I
)
ASIDE = re.compile(rf"{CLOCK}|\d+\s*min(?:ute)?s?\.?(?:\s+(?:read|läsning|lästid))?", re.I)
AUTHOR = re.compile(
    r"(?:(?:(?:written|words)\s+)?by:?|(?:skriven\s+)?av:?|(?:text|words|author|författare)\s*:)\s+",
    re.I,
)
OUTLET = re.compile(r"(?:source|källa|outlet|publisher|utgivare)\s*:\s*", re.I)
PAPER = re.compile(  # words that outlets have in their names
    r"\b(?:news|times|post|daily|weekly|journal|herald|tribune|press|gazette|chronicle|mail|telegraph"
    r"|guardian|observer|standard|mirror|star|sun|globe|review|magazine|radio|tv|nyheter|nytt"
    r"|\w*(?:bladet|posten|tidning|tidningen|kuriren))\b|\w\.\w",
    re.I,
)
DATELINE = re.compile(rf"[^()\n]{{0,60}}\(({'|'.join(map(re.escape, AGENCIES))})\)\s*[-–—]")
BETWEEN = re.compile(r"\s*[|·•]\s*|\s+[–—/-]\s+")
SMALL = frozenset("of the and & och i for de la le von van der al bin du da".split())


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text says of its own publication, and the text without the lines that say it."""

    text: str = ""
    published: date | None = None
    published_from: str | None = None  # e.g. "line 1"
    outlet: str | None = None
    author: str | None = None


def read(text: str) -> Facts:
    """Find the facts; where two lines differ, the first counts."""
    lines = text.split("\n")
    full = [number for number, line in enumerate(lines) if line.strip()]
    found = Facts()
    for number in full[:HEAD] + full[HEAD:][-FOOT:]:
        line = _read_line(lines[number].strip())
        if line and _in_place(number, lines, full):
            found = _merge(found, line, f"line {number + 1}")
            lines[number] = ""
    outlet = found.outlet or _dateline(lines[number] for number in full[:HEAD])
    return replace(found, outlet=outlet, text="\n".join(lines))


def parse_day(text: str) -> date | None:
    """The day, if the text is a date, with or without a time of day, and nothing else."""
    day, rest = _split_day(text.strip())
    return None if rest else day


def _split_day(text: str) -> tuple[date | None, str]:
    """The date that a text starts with, and what follows it."""
    match = DAY.match(text)
    if match is None:
        return None, text
    year, month, day = (next(filter(None, match.group(*of))) for of in PARTS)
    try:
        found = date(int(year), MONTHS.get(month.lower()) or int(month), int(day))
    except ValueError:  # 31 February
        return None, text
    return found, text[match.end() :].strip(" ,;()")


def _read_line(line: str) -> Facts | None:
    """The facts in a line; None if anything else is in it."""
    if len(line) > MAX_LINE:
        return None
    found, others = Facts(), []
    for part in filter(None, BETWEEN.split(line)):
        fact = _read_part(part)
        others += [part] if fact is None else []
        found = _merge(found, fact or Facts(), None)
    if not others:
        return found
    if len(others) > 1 or not found.author or not _is_name(others[0]):
        return None
    # "By Jane Doe | Example Times", but also "By Jane Doe | Staff Writer"
    paper = others[0] if PAPER.search(others[0]) else None
    return _merge(found, Facts(outlet=paper), None)


def _read_part(part: str) -> Facts | None:
    label = PUBLISHED.match(part)
    day, rest = _split_day(part[label.end() :] if label else part)
    if day:
        return _dated(day, rest, bool(label))
    if label := AUTHOR.match(part):
        return _written(part[label.end() :])
    if label := OUTLET.match(part):
        name = part[label.end() :].rstrip(".")
        return Facts(outlet=name) if _is_name(name) else None
    if part in AGENCIES:
        return Facts(outlet=part)
    return Facts() if ASIDE.fullmatch(part) or _is_change(part) else None


def _dated(day: date, rest: str, labelled: bool) -> Facts | None:
    if not rest or _is_change(rest):
        return Facts(published=day)
    if rest in AGENCIES or (labelled and _is_name(rest)):
        return Facts(published=day, outlet=rest)
    return None


def _written(names: str) -> Facts | None:
    who, _, rest = names.partition(", ")
    outlet, day = rest if rest in AGENCIES else None, parse_day(rest)
    if outlet or day:
        known = _written(who)
        return known and _merge(known, Facts(published=day, outlet=outlet), None)
    if names in AGENCIES:
        return Facts(outlet=names)
    author = re.split(r"\s+(?:in|i)\s+", names)[0]
    return Facts(author=author) if " " in author and _is_name(author.replace(",", "")) else None


def _is_change(part: str) -> bool:
    label = CHANGED.match(part)
    rest = part[label.end() :] if label else ""
    return bool(rest) and (parse_day(rest) is not None or bool(ASIDE.fullmatch(rest)))


def _is_name(text: str) -> bool:
    """Whether this can be the name of an outlet or a person: few words, all with capitals."""
    words = text.split()
    if not 0 < len(words) <= NAME_WORDS or not re.fullmatch(r"[\w .,'’&-]+(?<![.,])", text):
        return False
    capital = all(word[0].isupper() or word.isdigit() or word in SMALL for word in words)
    return capital or bool(re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", text))


def _in_place(number: int, lines: list[str], full: list[int]) -> bool:
    """Whether a line that holds only facts stands where such a line means what it says."""
    line = lines[number].strip()
    if line in AGENCIES:  # elsewhere it is the credit of a picture
        return number in (full[0], full[-1])
    if re.fullmatch(CLOCK, line, re.I):  # of a programme, perhaps
        return False
    if parse_day(line):  # several of them are the headings of a chronicle
        return number in full[:HEAD] and sum(parse_day(lines[n]) is not None for n in full) == 1
    return True


def _merge(found: Facts, more: Facts, place: str | None) -> Facts:
    first = found.published is None and more.published is not None
    return Facts(
        published=found.published or more.published,
        published_from=place if first else found.published_from,
        outlet=found.outlet or more.outlet,
        author=found.author or more.author,
    )


def _dateline(lines: Iterable[str]) -> str | None:
    """The agency in "LONDON, May 1 (Reuters) - ...": the text is its, whoever printed it."""
    matches = (DATELINE.match(line) for line in lines)
    return next((match[1] for match in matches if match), None)
