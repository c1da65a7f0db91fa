"""Numbers as texts write them, English and Swedish: figures, words, units, and what they count.

"1.2 million", "1,200,000" and "1 200 000" are one number; "7 %" and "seven per cent" are one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from service.dates import dates, spelled
from service.wording import content_stems

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen",
    "noll - två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton"
    " arton nitton",
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio",
)
_ORDINALS = (
    "second third fourth fifth sixth seventh eighth ninth tenth",
    "- tredje fjärde femte sjätte sjunde åttonde nionde tionde",
)
_SCALE = {
    **dict.fromkeys(("hundred", "hundra"), 100.0),
    **dict.fromkeys(("thousand", "tusen"), 1e3),
    **dict.fromkeys(("million", "millions", "mn", "miljon", "miljoner", "mkr"), 1e6),
    **dict.fromkeys(("billion", "billions", "bn", "miljard", "miljarder"), 1e9),
    **dict.fromkeys(("trillion", "biljon", "biljoner"), 1e12),
    **dict.fromkeys(("dozen", "dussin"), 12.0),
}
_UNITS = {
    **dict.fromkeys(("%", "percent", "procent", "pct"), "%"),
    **dict.fromkeys(("$", "dollar", "dollars", "usd"), "$"),
    **dict.fromkeys(("£", "pound", "pounds", "pund", "gbp"), "£"),
    **dict.fromkeys(("€", "euro", "euros", "eur"), "€"),
    **dict.fromkeys(("kr", "krona", "kronor", "sek", "mkr", "kronors"), "kr"),
}
_SIGNS = frozenset("$£€")
_PER_CENT = re.compile(r"\bper cent\b", re.I)
_TOKEN = re.compile(
    r"[$£€%]|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|[^\W\d_]+\d\w*|\d+(?:[.,]\d+)*|[^\W\d_]+"
)
_GROUPED = re.compile(r"\d{1,3}(?:[., \u00a0\u202f]\d{3})+")
_DETERMINERS = frozenset("the its their his her these de den sina sitt".split())
_NOT_ONE = frozenset("of another who the no any every some each".split())


def _words() -> dict[str, float]:
    found = {w: float(n) for words in _SMALL for n, w in enumerate(words.split())}
    found |= {w: 10.0 * n for words in _TENS for n, w in enumerate(words.split(), 2)}
    tens, units = _TENS[1].split(), _SMALL[1].split()
    for ten, word in enumerate(tens, 2):  # Swedish writes them as one word
        for unit in range(1, 10):
            found[word + ("ett" if unit == 1 else units[unit])] = 10.0 * ten + unit
    # "third" is not 3: a value that no text writes in figures
    found |= {w: n + 0.001 for words in _ORDINALS for n, w in enumerate(words.split(), 2)}
    found.pop("-")
    found |= {"hundred": 100.0, "hundra": 100.0, "dozen": 12.0, "dussin": 12.0, "tusen": 1000.0}
    return found


NUMBER_WORDS = _words()
QUANTITY_WORDS = (*NUMBER_WORDS, *_SCALE, *_UNITS, "per", "cent")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number: its value, its unit ("" if none), and the stem of what it counts."""

    value: str
    unit: str
    counted: str
    noun: str = ""  # the word after it, if that is what it counts


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a text says in numbers and dates."""

    quantities: tuple[Quantity, ...]
    dates: frozenset[str]  # "12-1" a day, "12" a month, "monday" a weekday
    article: bool  # whether "a" or "an" stands there: it can mean one


def missing(claim: str, text: str, header: str, language: str | None) -> bool:
    """Whether the claim has a number or a date that text and header lack, or has of another thing.

    A header tells its day; that it appeared in May says of nothing else that it will be in May.
    """
    ours, theirs = figures(claim, language), figures(text, language)
    months = {date.split("-")[0] for date in theirs.dates}
    whole = figures(f"{text}\n{header}", language)
    told = theirs.dates | months
    if {date for date in theirs.dates if "-" in date} <= ours.dates:  # it changes none
        told |= {date for date in whole.dates if "-" in date}
    return not ours.dates <= told or any(not _stands(each, whole) for each in ours.quantities)


def _stands(quantity: Quantity, told: Figures) -> bool:
    same = [q for q in told.quantities if q.value == quantity.value]
    if not same:
        return quantity.value == "1" and told.article
    if quantity.unit and not any(q.unit in ("", quantity.unit) for q in same):
        return False
    if not quantity.unit and all(q.unit == "%" for q in same):
        return False
    others = [q for q in told.quantities if quantity.counted and q.counted == quantity.counted]
    return not others or quantity.value in {q.value for q in others}


def placed(text: str, language: str | None) -> list[tuple[int, int, Quantity]]:
    """The numbers of a text, each with where it stands, its unit or what it counts included."""
    tokens = list(_TOKEN.finditer(_PER_CENT.sub("percent ", text)))  # as long as it was
    words = [token.group() for token in tokens]
    found = []
    for at, end, quantity in _quantities(words, dates(words)[1], language):
        signed = at > 0 and words[at - 1] in _SIGNS
        after = end < len(words) and (words[end].casefold() in _UNITS or bool(quantity.noun))
        start = tokens[at - signed].start()
        found.append((start, tokens[end - (not after)].end(), quantity))
    return found


@lru_cache(maxsize=500)
def figures(text: str, language: str | None) -> Figures:
    """The numbers and dates of a text."""
    tokens = _TOKEN.findall(_PER_CENT.sub("percent", spelled(text)))
    days, used = dates(tokens)
    found = tuple(quantity for _, _, quantity in _quantities(tokens, used, language))
    articles = {"a", "an", "en", "ett"}
    return Figures(found, days, any(token.casefold() in articles for token in tokens))


def _quantities(
    tokens: list[str], used: frozenset[int], language: str | None
) -> Iterator[tuple[int, int, Quantity]]:
    """Each number with the places of its first token and of the one after it."""
    at = 0
    while at < len(tokens):
        value, end = (None, at + 1) if at in used else _number(tokens, at)
        if value is not None:
            before = _UNITS.get(tokens[at - 1], "") if at and tokens[at - 1] in _SIGNS else ""
            after = tokens[end].casefold() if end < len(tokens) else ""
            unit = before or _UNITS.get(after, "") or _UNITS.get(tokens[end - 1].casefold(), "")
            bare = bool(unit) or _is_year(tokens[at])
            counted = "" if bare else _counted(tokens, end, language)
            noun = after if counted and after.isalpha() else ""
            yield at, end, Quantity(f"{round(value, 6):.10g}", unit, counted, noun)
        at = end


def _counted(tokens: list[str], at: int, language: str | None) -> str:
    """The stem of what is counted before a place: "12 boats", "12 of the 30 boats"."""
    of = tokens[at : at + 1] and tokens[at].casefold() in ("of", "av")
    rest = [t.casefold() for t in tokens[at : at + 4]]
    if of:
        rest = [t for t in rest[1:] if t.isalpha() and t not in _DETERMINERS]
    return next(iter(content_stems((rest or [""])[0], language)), "")


def _is_year(token: str) -> bool:
    return len(token) == 4 and token.isdecimal() and token[:2] in ("17", "18", "19", "20")


def _number(tokens: list[str], at: int) -> tuple[float | None, int]:
    """The number that begins at a place, and where it ends."""
    value = _simple(tokens[at])
    if value is None or _no_number(tokens, at):
        return None, at + 1
    end = at + 1
    while end < len(tokens):
        low, more = tokens[end].casefold(), _simple(tokens[end])
        if low in _SCALE:
            value *= _SCALE[low]
        elif low == "m" and at and tokens[at - 1] in _SIGNS:
            value *= 1e6
        elif more is not None and not tokens[end][0].isdecimal() and _joins(value, more):
            value += more
        else:
            break
        end += 1
    return value, end


def _no_number(tokens: list[str], at: int) -> bool:
    """Whether this is the "one" of "one of them" or "no one"."""
    around = {token.casefold() for token in (*tokens[at - 1 : at], *tokens[at + 1 : at + 2])}
    return tokens[at].casefold() == "one" and bool(around & _NOT_ONE)


def _joins(value: float, more: float) -> bool:
    """Whether number words belong together: "twenty five", "hundred thirty"."""
    return (value % 10 == 0 and 20 <= value % 100 and 0 < more < 10) or (
        value >= 100 and value % 100 == 0 and 0 < more < 100
    )


def _simple(token: str) -> float | None:
    if token[0].isdecimal():
        if _GROUPED.fullmatch(token):
            return float(re.sub(r"\D", "", token))
        try:
            return float(token.replace(",", "."))
        except ValueError:  # 1.2.3 is a version or a date in figures
            return float(re.sub(r"\D", "", token))
    return NUMBER_WORDS.get(token.casefold())
