"""What words a question and a sentence share: content words, names and figures, by language."""

import re
from functools import lru_cache

from index.lexical import stems

# Words that ask or join rather than say what is asked about.
_FUNCTION_WORDS = {
    "en": """a about after all also am an and any are as at be because been before being between
        both but by can could did do does doing done during each for from gave get give given go
        had has have he her hers him his how i if in into is it its just like made make many may
        me might more most much must my no not of off on once one only or other our out over own
        say said says saying same shall she should so some such tell tells than that the their
        them then there these they this those through to told too under until up us very was we
        were what when where which while who whom whose why will with would you your according
        news article articles report reported kind sort thing happen happened exactly actually""",
    "sv": """alla allt att av bara blev bli blir blivit de dem den denna deras dess det detta dig
        din du där då efter ej eller en enligt er ett fick för från får få ge gjorde gör ha hade
        han hans har henne hennes hon hos hur här i inte jag ju kan kom kunde man med mellan men
        mot mycket många när någon något några och om oss på sa sade ska skulle som säga säger så
        sådan till under upp ut utan vad var vara varför varit vem vems vi vid vilka vilken vilket
        vill än är över hände nyheter artikel artiklar""",
}
_NAME = re.compile(r"\b[^\W\d_a-zà-öø-ÿ][\w'’.-]*\w", re.UNICODE)
_INSIDE = re.compile(r"[\w,;:)’'] ?$")  # what stands before a word within a sentence
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?:19|20)\d\d")


@lru_cache(maxsize=8)
def _function_stems(language: str) -> frozenset[str]:
    return frozenset(stems(_FUNCTION_WORDS.get(language, ""), language))


def content_stems(text: str, language: str | None) -> frozenset[str]:
    """Stems of the words that carry meaning."""
    words = frozenset(stems(text, language))
    return words - _function_stems(language or "en") - _function_stems("en")


def figures(text: str) -> frozenset[str]:
    """Numbers as bare digits: "1,200" and "1200" are the same, "2.4" is "2.4"."""
    return frozenset(_plain(match.group()) for match in _FIGURE.finditer(text))


def _plain(figure: str) -> str:
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", figure)
    return re.sub(r"[.,]", "", figure) if grouped else figure.replace(",", ".")


def names(text: str) -> frozenset[str]:
    """Capitalised words in lower case; a function word that opens a sentence is none."""
    found = set()
    for match in _NAME.finditer(text):
        name = match.group().rstrip(".").casefold().removesuffix("'s").removesuffix("’s")
        opens = not _INSIDE.search(text[: match.start()][-3:])
        if len(name) > 1 and not (opens and name in _plain_function_words()):
            found.add(name)
    return frozenset(found)


def names_and_words(text: str) -> frozenset[str]:
    """What a name can be found among: a capital letter may only be that of a beginning."""
    return names(text) | frozenset(_WORD.findall(text.casefold()))


@lru_cache(maxsize=1)
def _plain_function_words() -> frozenset[str]:
    return frozenset(word for words in _FUNCTION_WORDS.values() for word in words.split())


def years(text: str) -> frozenset[str]:
    """Years from 1900 to 2099 named in the text."""
    return frozenset(_YEAR.findall(text))
