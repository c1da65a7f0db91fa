"""Who holds which title: a claim may not give somebody what the text gives to others only."""

import re

from index.sentences import sentence_spans

_TITLE = (
    r"president|premier|chancellor|minister|secretary|mayor|governor|senator|ambassador|envoy|"
    r"chair(?:man|woman|person)?|chief|director|manager|captain|coach|editor|professor|doctor|"
    r"judge|justice|general|colonel|commander|king|queen|prince|princess|bishop|founder|owner|"
    r"treasurer|spokes(?:man|woman|person)|analyst|economist|ordförande|borgmästare|"
    r"\w*minister|vd|chef|direktör|tales(?:man|kvinna|person)|kung|drottning|ambassadör|biskop|"
    r"landshövding|tränare|kapten|redaktör|analytiker|ekonom"
)
_NAME = r"[^\W\d_a-zà-öø-ÿ][\w'’-]*"
_TITLED = re.compile(rf"\b((?i:{_TITLE}))((?: {_NAME})+)")


def mistitled(claim: str, text: str, language: str | None) -> bool:
    """Whether the claim puts a title before a name that the text puts before other names, and
    nowhere tells of in one sentence with that name."""
    given = _titled(claim)
    if not given:
        return False
    held = _titled(text)
    told = [set(_words(text[start:end])) for start, end in sentence_spans(text, language)]
    return any(
        any(title == theirs and names.isdisjoint(others) for theirs, others in held)
        and not any(title in words and names & words for words in told)
        for title, names in given
    )


def _titled(text: str) -> list[tuple[str, frozenset[str]]]:
    """Each title that stands before a name, and the words of the name."""
    found = (match.groups() for match in _TITLED.finditer(text))
    return [(title.casefold(), frozenset(_words(names))) for title, names in found]


def _words(text: str) -> list[str]:
    found = re.findall(r"[\w'’-]+", text.casefold())
    return [word.removesuffix("'s").removesuffix("’s") for word in found]
