"""Outlets that a question credits and the archive has nothing of.

"What do the reports by Reuters and by The Verge have in common?" cannot be answered from The Verge
alone. Only where names are credited with a text: "the BBC report", "an article in Die Zeit".
"""

import re
from collections.abc import Collection, Iterator, Sequence

from index.clauses import without_outlets
from index.polar import AUXILIARY
from index.schema import Hit
from service.answering import Span
from service.dates import CALENDAR
from service.wording import content_stems

_TEXT = r"(?:article|piece|story|analysis|interview|column|editorial|feature|artikel)"
_TEXTS = rf"(?:{_TEXT}s?|reports?|stories|analyses|another|artiklar|reportage)"
_NAME = (
    r"(?:[Tt]he )?[A-ZÅÄÖ][\w&.'’-]*"
    r"(?: (?:(?:of|and|for|the|&|och) )?[A-ZÅÄÖ][\w&.'’-]*)*"
)
_QUOTE = r"['\"“‘]?"
_BY = re.compile(
    rf"\b{_TEXTS}(?: published)? (?:by|from|in|av|från|i)\s+{_QUOTE}(?P<name>{_NAME})"
    rf"|\b(?:reported|published|discussed|covered) by\s+{_QUOTE}(?P<told>{_NAME})"
)
# "A Reuters report" is one; in "Did Reuters report" it is the verb.
_OF = re.compile(
    rf"(?:\b(?:[Aa]n?|[Tt]he)\s+{_QUOTE}(?P<name>{_NAME})['\"”’]?(?:['’]s)?\s+(?:news\s+)?reports?"
    rf"|(?P<of>{_NAME})['\"”’]?(?:['’]s)?\s+(?:news\s+)?{_TEXT}s?)\b"
)
# "Did the Reuters report" begins with no name.
_ASKING = re.compile(
    rf"^(?:{AUXILIARY}|what|which|when|where|how|why|who)\s+(?:the\s+)?|^the\s+", re.I
)
_PARTS = re.compile(r"\s+[|–—-]\s+|:\s|\.com\b")
_LEAST = 3  # letters of a name


def uncovered(question: str, outlets: Sequence[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The outlets credited in the question that are none of the archive's, in order.

    None where the archive does not know of all that was found whose it is.
    """
    if not hits or any(not hit.article.outlet for hit in hits):
        return ()
    agencies = [hit.article.agency for hit in hits if hit.article.agency]
    known = {name for outlet in (*outlets, *agencies) for name in _names(outlet)}
    bare = without_outlets(question, [outlet.casefold() for outlet in outlets])
    found = (name for name in _credited(bare) if not _known(_plain(name), known))
    return tuple(dict.fromkeys(found))


def told_of(name: str, spans: Sequence[Span]) -> bool:
    """Whether an article of the places has the name: it may pass on what that outlet said."""
    articles = {span.article for span in spans}
    return any(_plain(name) in f"{a.header}\n{a.text}".casefold() for a in articles)


def _credited(question: str) -> Iterator[str]:
    for pattern in (_BY, _OF):
        for match in pattern.finditer(question):
            name = next(filter(None, match.groups())).strip(" .'’")
            name = _ASKING.sub("", name.removesuffix("'s").removesuffix("’s"))
            if len(name) >= _LEAST and content_stems(name, None) and not _is_day(name):
                yield name


def _is_day(name: str) -> bool:
    return all(any(word in days for days in CALENDAR) for word in _plain(name).split())


def _known(name: str, known: Collection[str]) -> bool:
    """Whether it is an outlet's name, the beginning of one, or has one in it."""
    return any(each.startswith(f"{name} ") or f" {each} " in f" {name} " for each in known)


def _names(outlet: str) -> Iterator[str]:
    """What it goes by: "the age | australia" is "age" too."""
    for name in (outlet, _PARTS.split(outlet)[0]):
        if len(_plain(name)) >= _LEAST:
            yield _plain(name)


def _plain(name: str) -> str:
    return name.casefold().removeprefix("the ")
