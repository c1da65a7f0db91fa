"""Publication facts in plain text: dates, outlet, agency and author, in a dozen languages.

Only lines that hold nothing else are read, at the head and the foot of a text, and the dateline of
an agency. A date in running text ("on Sunday", the date in a caption) says when something
happened, not when it was published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from index import dates
from index.dates import CLOCK
from index.dating import Dated, is_credible

HEAD, FOOT = 6, 3  # lines with anything on them
MAX_LINE = 160  # characters; a longer line is body text
NAME_WORDS = 8

AGENCIES = frozenset(
    name.strip()
    for name in """
    AAP|AFP|ANI|ANP|ANSA|AP|APA|Agence France-Presse|Agence France Presse|Anadolu|Anadolu Agency
    Associated Press|BNS|Belga|Bloomberg|Bloomberg News|CTK|DPA|EFE|IANS|Interfax|Jiji|Jiji Press
    KNA|Kyodo|Kyodo News|Lusa|MTI|NTB|PA|PA Media|PAP|PTI|Press Association|Press Trust of India
    Reuters|Ritzau|SDA|STT|Tanjug|TASS|TT|TT-Reuters|TT-AFP|TT/AFP|TT/Reuters|Thomson Reuters
    The Associated Press|The Canadian Press|UPI|UNI|Ukrinform|Xinhua|Yonhap|dpa|epd|ddp|sda|apa
    """.strip()
    .replace("\n", "|")
    .split("|")
)
KNOWN = AGENCIES | {"Al Jazeera", "BBC", "CNN", "NPR"}  # outlets that go by their name alone, too
PUBLISHED = re.compile(
    r"(?:(?:first\s+)?(?:published|posted|publication date|dated?)(?:\s+(?:on|at))?"
    r"|(?:publicera[dt](?:es)?|publicerings?datum|datum)(?:\s+den)?"
    r"|veröffentlicht(?:\s+am)?|erschienen(?:\s+am)?|publiée?(?:\s+le)?|publicado(?:\s+e[lm])?"
    r"|pubblicato(?:\s+il)?|gepubliceerd(?:\s+op)?|publisert|udgivet|julkaistu)\s*[:\s]\s*",
    re.I,
)
CHANGED = re.compile(
    r"(?:(?:(?:last|senast|zuletzt|sist|sidst)\s+)?(?:updated|modified|uppdatera[dt]|ändra[dt]"
    r"|aktualisiert|geändert|oppdatert|opdateret)|stand|mis(?:e)?\s+à\s+jour|actualizado"
    r"|aggiornato|bijgewerkt|päivitetty)(?:\s+(?:on|at|den|am|le|el|il|op))?[:\s]+",
    re.I,
)
ASIDE = re.compile(rf"{CLOCK}|\d+\s*min(?:ute)?s?\.?(?:\s+(?:read|läsning|lästid))?", re.I)
AUTHOR = re.compile(
    r"(?:(?:(?:written|words)\s+)?by:?|(?:skriven\s+)?av:?"
    r"|(?:text|words|author|författare)\s*:)\s+",
    re.I,
)
OUTLET = re.compile(r"(?:source|källa|outlet|publisher|utgivare)\s*:\s*", re.I)
PAPER = re.compile(  # words that outlets have in their names
    r"\b(?:news|times|post|daily|weekly|journal|herald|tribune|press|gazette|chronicle|mail|telegraph"
    r"|guardian|observer|standard|mirror|star|sun|globe|review|magazine|radio|tv|nyheter|nytt"
    r"|\w*(?:bladet|posten|tidning|tidningen|kuriren))\b|\w\.\w",
    re.I,
)
NAMES = "|".join(map(re.escape, sorted(KNOWN, key=len, reverse=True)))
DATELINE = re.compile(rf"(?P<before>[^()\n]{{0,60}})\((?P<name>{NAMES})\)\s*[-–—:]")
RIGHTS = re.compile(rf"(?:©|\(c\)|copyright)\s*(?:\d{{4}}\s*)?({NAMES})\.?", re.I)
BETWEEN = re.compile(r"\s*[|·•]\s*|\s+[–—/-]\s+")
SMALL = frozenset("of the and & och i for de la le von van der al bin du da".split())


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text says of its own publication, and the text without the lines that say it."""

    text: str = ""
    published: Dated | None = None
    updated: Dated | None = None
    outlet: str | None = None
    agency: str | None = None  # whose text it is, whoever printed it
    author: str | None = None


def read(text: str) -> Facts:
    """Find the facts; where two lines differ, the first counts."""
    lines = text.split("\n")
    full = [number for number, line in enumerate(lines) if line.strip()]
    found = Facts()
    for number in full[:HEAD] + full[HEAD:][-FOOT:]:
        line = read_line(lines[number].strip(), f"by-line (line {number + 1})")
        if line and _in_place(number, lines, full):
            found = merge(found, line)
            lines[number] = ""
    found = merge(found, _dateline(lines[number] for number in full[:HEAD]))
    return replace(found, text="\n".join(lines))


