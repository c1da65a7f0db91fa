"""Outlets that a question credits, and of which the archive or the answer has nothing.

"What do the reports by Reuters and by The Verge have in common?" cannot be answered from The Verge
alone, nor from neither. Only where names are credited with a text: "the BBC report", "an article in
Die Zeit"; of an outlet that the archive has also "according to The Post".
"""

import re
from collections.abc import Collection, Iterator, Sequence

from index.clauses import mentions, without_outlets
from index.polar import AUXILIARY
from index.schema import Article, Hit
from service.claims import ALONE, FLOOR, Weigh, covered
from service.dates import CALENDAR
from service.wording import content_stems

_TEXT = r"(?:article|piece|story|analysis|interview|column|editorial|feature|artikel)"
_TEXTS = rf"(?:{_TEXT}s?|reports?|stories|analyses|another|artikeln|artiklar(?:na)?|reportaget?)"
_NAME = (
    r"(?:[Tt]he )?[A-ZÅÄÖ][\w&.'’-]*"
    r"(?: (?:(?:of|and|for|the|&|och) )?[A-ZÅÄÖ][\w&.'’-]*)*"
)
_QUOTE = r"['\"“‘]?"
_BY = re.compile(
    rf"\b{_TEXTS}(?: published)? (?:by|from|in|av|från|i)\s+{_QUOTE}(?P<name>{_NAME})"
    rf"|\b(?:reported|published|discussed|covered|mentioned|outlined) (?:by|in)\s+{_QUOTE}"
    rf"(?P<told>{_NAME})"
)
_SAYS = re.compile(rf"\b(?:[Aa]ccording to|[Aa]s per|[Ee]nligt)\s+{_QUOTE}(?P<name>{_NAME})")
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
Told = tuple[Article, str]  # what an answer says, with what stands around it, and where from


def uncovered(question: str, outlets: Sequence[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The outlets credited in the question that are none of the archive's, in order.

    None where the archive does not know of all that was found whose it is.
    """
    if not hits or any(not hit.article.outlet for hit in hits):
        return ()
    agencies = [hit.article.agency for hit in hits if hit.article.agency]
    known = {name for outlet in (*outlets, *agencies) for name in _names(outlet)}
    bare = without_outlets(question, [outlet.casefold() for outlet in outlets])
    found = (name for name in _credited(bare, _BY, _OF) if not _known(_plain(name), known))
    return tuple(dict.fromkeys(found))


def unheard(question: str, outlets: Sequence[str], told: Sequence[Told], weigh: Weigh) -> bool:
    """Whether the question credits an outlet of the archive, and nothing told is of any that it
    names, or of an article that has the name of one, or very near to what is asked."""
    lower = [outlet.casefold() for outlet in outlets]
    named = {outlet for each in mentions(question, lower) for outlet in each.outlets}
    known = {name for outlet in named for name in _names(outlet)}
    credited = _credited(question, _BY, _OF, _SAYS)
    asked = without_outlets(question, lower)
    return any(_known(_plain(name), known) for name in credited) and not any(
        any(_is_of(article, outlet) for outlet in named)
        or covered(asked, text, article.language, weigh) >= ALONE
        for article, text in told
    )


def _is_of(article: Article, outlet: str) -> bool:
    whose = {(name or "").casefold() for name in (article.outlet, article.agency)}
    return outlet in whose or _named(_PARTS.split(outlet)[0], article, re.I)


def told_of(name: str, question: str, told: Sequence[Told], weigh: Weigh) -> bool:
    """Whether something told is of an article that has the name, for it may pass on what that
    outlet said, and is on what the question asks of it."""
    asked = question.replace(name, " ")
    return any(
        _named(name, article) and covered(asked, text, article.language, weigh) >= FLOOR
        for article, text in told
    )


def _named(name: str, article: Article, flags: int = 0) -> bool:
    whole = f"{article.header}\n{article.text}"
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", whole, flags) is not None


def _credited(question: str, *patterns: re.Pattern[str]) -> Iterator[str]:
    for pattern in patterns:
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
