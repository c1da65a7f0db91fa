"""Words of a sentence that nothing in its passage bears out: made up, or from another story.

Function words, names and numbers are judged elsewhere; common words paraphrase too freely to be
judged. A word that the passage has in another form is borne out, and so is a rare one that is close
in meaning to a word of the place.
"""

import re
from collections.abc import Callable, Sequence
from os.path import commonprefix

from index.vocabulary import COMMON, UNKNOWN, listed, place

CLOSE = 0.45  # cosine of two words alone, from which one may stand for the other
_SAME_LETTERS = 4  # that two forms of a word begin with, at least
_SAME_SHARE = 0.6  # of the shorter one's letters
_WORD = re.compile(r"\w{2,}")

Close = Callable[[str, Sequence[str]], float]  # the highest cosine of a word to any of the others


def strange(
    loose: Sequence[str], text: str, around: str, language: str | None, close: Close | None = None
) -> bool:
    """Whether one of these words is borne out neither by the text nor by what stands around it.

    loose: words of a sentence that do not stand there as they are. A word that no list has is made
    up; a rare English one has to be close to one of the text (Swedish glosses are too coarse for
    that). Words of a language without lists are not judged.
    """
    if language is None or not listed(language):
        return False
    rare = [word for word in loose if place(word, language) >= COMMON and not _akin(word, around)]
    if any(place(word, language) == UNKNOWN for word in rare):
        return True
    if language != "en":
        return False
    told = sorted({word.casefold() for word in _WORD.findall(text) if word.isalpha()})
    return close is not None and any(close(word, told) < CLOSE for word in rare)


def small_words(text: str) -> list[str]:
    """The words in small letters: no names and no figures."""
    return [word for word in _WORD.findall(text) if word.isalpha() and word.islower()]


def _akin(word: str, text: str) -> bool:
    """Whether a word of the text begins alike: an inflection, a derivation, a slip."""
    for other in set(_WORD.findall(text.casefold())):
        least = _SAME_SHARE * min(len(word), len(other))
        if len(commonprefix([word, other])) >= max(_SAME_LETTERS, least):
            return True
    return False
