"""When and how many: statements with a plain verb, turned round. And figures left out.

The verbs are a closed list: without a verb's base form the question would not be sure English.
"""

import re
from collections.abc import Iterator

from evals.drafting.proposal import Proposal, lower_first, stands_alone
from index.schema import Article

VERBS = dict(
    pair.split("/")
    for pair in """
    approved/approve announced/announce signed/sign opened/open closed/close launched/launch
    agreed/agree met/meet visited/visit won/win lost/lose bought/buy sold/sell built/build
    founded/found started/start began/begin ended/end passed/pass rejected/reject banned/ban
    introduced/introduce published/publish released/release arrived/arrive left/leave died/die
    resigned/resign took/take hired/hire employed/employ killed/kill injured/inject
    imposed/impose lifted/lift reported/report recorded/record received/receive spent/spend
    raised/raise planted/plant ordered/order planned/plan moved/move elected/elect joined/join
    """.replace("injured/inject", "injured/injure").split()
)
VERB = rf"(?P<verb>{'|'.join(VERBS)})"
SUBJECT = r"(?P<subject>[A-ZÅÄÖ][^,;:]{2,70}?)"
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:1[5-9]|20)\d\d"
DAY = rf"(?:{MONTH} \d\d?(?:,? {YEAR})?|\d\d? {MONTH}(?: {YEAR})?|{MONTH} {YEAR}|{YEAR})"
WHEN = rf"(?:on|in) (?P<when>{DAY})\.$"
NUMBER = (
    r"(?P<number>\d[\d,]*(?: (?:million|billion))?|two|three|four|five|six|seven|eight|nine|ten)"
)
HEDGE = r"(?:(?:more than|at least|about|nearly|almost|some) )?"
THINGS = r"(?P<things>(?:[a-z-]+ ){0,2}?(?:[a-z-]+s|people|children|women|men))"
REST = r"(?P<rest>(?: (?:in|on|at|for|to|from|of|across|after|during|by|with) [^,;:]+)?)"
DIGITS = r"\d+(?:[.,]\d+)*"
MANY = r"(?:million|billion|trillion|bn|m|miljoner|miljarder)\b"
FIGURE = re.compile(
    rf"(?<![\w.,-])(?:(?:[A-Z]{{1,3}})?[$€£]{DIGITS}(?: ?{MANY})?"
    rf"|{DIGITS} ?(?:percent|per cent|procent|%)|{DIGITS} {MANY})"
)
PASSIVE_WHEN = re.compile(
    rf"^{SUBJECT} (?P<be>was|were) (?P<done>[a-z]+(?:ed|born|built|held|sold|won|shot))"
    rf"(?P<more>(?: [^,;:]+?)?) {WHEN}"
)
ACTIVE_WHEN = re.compile(rf"^{SUBJECT} {VERB}(?P<more>(?: [^,;:]+?)?) {WHEN}")
HOW_MANY = re.compile(rf"^{SUBJECT} {VERB} {HEDGE}{NUMBER} {THINGS}{REST}\.$")
VERBISH = re.compile(r"\b(?:is|are|was|were|has|had|have|who|which|that|will|would)\b")


def propose(sentence: str, article: Article) -> Iterator[Proposal]:
    """All that its patterns give."""
    if not stands_alone(sentence):
        return
    english = article.language in ("en", None)
    found = [_when(sentence), _how_many(sentence)] if english else []
    for kind, question, answer in filter(None, [*found, _figure(sentence, article)]):
        yield Proposal(kind, question, answer, sentence, article)


Found = tuple[str, str, tuple[str, ...]]


def _when(sentence: str) -> Found | None:
    if match := PASSIVE_WHEN.match(sentence):
        asks = f"When {match['be']} {_subject(match)} {match['done']}{match['more']}?"
    elif match := ACTIVE_WHEN.match(sentence):
        asks = f"When did {_subject(match)} {VERBS[match['verb']]}{match['more']}?"
    if match is None or VERBISH.search(match["subject"]):
        return None
    return "when", asks, days(match["when"])


def _how_many(sentence: str) -> Found | None:
    match = HOW_MANY.match(sentence)
    if match is None or VERBISH.search(match["subject"]) or YEAR_ALONE.fullmatch(match["number"]):
        return None
    did = f"did {_subject(match)} {VERBS[match['verb']]}"
    return "how-many", f"How many {match['things']} {did}{match['rest']}?", (match["number"],)


def _figure(sentence: str, article: Article) -> Found | None:
    figures = list(FIGURE.finditer(sentence))
    if len(figures) != 1:
        return None
    start, end = figures[0].span()
    gap = f"{sentence[:start]}___{sentence[end:]}"
    swedish = "Vilken siffra saknas i meningen" if article.language == "sv" else ""
    asks = f"{swedish or 'What figure is left out of this sentence'}: “{gap}”?"
    return "figure", asks, amounts(figures[0].group())


def _subject(match: re.Match[str]) -> str:
    return lower_first(match["subject"])


def days(day: str) -> tuple[str, ...]:
    """A date the two ways round: "March 1, 2019" and "1 March 2019"."""
    plain = day.replace(",", "")
    if found := re.fullmatch(rf"({MONTH}) (\d\d?)( {YEAR})?", plain):
        return tuple(dict.fromkeys([day, plain, f"{found[2]} {found[1]}{found[3] or ''}"]))
    if found := re.fullmatch(rf"(\d\d?) ({MONTH})( {YEAR})?", plain):
        comma = f",{found[3]}" if found[3] else ""
        return (day, f"{found[2]} {found[1]}{comma}")
    return (day,)


def amounts(figure: str) -> tuple[str, ...]:
    """A percentage in its usual spellings; other figures as they are."""
    found = re.fullmatch(rf"({DIGITS}) ?(?:percent|per cent|procent|%)", figure)
    if found is None:
        return (figure,)
    ways = [f"{found[1]} percent", f"{found[1]}%", f"{found[1]} %", f"{found[1]} per cent"]
    return tuple(dict.fromkeys([figure, *ways, f"{found[1]} procent"]))


YEAR_ALONE = re.compile(YEAR)