def agency(name: str) -> str | None:
    """The agency, if this is the name of one or of its desk."""
    bare = re.sub(r"\s+(?:Staff|Reporters?|Newsroom|News Agency|Writers?)\Z", "", name.strip())
    return bare if bare in AGENCIES else None


def read_line(line: str, place: str) -> Facts | None:
    """The facts in a line; None if anything else is in it. `place`: where dates are found."""
    if len(line) > MAX_LINE:
        return None
    found, others = Facts(), []
    for part in filter(None, BETWEEN.split(line)):
        fact = _read_part(part, place)
        others += [part] if fact is None else []
        found = merge(found, fact or Facts())
    if not others:
        return found
    if len(others) > 1 or not found.author or not _is_name(others[0]):
        return None
    # "By Jane Doe | Example Times", but also "By Jane Doe | Staff Writer"
    paper = others[0] if PAPER.search(others[0]) else None
    return merge(found, Facts(outlet=paper))


def _read_part(part: str, place: str) -> Facts | None:
    label = PUBLISHED.match(part)
    rest = part[label.end() :] if label else part
    if dated := _dated(rest, place, bool(label)):
        return dated
    if label := AUTHOR.match(part):
        return _written(part[label.end() :], place)
    if label := OUTLET.match(part):
        name = part[label.end() :].rstrip(".")
        return _named(name) if _is_name(name) else None
    if rights := RIGHTS.fullmatch(part):
        return _named(rights[1])
    if part.strip("()") in KNOWN:
        return _named(part.strip("()"))
    return Facts() if ASIDE.fullmatch(part) else _change(part, place)


def _dated(text: str, place: str, labelled: bool) -> Facts | None:
    """The facts in a date and what may stand after it."""
    if rough := dates.parse(text):
        # A year that stands alone may be anything.
        return _published(rough, place) if labelled or len(rough) > 4 else None
    day, rest = dates.split(text)
    found = _published(day, place) if day else None
    if found is None:
        return None
    if change := _change(rest, place):
        return merge(found, change)
    if rest in KNOWN or (labelled and _is_name(rest)):
        return merge(found, _named(rest))
    return None


def _published(written: str, place: str) -> Facts | None:
    return Facts(published=Dated(written, place)) if is_credible(written) else None


def _named(name: str) -> Facts:
    """The agency or the outlet of that name."""
    return Facts(agency=agency(name)) if agency(name) else Facts(outlet=name)


def _written(names: str, place: str) -> Facts | None:
    who, _, rest = names.partition(", ")
    day = dates.parse(rest) if len(rest) > 4 else None
    if rest in KNOWN or day:
        known = _written(who, place)
        more = _published(day, place) if day else _named(rest)
        return known and more and merge(known, more)
    if agency(names) or names in KNOWN:
        return _named(names)
    author = re.split(r"\s+(?:in|i)\s+", names)[0]
    return Facts(author=author) if " " in author and _is_name(author.replace(",", "")) else None


def _change(part: str, place: str) -> Facts | None:
    """When it was changed, if that is what is said."""
    label = CHANGED.match(part)
    rest = part[label.end() :] if label else ""
    if written := dates.parse(rest):
        return Facts(updated=Dated(written, place) if is_credible(written) else None)
    return Facts() if rest and ASIDE.fullmatch(rest) else None


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
    if line.strip("()") in KNOWN:  # elsewhere it is the credit of a picture
        return number in (full[0], full[-1])
    if re.fullmatch(CLOCK, line, re.I):  # of a programme, perhaps
        return False
    if dates.parse(line):  # several of them are the headings of a chronicle
        return number in full[:HEAD] and sum(dates.parse(lines[n]) is not None for n in full) == 1
    return True


def merge(found: Facts, more: Facts) -> Facts:
    """What was found, and of the rest what more says."""
    return Facts(
        published=found.published or more.published,
        updated=found.updated or more.updated,
        outlet=found.outlet or more.outlet,
        agency=found.agency or more.agency,
        author=found.author or more.author,
    )


def _dateline(lines: Iterable[str]) -> Facts:
    """What "LONDON, May 1, 2024 (Reuters) - ..." says; most have no year, and so no date."""
    for line in lines:
        if match := DATELINE.match(line):
            places = match["before"].strip(" ,").split(", ")
            tails = (", ".join(places[at:]) for at in range(1, len(places)))
            written = next(filter(None, map(dates.parse, tails)), None)
            found = _published(written, "dateline") if written else None
            return merge(found or Facts(), _named(match["name"]))
    return Facts()
