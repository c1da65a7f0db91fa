"""Does a passage bear a sentence out? Words, numbers, names, speakers, quotations, negations and
opposites must agree.

The sentence is aligned to the passages; a model is never asked to copy. Works by rules and
words, so that it can be explained; it asks for literal support and errs towards dropping. Vectors
are asked only whether a rare word that stands nowhere in the passage may mean one that does.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from index.lexical import stems
from index.schema import Hit, Passage
from index.sentences import sentence_spans
from service.answering import Span
from service.conjuncts import conjuncts, told_of_others
from service.dates import CALENDAR
from service.directives import directed_at_machine
from service.polarity import negated_otherwise, opposed
from service.quantities import QUANTITY_WORDS, missing
from service.repetition import stutters
from service.speakers import named, pointed_at, spoken_by_another, swapped
from service.strange_words import Close, small_words, strange
from service.titles import mistitled
from service.wording import content_stems, names

MIN_COVERAGE = 0.65  # of the sentence's content words; `evals.check_bench`
OF_A_PART = 0.5  # of each part that is joined to the first, more than so much
ENOUGH_GAIN = 0.15  # a second sentence is cited if it bears out so much more
_MARK = re.compile(r"\s*(?:\[\^?\d+(?:\s*[,;–-]\s*\^?\d+)*(?:†[^\]]*)?\]|【[^】]*】)")
# Words by which a model speaks of its sources: "The passage explains that ..."
_TALK = "passage excerpt explain explained note noted mention mentioned indicate describe described"
# Addresses and markup: a model may repeat those of a passage, as text, and bring none of its own.
_ADDRESS = re.compile(
    r"(?:[a-z]+:)?//[^\s)\]>]+|\bwww\.\S+|\]\s*[(\[:]|<[a-z/!][^>]*>?|\b(?:javascript|data|mailto):",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]{3,})[\"“”«»]")


def without_marks(sentence: str) -> tuple[str, list[int]]:
    """The sentence without marks such as "[2]", "[1, 3]" or "【4】", and the numbers they held."""
    marks = "".join(_MARK.findall(sentence))
    numbers = [int(number) for number in re.findall(r"\d{1,4}", marks)]
    return _MARK.sub("", sentence).strip(), numbers


def support(
    sentence: str,
    cited: Sequence[int],
    hits: Sequence[Hit],
    close: Close | None = None,
    asked: str = "",
) -> tuple[Span, ...]:
    """The places that bear the sentence out, best first, or none.

    cited: passage numbers from 1 that the model gave; where they do not bear it out, the other
    passages are tried, so that a right sentence with a wrong number is attached anew.
    close: how close words are in meaning; asked: the question, whose words are no invention.
    """
    marked = [hits[n - 1] for n in dict.fromkeys(cited) if 1 <= n <= len(hits)]
    for hit in [*marked, *(hit for hit in hits if hit not in marked)]:
        if (spans := _in_passage(sentence, hit)) and not _invents(
            sentence, spans, hit, close, asked
        ):
            return spans
    return ()


def _invents(
    sentence: str, spans: Sequence[Span], hit: Hit, close: Close | None, asked: str
) -> bool:
    """Whether a word of the sentence is borne out neither by the places nor around them."""
    language, text = hit.article.language, " ".join(span.quote for span in spans)
    around = f"{hit.article.title} {hit.passage.text} {asked} {_TALK}"
    told = telling_words(around, language)
    small = ((word, telling_words(word, language)) for word in small_words(sentence))
    loose = [word for word, found in small if found and found.isdisjoint(told)]
    return strange(loose, text, around, language, close)


def worded(
    sentence: str,
    cited: Sequence[int],
    hits: Sequence[Hit],
    close: Close | None = None,
    asked: str = "",
) -> tuple[str, tuple[Span, ...]]:
    """The sentence as it may be shown, and the places that bear it out, or none.

    Quotation marks stay around the passages' own words; words that stand there in another order or
    form lose them; other words make it a false quotation, and nothing bears it out.
    """
    if spans := support(sentence, cited, hits, close, asked):
        return sentence, spans
    quoted = _QUOTED.findall(sentence)
    told = [_plain(hit.passage.text) for hit in hits]
    false = [words for words in quoted if not any(_plain(words) in text for text in told)]
    bare = _QUOTED.sub(lambda match: match[1] if match[1] in false else match[0], sentence)
    spans = support(bare, cited, hits, close, asked) if false else ()
    stands = all(any(_same_words(words, span) for span in spans) for words in false)
    return (bare, spans) if spans and stands else (sentence, ())


def _same_words(words: str, span: Span) -> bool:
    language = span.article.language
    return telling_words(words, language) <= telling_words(span.quote, language)


def borne_out(sentence: str, spans: Sequence[Span], around: str = "") -> bool:
    """Whether the places together bear the sentence out; they may lie in several articles.

    around: further text that its names may stand in, such as the passages. The words are those
    of the language of the first article.
    """
    if not spans or any(_plain(sentence) == _plain(span.quote) for span in spans):
        return bool(spans)
    text = " ".join(span.quote for span in spans)
    articles = list(dict.fromkeys(span.article for span in spans))
    titles = " ".join(article.title for article in articles)
    headers = " ".join(article.header for article in articles)
    language = articles[0].language
    meant = " ".join(pointed_at(sentence, text, around))
    asked, told = (
        telling_words(sentence, language),
        telling_words(f"{text} {titles} {meant}", language),
    )
    parts = [telling_words(part, language) for part in conjuncts(sentence)]
    parts += [_besides_names(part, language) for part in told_of_others(sentence)]
    return (
        _covered(asked, told) >= MIN_COVERAGE
        and all(_covered(part, told) > OF_A_PART for part in parts)
        and (bool(asked) or _plain(sentence) in _plain(text))
        and all(address in text for address in _ADDRESS.findall(sentence))
        and not missing(sentence, text, headers, language)
        and named(sentence, text, around or text, headers, language)
        and not _another_speaks(sentence, spans)
        and not swapped(sentence, text, language)
        and not any(mistitled(sentence, article.text, article.language) for article in articles)
        and not negated_otherwise(sentence, text, language)
        and not opposed(sentence, text, language)
        and all(_plain(quoted) in _plain(text) for quoted in _QUOTED.findall(sentence))
        and not stutters(sentence, text)
        and not sentence.rstrip("*_ \n").endswith(":")  # it only announces what is to be said
    )


def _besides_names(text: str, language: str | None) -> frozenset[str]:
    """Who is known may yet do what nobody told of."""
    return telling_words(text, language) - telling_words(" ".join(names(text)), language)


def _covered(asked: frozenset[str], told: frozenset[str]) -> float:
    return len(asked & told) / len(asked) if asked else 1.0


def _another_speaks(sentence: str, spans: Sequence[Span]) -> bool:
    """Whether somebody else says it: where words are quoted, by the text around them."""
    quoted = [_plain(words) for words in _QUOTED.findall(sentence)]
    held = [s for s in spans if any(words in _plain(s.quote) for words in quoted)] or spans
    return spoken_by_another(
        sentence, " ".join(span.quote for span in held), _named_before(held[0])
    )


def _named_before(span: Span) -> frozenset[str]:
    """The names of the nearest sentence before the place that has any."""
    text = span.article.text[: span.start]
    parts = (
        text[start:end] for start, end in reversed(sentence_spans(text, span.article.language))
    )
    return next((found for part in parts if (found := names(part))), frozenset())


def _in_passage(sentence: str, hit: Hit) -> tuple[Span, ...]:
    article, passage = hit.article, hit.passage
    language = article.language
    asked = telling_words(sentence, language)
    units = [
        Span(article, start, end)
        for start, end in sentence_spans(article.text, language)
        if passage.start <= start
        and end <= passage.end
        and not directed_at_machine(article.text, start, end)
    ]
    if not units or not asked:
        return ()
    shared = [telling_words(unit.quote, language) & asked for unit in units]
    quoted = [_plain(words) for words in _QUOTED.findall(sentence)]
    holds = [sum(words in _plain(unit.quote) for words in quoted) for unit in units]
    most = max(zip(holds, map(len, shared), strict=True))
    tied = [n for n in range(len(units)) if (holds[n], len(shared[n])) == most]
    return next((s for n in tied if (s := _resting(sentence, passage, units, shared, n))), ())


def _resting(
    sentence: str,
    passage: Passage,
    units: Sequence[Span],
    shared: Sequence[frozenset[str]],
    best: int,
) -> tuple[Span, ...]:
    """The best unit and the neighbours that add enough, if they bear the sentence out."""
    enough = ENOUGH_GAIN * len(telling_words(sentence, units[best].article.language))
    chosen = [best]
    for n in (best - 1, best + 1):  # what it rests on may be told in two sentences
        if 0 <= n < len(units) and len(shared[n] - shared[best]) >= enough:
            chosen.append(n)
    spans = tuple(units[n] for n in chosen)
    return spans if borne_out(sentence, spans, passage.text) else ()


def telling_words(text: str, language: str | None) -> frozenset[str]:
    """Stems of the content words but those of numbers and dates, which are compared otherwise."""
    found = content_stems(text, language)
    return frozenset(s for s in found if not s[0].isdigit() and s not in _counted(language))


@lru_cache(maxsize=8)
def _counted(language: str | None) -> frozenset[str]:
    """Words of numbers, units and dates, and their stems."""
    words = frozenset(QUANTITY_WORDS).union(*CALENDAR)
    return words | frozenset(stems(" ".join(words), language))


def _plain(text: str) -> str:
    """Lower case, straight marks, single spaces, no marks at the ends."""
    straight = text.translate(str.maketrans("“”«»’‘–—", '""""\'\'--'))
    return " ".join(straight.casefold().split()).strip(" .,;:!?\"'")
