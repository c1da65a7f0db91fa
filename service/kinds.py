"""What kind of thing a question asks for, and whether a sentence holds one. English, Swedish."""

import re

from service.wording import names

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan\.?|feb\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?|"
    "januari|februari|mars|maj|juni|juli|augusti|oktober"
)
_DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    "måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag"
)
_DATE = re.compile(
    rf"\b(?:{_MONTHS}|{_DAYS}|(?:19|20)\d\d|today|yesterday|tomorrow|week|weeks|month|months|"
    r"weekend|year|years|vecka|veckan|månad|månaden|året|år|helgen|idag|igår|imorgon)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|"
    r"billion|half|third|en|ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|hundra|tusen|miljon|miljoner|"
    r"miljard|miljarder|hälften)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|to|from|near|outside|i|på|till|från|utanför)\s+(?:the\s+)?[A-ZÅÄÖ]"
)
_REASON = re.compile(
    r"\b(?:because|due to|over|in response|to avoid|so that|after|since|as part of|aimed|in order|"
    r"amid|eftersom|på grund av|för att|därför|till följd)\b",
    re.IGNORECASE,
)
_ASKS: tuple[tuple[str | None, str], ...] = (
    (
        "when",
        r"\b(?:when|what (?:date|day|month|year|time)|which (?:date|day|month|year)|since when|"
        r"när|vilket datum|vilken dag|vilket år)\b",
    ),
    (
        "number",
        r"\b(?:how (?:many|much|big|large|high|long|far|often|old|fast|tall|deep|heavy|wide)|"
        r"what (?:percent\w*|rate|price|share|level|number|amount|figure|size|speed|temperature)|"
        r"hur (?:många|mycket|stort?|högt?|länge|långt?|ofta|snabbt?|djupt?|tungt?|gammalt?)|"
        r"vilken (?:nivå|procent\w*|tull\w*))\b",
    ),
    ("who", r"\b(?:who|whom|whose|vem|vems|vilka personer)\b"),
    (
        "where",
        r"\b(?:where|which (?:city|country|town|place)|what (?:city|country|place)|"
        r"(?<=in )which|var|vilken stad|vilket land)\b",
    ),
    ("why", r"\b(?:why|what (?:reason|caused|led)|varför)\b"),
    (None, r"\b(?:what|which|how|vad|vilken|vilket|vilka|hur)\b"),
)
_DEADLINE = re.compile(r"\bdeadline\b", re.IGNORECASE)
_ASKS_FOR = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKS]


def asked_kind(question: str) -> str | None:
    """ "when", "number", "who", "where", "why", or None for anything else.

    The first word that asks tells: "how fast did it go when it derailed" asks for no time.
    """
    found = [(match.start(), kind) for kind, ask in _ASKS_FOR if (match := ask.search(question))]
    kind = min(found, key=lambda each: each[0])[1] if found else None
    return "when" if kind is None and _DEADLINE.search(question) else kind


def holds(sentence: str, kind: str | None, question: str) -> float:
    """1 if the sentence holds a thing of that kind that the question lacks, 0 if not; 0.5 if no
    kind was asked for."""
    match kind:
        case "when":
            return float(bool(_DATE.search(sentence)))
        case "number":
            return float(bool(_NUMBER.search(sentence)))
        case "who":
            return float(bool(names(sentence) - names(question)))
        case "where":
            return float(bool(_PLACE.search(sentence)))
        case "why":
            return float(bool(_REASON.search(sentence)))
    return 0.5
