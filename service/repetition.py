"""A small model goes round in circles: within a sentence, and from one to the next."""

import re
from collections.abc import Sequence

from service.polarity import negated_otherwise, opposed
from service.quantities import missing
from service.speakers import swapped
from service.wording import content_stems

_WORD = re.compile(r"\w+")


def stutters(sentence: str, text: str) -> bool:
    """Whether the sentence has the same words thrice in a row, and the text does not."""
    words, told = _words(sentence), f" {' '.join(_words(text))} "
    for size in range(1, len(words) // 3 + 1):
        for at in range(len(words) - 3 * size + 1):
            row = words[at : at + 3 * size]
            if row == row[:size] * 3 and f" {' '.join(row)} " not in told:
                return True
    return False


def repeats(sentence: str, earlier: Sequence[str], language: str | None) -> bool:
    """Whether the sentence says nothing that one of the earlier ones does not say."""
    return any(_within(sentence, other, language) for other in earlier)


def _within(sentence: str, other: str, language: str | None) -> bool:
    if _words(sentence) == _words(other):
        return True
    told = content_stems(sentence, language)
    return (
        bool(told)
        and told <= content_stems(other, language)
        and not missing(sentence, other, "", language)
        and not swapped(sentence, other, language)
        and not negated_otherwise(sentence, other, language)
        and not opposed(sentence, other, language)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
