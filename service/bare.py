"""The bare answer inside the sentence that answers: where the reader sees it, made whole."""

from service.answering import Span
from service.quantities import placed
from service.reader import Reading, Within
from service.values import hedged

LEAST = -6.0  # nats above "no answer"; below, two bare answers of three are wrong
SURE = 1.0  # ... from which three of four are right, whatever the sentence


def sees_one(reading: Reading) -> bool:
    """Whether the reader is sure of an answer, and it lies within the range asked about."""
    [part] = reading.ranges
    return part.span == reading.span >= SURE


def bare_answer(sentence: Span, part: Within, lead: int) -> tuple[int, int] | None:
    """From and to which character of the sentence its likeliest bare answer stands, if any.

    lead: the characters before the sentence in what the reader read. Whether the sentence answers
    at all is decided elsewhere, by more than the reader; so "no answer" is not asked again here.
    """
    quote = sentence.quote
    start, end = part.start - lead, part.end - lead
    if part.span < LEAST or not 0 <= start < end <= len(quote):
        return None
    return whole(quote, start, end, sentence.article.language)


def whole(quote: str, start: int, end: int, language: str | None) -> tuple[int, int]:
    """A stretch of a quote with its words whole, and its figures with units and hedges.

    "00" in "more than 700 goods" becomes "more than 700 goods".
    """
    while start and quote[start - 1].isalnum() and quote[start].isalnum():
        start -= 1
    while end < len(quote) and quote[end - 1].isalnum() and quote[end].isalnum():
        end += 1
    for first, last, _ in placed(quote, language):
        if first < end and start < last:
            start, end = min(start, hedged(quote, first)), max(end, last)
    return start, end
