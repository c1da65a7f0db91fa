"""Yes or no questions, by their form, and what would have to be said for a yes.

English and Swedish. "Did the talks end without a deal?" would be borne out by "the talks end
without a deal", "The talks ended, didn't they?" by "The talks ended". No language model.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from index.clauses import parts

_AUX = (
    r"(?P<aux>is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
    r"(?:n['’]t)?"
)
_WHO = r"(?:who|whom|whose|what|which|why|how|when|where|whether)"
_OPENING = re.compile(r"^(?:(?:and|but|so|well|ok|och|men|så)\b,?\s+)+", re.I)
_ASKS = re.compile(rf"^{_AUX}\s+(?!(?:you|we|i|anyone|anybody)\b)(?P<rest>\S.*)$", re.I | re.S)
# "After the report of May 3, did the union agree?" opens with when and where.
_FRONTED = re.compile(
    rf"^(?P<front>(?:after|before|between|since|during|in|on|by|at|following|according to|given|"
    rf"regarding|as of)\b(?!\s+{_WHO})[^?]*?),\s+{_AUX}\s+(?P<rest>\S.*)$",
    re.I | re.S,
)
_TAG = re.compile(
    r"^(?P<rest>.+?),\s*(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should)(?:n['’]t)?\s+(?:it|he|she|they|we|there)|right|correct|eller hur|inte sant|va)\s*\?$",
    re.I | re.S,
)
_OR_NOT = re.compile(r",?\s+(?:or not|or no|eller inte|eller ej)\s*\??$", re.I)
_EITHER = re.compile(r"\b(?:or|eller)\b", re.I)
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
_PLAIN = frozenset("is are was were do does did has have had".split())
# What one report says beside another is no matter of a sentence that bears a clause out.
_RELATES = re.compile(
    r"\b(?:same|similar\w*|differ\w*|consisten\w*|inconsisten\w*|agree\w*|disagree\w*|unlike|"
    r"compar\w+|contrast\w*|contradict\w*|align\w*|unchanged|chang\w+|shift\w*|samma|lik(?:a|nande)|"
    r"olika|skiljer|överens)\b",
    re.I,
)
_POSSIBLE = re.compile(r"(?:can|could|should|may|might|must|kan|kunde|bör|får|måste)\b", re.I)
# What is so is told in words that stand in much that is not so, too, and may be so no longer.
_LASTING = re.compile(r"(?:is|are|do|does|isn|aren|don|doesn|är|finns)\b", re.I)
_NEGATES = re.compile(r"\b(?:not|never|inte|ej|aldrig|\w+n['’]t)\b", re.I)


WORDS = ("Yes.", "No.", "Ja.", "Nej.")


@dataclass(frozen=True, slots=True)
class Claim:
    """What would have to be said, and by whom."""

    text: str
    outlets: frozenset[str] = frozenset()  # of the archive, in lower case; any if empty


@dataclass(frozen=True, slots=True)
class Polar:
    """A question that is answered by yes or no."""

    claims: tuple[Claim, ...]  # all of them, for a yes
    plain: bool  # whether yes or no can follow from what bears out the claims or denies them
    yes: str
    no: str


def polar(question: str, language: str | None, outlets: Collection[str] = ()) -> Polar | None:
    """The claims of a yes or no question; None for any other.

    outlets: those of the archive, in lower case.
    """
    text = _OPENING.sub("", " ".join(question.split())).strip()
    found = _statement(text, language)
    if found is None:
        return None
    statement, swedish = found
    claims = _claims(statement, outlets)
    relates = len(claims) > 1 or any(claim.outlets for claim in claims)
    plain = not (_EITHER.search(statement) or _NEGATES.search(statement))
    plain = plain and not (_POSSIBLE.match(text) or (not relates and _LASTING.match(text)))
    plain = plain and not (relates and _RELATES.search(statement))
    yes, no = WORDS[2:] if swedish else WORDS[:2]
    return Polar(claims, plain, yes, no)


def _statement(text: str, language: str | None) -> tuple[str, bool] | None:
    """The question as it would be stated, its verbs in any form, and whether it is Swedish."""
    swedish = language == "sv"
    if tagged := _TAG.match(text):
        return (tagged["rest"], swedish) if not _WHAT.match(text) else None
    bare = _OR_NOT.sub("", text).rstrip(" ?!.")
    if asked := _ASKS.match(bare):
        return f"{_modal(asked['aux'])}{asked['rest']}", False
    if asked := _FRONTED.match(bare):
        return f"{_modal(asked['aux'])}{asked['rest']}, {asked['front']}", False
    return _statement_sv(bare) if swedish else None


def _modal(aux: str) -> str:
    """The verb that begins the question, if it says more than that it is one."""
    return "" if aux.casefold() in _PLAIN else f"{aux.casefold()} "


def _statement_sv(bare: str) -> tuple[str, bool] | None:
    if _WHAT.search(bare) or _NO_VERB_SV.match(bare) or _WHERE_SV.match(bare):
        return None
    if not (asked := _ASKS_SV.match(bare)):
        return None
    verb = asked["verb"].casefold()
    return (asked["rest"] if verb in _HELPS_SV else f"{asked['rest']} {verb}"), True


def _claims(statement: str, outlets: Collection[str]) -> tuple[Claim, ...]:
    """One claim for each outlet named, with what is asked of it; else the whole."""
    asked = parts(statement, outlets)
    if not asked.mentions:
        return (Claim(statement),)
    return tuple(Claim(mention.text, mention.outlets) for mention in asked.mentions)
