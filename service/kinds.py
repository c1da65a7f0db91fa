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
_ASKS = (
    (
        "when",
        r"\b(?:when|what (?:date|day|month|year|time)|which (?:date|day|month|year)|since when|"
        r"när|vilket datum|vilken dag|vilket år|deadline)\b",
    ),
    (
        "number",
        r"\b(?:how (?:many|much|big|large|high|long|far|often|old)|what (?:percent\w*|rate|"
        r"price|share|level|number|amount|figure|size)|hur (?:många|mycket|stor|stort|hög|"
        r"högt|länge|långt|ofta)|vilken (?:nivå|procent\w*|tull\w*))\b",
    ),
    ("who", r"\b(?:who|whom|whose|vem|vems|vilka personer)\b"),
    (
        "where",
        r"\b(?:where|which (?:city|country|town|place)|what (?:city|country|place)|"
        r"in which|var|vilken stad|vilket land)\b",
    ),
    ("why", r"\b(?:why|what (?:reason|caused|led)|varför)\b"),
)
_ASKS_FOR = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKS]


def asked_kind(question: str) -> str | None:
    """ "when", "number", "who", "where", "why", or None for anything else."""
    return next((kind for kind, pattern in _ASKS_FOR if pattern.search(question)), None)


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
