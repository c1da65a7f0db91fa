"""When two texts count as the same: facts in an answer, gold sentences in a passage.

The two rules differ on purpose. A fact may be told in the answer's own typography; a gold sentence
is matched as the published MultiHop-RAG scores match it, so that figures can stand beside theirs.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Typographic forms of one sign; soft hyphens and zero-width signs vanish.
FOLDS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)
# Scripts written without spaces (Thai to Lao, Burmese, Khmer, kana, Han) have no word edges to see.
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[^\W{UNSPACED}]")
_NUMBER_BEFORE, _NUMBER_AFTER = re.compile(r"\d[.,]$"), re.compile(r"[.,]\d")
MARK = re.compile(r"\s*\[\d{1,3}\]")  # a citation number; a bracketed year stays
STATED = re.compile(r"(.*?)((?:\s*\[\d{1,3}\])+)|(.+)", re.DOTALL)


def without_marks(answer: str) -> str:
    """The answer without its [n] citation numbers."""
    return MARK.sub("", answer)


def stated(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    """The answer's sentences with the numbers they cite: "It rose. [1] [2] And fell." has two."""
    found = ((match[1] or match[3] or "", match[2] or "") for match in STATED.finditer(answer))
    return [
        (text.strip(), tuple(map(int, re.findall(r"\d+", marks))))
        for text, marks in found
        if re.search(r"\w", text)
    ]


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Text with letter case, white space, quotes and dashes made alike."""
    plain = unicodedata.normalize("NFC", text).translate(FOLDS).casefold()
    return " ".join(unicodedata.normalize("NFC", plain).split())  # split() knows no-break spaces


def says(text: str, form: str) -> bool:
    """Whether a text says a fact in this form, at word boundaries.

    A number is a word: "25 percent" is not in "3.25 percent", nor "1" in "1,500".
    """
    told, wanted = fold(text), fold(form)
    at = told.find(wanted)
    while at >= 0:
        if _stands_alone(told, wanted, at):
            return True
        at = told.find(wanted, at + 1)
    return False


def _stands_alone(told: str, form: str, start: int) -> bool:
    """Whether the form is no part of a longer word or number there."""
    before, after = told[:start], told[start + len(form) :]
    return not (
        (WORD.match(form) and WORD.match(before[-1:]))
        or (WORD.match(form[-1:]) and WORD.match(after))
        or (form[:1].isdigit() and _NUMBER_BEFORE.search(before[-2:]))
        or (form[-1:].isdigit() and _NUMBER_AFTER.match(after))
    )


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """Text without spaces and newlines; other white space stays, as in the published scores."""
    return text.replace(" ", "").replace("\n", "")


def contains(passage: str, quote: str) -> bool:
    """Whether a passage holds a gold sentence."""
    return squeeze(quote) in squeeze(passage)


def first_ranks(quotes: Sequence[str], passages: Sequence[str]) -> list[int | None]:
    """For each gold sentence the rank, from 1, of the first passage that holds it, or None."""
    ranked = list(enumerate(passages, start=1))
    return [next((n for n, text in ranked if contains(text, quote)), None) for quote in quotes]


def span(passage: str, quote: str) -> tuple[int, int] | None:
    """Where a gold sentence stands in a passage."""
    found = re.search("[ \n]*".join(map(re.escape, squeeze(quote))), passage)
    return found.span() if found else None
