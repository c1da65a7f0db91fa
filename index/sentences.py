"""Sentences of a text, with their places. The home of sentencex."""

import re
from collections.abc import Iterator

_LINE = re.compile(r"[^\n]+")


def sentence_spans(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Start and end of each sentence, in order, without the white space around it.

    A line break always ends a sentence: articles come as paragraphs, and a headline or list item
    must not run into the sentence after it.
    """
    return [span for line in _LINE.finditer(text) for span in _in_line(text, line, language)]


def _in_line(text: str, line: re.Match[str], language: str | None) -> Iterator[tuple[int, int]]:
    from sentencex import segment

    start = line.start()
    for piece in segment(language or "en", line.group()):
        end = start + len(piece)
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            yield first, first + len(stripped)
        start = end
