"""Which language a text is in. The only file that knows py3langid."""

from collections.abc import Iterable
from functools import cache, lru_cache
from tempfile import gettempdir
from typing import Any

from index.failing import told

MIN_LETTERS = 20
MAX_CHARACTERS = 5000  # more text makes it slower and no surer
SURE = 0.2  # probability over 97 languages; short sentences seldom reach more
AHEAD = 2.0  # times as likely as the next


def detect(text: str) -> str | None:
    """Two letters such as "en", or None when the text is too short or the answer unsure."""
    text = text[:MAX_CHARACTERS]
    if sum(letter.isalpha() for letter in text) < MIN_LETTERS:
        return None
    (best, chance), (_, next_chance) = _identifier().rank(text)[:2]
    if len(best) != 2 or chance < SURE or chance < AHEAD * next_chance:
        return None
    return str(best)


@cache
def _identifier() -> Any:
    # Loading takes more than a second, so neither importing this file nor a short text does it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    with told(gettempdir(), "the folder for temporary files"):  # where it is unpacked
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def closest(text: str, languages: Iterable[str]) -> str | None:
    """The language, among those given (two letters each), that the text is most likely in.

    With few to choose from this holds for a single short question too.
    """
    among = set(languages)
    if not among or not any(character.isalpha() for character in text):
        return None
    return next(
        (language for language in _ranked(text[:MAX_CHARACTERS]) if language in among), None
    )


@lru_cache(maxsize=64)  # a question is asked about again at every step of its way
def _ranked(text: str) -> tuple[str, ...]:
    """All languages that are known, the likeliest for the text first."""
    return tuple(str(language) for language, _ in _identifier().rank(text))
