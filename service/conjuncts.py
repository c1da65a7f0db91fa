"""What a sentence says besides its main point: "The plan was withdrawn, and the mayor resigned".

Most words of a sentence may stand in a passage while a part that is joined to them does not.
"""

import re

_EN = (
    "and|but|or|while|after|before|when|because|although|though|whereas|since|until|"
    "as(?! (?:of|well|many|much|a|an|its|his|her|their)\\b)"
)
_SV = "och|men|eller|medan|sedan|efter|innan|när|eftersom|trots att|fast"
_RELATIVE = "which|who|whose|where|vilket|vilka|som|vars|där"
_JOINT = re.compile(
    rf"\s[–—-]\s|;\s|,\s(?=(?:{_RELATIVE})\b)|\b(?:{_EN}|{_SV})\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:while|after|before|when|because|although|though|whereas|since|until|"
    r"as(?! (?:of|well|many|much|a|an)\b)|medan|sedan|efter att|innan|när|eftersom|trots att|fast)"
    r"\b([^,]*),",
    re.IGNORECASE,
)


def conjuncts(sentence: str) -> list[str]:
    """The parts joined to what the sentence says first; a clause that opens it is one of them."""
    opening = _OPENING.match(sentence)
    opens, rest = ([opening[1]], sentence[opening.end() :]) if opening else ([], sentence)
    return [*opens, *[part for part in _JOINT.split(rest) if part.strip()][1:]]


def told_of_others(sentence: str) -> list[str]:
    """Those of these parts that begin with a name of their own: "and Ada Berg resigned".

    Not those where names alone are joined: "Lind and Berg resigned".
    """
    opening = _OPENING.match(sentence)
    begin = [part for part in conjuncts(sentence) if part.lstrip()[:1].isupper()]
    return [
        part
        for part in begin
        if (opening and part == opening[1]) or not _names_alone(sentence[: sentence.find(part)])
    ]


def _names_alone(head: str) -> bool:
    *words, _ = re.findall(r"\w+", head) or [""]  # the last one joins
    return all(word[0].isupper() for word in words)
