"""Yes or no questions, by their form, and what they ask of each outlet and article. English and
Swedish.

"Did the talks end without a deal?" asks whether "the talks end without a deal", "The talks ended,
didn't they?" whether "The talks ended". No language model.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from index.clauses import Mention, clauses, parts
from index.times import Window, named_days

AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
    r"(?:n['’]t)?"
)
_WHO = r"(?:who|whom|whose|what|which|why|how|when|where|whether)"
_OPENING = re.compile(r"^(?:(?:and|but|so|well|ok|och|men|så)\b,?\s+)+", re.I)
_ASKS = re.compile(rf"^{AUXILIARY}\s+(?!(?:you|we|i|anyone|anybody)\b)(?P<rest>\S.*)$", re.I | re.S)
# "After the report of May 3, did the union agree?" opens with when and where.
_FRONTED = re.compile(
    rf"^(?P<front>(?:after|before|between|since|during|in|on|by|at|following|according to|given|"
    rf"regarding|considering|as of)\b(?!\s+{_WHO})[^?]*?),['\"”’]?\s+{AUXILIARY}\s+(?P<rest>\S.*)$",
    re.I | re.S,
)
# "Considering the report of May 3, which union, if any, has agreed?" asks which.
_WITHIN = re.compile(rf",['\"”’]?\s+(?:\w+\s+)?{_WHO}\b", re.I)
_TAG = re.compile(
    r"^(?P<rest>.+?),\s*(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should)(?:n['’]t)?\s+(?:it|he|she|they|we|there)|right|correct|eller hur|inte sant|va)\s*\?$",
    re.I | re.S,
)
_OR_NOT = re.compile(r",?\s+(?:or not|or no|eller inte|eller ej)\s*\??$", re.I)
_WHAT = re.compile(rf"^(?:{_WHO}|vem|vad|vilken|vilket|vilka|varför|hur|när|vart|varifrån)\b", re.I)
_VERB_SV = (
    r"(?:är|blir|blev|var|har|hade|kan|kunde|ska|skall|skulle|vill|ville|måste|får|fick|går|gick|"
    r"kom|tog|gav|såg|sa|lät|låg|stod|satt|vann|föll|steg|sjönk|dog|drog|slog|bröt|fann|finns|"
    r"fanns|höll|hölls|gjorde|lade|lär|bör|"
    r"\w{2,}(?:ar|er|år|ör|or|ade|dde|tte|lde|nde|rde|kte|pte|ste|gde|vde|mde|as|es|ds|ts|ns|rs)s?)"
)
_ASKS_SV = re.compile(rf"^(?P<verb>{_VERB_SV})\s+(?P<rest>\S.*)$", re.I | re.S)
_NO_VERB_SV = re.compile(
    r"^(?:efter|under|över|eller|fler|mer|utöver|inför|sedan|enligt|för|med|innan|vars)\b", re.I
)
# "Var" asks where if a verb follows: "Var ligger Visby?", but not in "Var larmet avstängt?".
_WHERE_SV = re.compile(rf"^[Vv]ar\s+(?:och|i|på|någonstans|(?-i:{_VERB_SV}))\b")
_HELPS_SV = frozenset("är var har hade blir blev".split())
# What an outlet brings out, and words that hold one such text against another.
_TEXTS = (
    r"(?:articles|reports|stories|pieces|interviews|reviews|columns|artiklar(?:na)?|reportagen)"
)
_TEXT = re.compile(
    rf"\b(?:{_TEXTS}|article|story|piece|interview|review|column|coverage|reporting|portrayal|"
    rf"reported by|(?:the|an?|its|their) (?:\w+ )?(?:report|analysis|account|ones?)|same (?:news )?"
    rf"(?:outlet|source|newspaper|paper|publication)|artikeln?|reportaget?|bevakning(?:en)?|"
    rf"rapportering(?:en)?|samma (?:tidning|källa)|den (?:från|av den))\b",
    re.I,
)
_SEVERAL = re.compile(
    rf"\b(?:{_TEXTS}|both|another|second|third|later|earlier|subsequent(?:ly)?|previous|compared|"
    r"remain(?:s|ed)?|chang(?:e|es|ed)|(?:in)?consisten(?:t|cy)|differ(?:s|ed)?|contradict(?:s|ed)?|"
    r"båda|andra|tredje|annan|tidigare|senare|jämfört|ändrat?s?|förändrat?s?|skiljer|skilde)\b",
    re.I,
)
_IN_DATE = re.compile(r"(?<=\d),\s+(?=(?:19|20)\d\d\b)")  # a comma that parts nothing
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)(?:T[\d:.+Z-]*)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a question wants to know to be so, and who is asked."""

    text: str
    outlets: frozenset[str] = frozenset()  # of the archive, in lower case; any if empty
    days: tuple[Window, ...] = ()  # that it names: its article may be of one of them
    whole: str = ""  # all that the question wants to know to be so


def claims(question: str, language: str | None, outlets: Collection[str] = ()) -> tuple[Claim, ...]:
    """What a yes or no question asks: a claim for each outlet or article named, else the whole.

    Empty for any other question. outlets: those of the archive, in lower case.
    """
    text = _OPENING.sub("", " ".join(question.split())).strip()
    statement = _statement(text, language)
    if statement is None:
        return ()
    named = parts(_IN_DATE.sub(" ", statement), outlets).mentions
    asked = [claim for each in named for claim in _of_articles(each, alone=len(named) == 1)]
    return tuple(replace(claim, whole=statement) for claim in asked or [Claim(statement)])


def _of_articles(asked: Mention, alone: bool) -> list[Claim]:
    """What is asked of each article of the outlet: of each day named, or else in each clause if no
    other outlet is asked."""
    pieces = clauses(asked.text) or [asked.text]
    dated = [(piece, day) for piece in pieces for day in _days(piece)]
    if _of_several(asked.text) and len(dated) > 1:
        return [Claim(piece, asked.outlets, (day,)) for piece, day in dated]
    if _of_several(asked.text) and alone:
        pieces = pieces if len(pieces) > 1 else pieces * 2
        return [Claim(piece, asked.outlets, tuple(_days(piece))) for piece in pieces]
    return [Claim(asked.text, asked.outlets, tuple(day for _, day in dated))]


def _of_several(text: str) -> bool:
    """Whether it speaks of more than one text, or of one held against another."""
    texts = len(_TEXT.findall(text))
    return texts > 1 or (texts > 0 and _SEVERAL.search(text) is not None)


def _days(text: str) -> Iterator[Window]:
    yield from named_days(text)
    for match in _ISO.finditer(text):
        try:
            day = date(*map(int, match.groups()))
        except ValueError:  # no day of the calendar
            continue
        yield Window(day, day)


def _statement(text: str, language: str | None) -> str | None:
    """The question as it would be stated, its verbs in any form."""
    if tagged := _TAG.match(text):
        return tagged["rest"] if not _WHAT.match(text) else None
    bare = _OR_NOT.sub("", text).rstrip(" ?!.")
    if asked := _ASKS.match(bare):
        return asked["rest"]
    asked = _FRONTED.match(bare)
    if asked and not _WITHIN.search(asked["front"]):
        return f"{asked['rest']}, {asked['front']}"
    return _statement_sv(bare) if language == "sv" else None


def _statement_sv(bare: str) -> str | None:
    if _WHAT.search(bare) or _NO_VERB_SV.match(bare) or _WHERE_SV.match(bare):
        return None
    if not (asked := _ASKS_SV.match(bare)):
        return None
    verb = asked["verb"].casefold()
    return asked["rest"] if verb in _HELPS_SV else f"{asked['rest']} {verb}"
