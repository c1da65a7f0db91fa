"""Why nothing answers, and what of a question has nothing: said only as far as it can be checked.

"On this" is an article that has every name of the question and nearly all that its words weigh.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import date

from index import retrieval
from index.archive import Archive
from index.schema import Article, Hit
from index.times import Window
from service.coverage import Wording, wording_of
from service.credits import uncovered
from service.dates import CALENDAR
from service.quantities import figures
from service.schema import Citation, Lack, Question, Reason
from service.wording import content_stems, names_and_words, years
from service.wording import figures as figures_in

ON_THIS = 0.35  # share of the question's weight that an article on it may lack
FOREIGN = 0.6  # ... that all must lack where there is nothing on this
FAR = 100  # passages looked at outside the time or the outlets asked for
SHOWN = 4  # articles from there
PREFIX = 4  # letters that two forms of a name begin with
UNLIKE = 0.3  # cosine, in [-1, 1], under which no passage has to do with the question
_NO_NAMES = frozenset("mr mrs ms dr herr fru".split()).union(*CALENDAR)
_NAME_RUN = re.compile(r"[^\W\d_a-zà-öø-ÿ][\w'’-]*(?: [^\W\d_a-zà-öø-ÿ][\w'’-]*)*")
_BEFORE = re.compile(r"\b(?:by|in|per|from|of|to|av|i|enligt|från|hos)\s+(?:the\s+)?$", re.I)
_AFTER = re.compile(
    r"(?:['’]s)?\s+(?:article|report|story|piece|say|said|wr[io]te|tell|told|skriv|rapport|artikel)"
    r"|['’]s\b",
    re.I,
)


class Reasons:
    """Looks into the archive for what an answer lacks."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def why(
        self, question: Question, text: str, hits: Sequence[Hit], wished: Window | None
    ) -> Reason:
        """Why a question, which in `text` stands by itself, has no answer."""
        if not self._archive.database.counts()[0]:
            return Reason("empty", "The archive has no articles.")
        if lacking := uncovered(text, self._archive.database.outlets(), hits):
            return Reason("near", f"No article is from {' or '.join(lacking)}.")
        wording = wording_of(self._archive, text, hits)
        on_this = _on_this(hits, wording)
        in_time = [a for a in on_this if _in_time(a, wished) or wording.years & years(a.text)]
        if in_time:
            return Reason("near", "The nearest articles are on this, but none of them says it.")
        if outside := self._outside(question, text, wording) or _others(on_this, wished):
            return outside
        lacks = [lack.text for lack in self._unknown_names(question.text, wording, hits)]
        if lacks or not hits or _foreign(hits, wording):
            return Reason("nothing", " ".join(["Nothing on this.", *lacks]))
        return Reason("near", "The nearest articles do not answer it.")

    def lacks(
        self, question: Question, text: str, hits: Sequence[Hit], citations: Sequence[Citation]
    ) -> tuple[Lack, ...]:
        """What the question names and no article has, or no citation is from."""
        wording = wording_of(self._archive, text, hits)
        cited = [(citation.article, citation.also) for citation in citations]
        outlets = {article.outlet for article, _ in cited}
        outlets |= {copy.outlet for _, also in cited for copy in also}
        found = [
            *self._unknown_names(question.text, wording, hits),
            *self._unknown_figures(question.text, [article for article, _ in cited]),
        ]
        for outlet in _credited(question.text, self._archive.database.outlets()):
            if outlet not in outlets:
                found.append(Lack("outlet", outlet, f"Nothing in this answer is from {outlet}."))
        return tuple(found)

    def _outside(self, question: Question, text: str, wording: Wording) -> Reason | None:
        """What there is on this outside the time, or else the outlets, that the user set."""
        allowed = question.filter
        if question.since or question.until:
            wider = replace(allowed, since=None, until=question.as_of)
        elif allowed.outlets:
            wider = replace(allowed, outlets=())
        else:
            return None
        hits = retrieval.search(self._archive, text, wider, FAR)
        on_this = _on_this(hits, wording)
        there = [a for a in on_this if not allowed.admits(a.published, a.outlet, a.last)]
        if not there:
            return None
        if question.since or question.until:
            return _elsewhen(there, _span(question.since, question.until), len(hits) == FAR)
        told = _told(there, len(hits) == FAR)
        asked = ", ".join(allowed.outlets)
        text = f"Nothing on this from {asked}; from other outlets: {told}."
        return Reason("outside", text, tuple(there[:SHOWN]))

    def _unknown_names(self, text: str, wording: Wording, hits: Sequence[Hit]) -> Iterator[Lack]:
        """Names of which no article has a word. The word that opens the question may be none."""
        words = re.findall(r"[^\W\d_][\w'’-]*", text)
        if 2 * sum(word[0].isupper() for word in words) > len(words) + 2:
            return  # a heading, in which capitals say nothing
        there = {word[:PREFIX] for hit in hits for word in names_and_words(_whole(hit.article))}
        for match in _NAME_RUN.finditer(text):
            run = [_bare(word) for word in match.group().split()]
            opens = not text[: match.start()].strip()
            if not opens and all(self._unknown(word, wording, there) for word in run):
                name = " ".join(run)
                yield Lack("name", name, f"“{name}” is in none of the articles.")

    def _unknown(self, word: str, wording: Wording, there: Set[str]) -> bool:
        """Whether no article has the word, nor one of the nearest another form of it.

        An abbreviation may be written out, so of these it is never said.
        """
        stems = content_stems(word, wording.language)
        plain = word.casefold()
        if not stems or plain in _NO_NAMES or (word.isupper() and len(word) <= PREFIX):
            return False
        known = plain[:PREFIX] in there or any(map(self._has, {plain, *stems}))
        return stems <= wording.strange and not known

    def _unknown_figures(self, text: str, cited: Sequence[Article]) -> Iterator[Lack]:
        told = {
            q.value for a in cited for q in figures(f"{a.title}\n{a.text}", a.language).quantities
        }
        for figure in sorted(figures_in(text)):
            parts = re.findall(r"\d+", figure)
            if len("".join(parts)) < 2 or figure in told or any(map(self._has, parts)):
                continue
            if years(figure):
                yield Lack("time", figure, f"No article is from {figure} or mentions it.")
            else:
                yield Lack("figure", figure, f"The figure {figure} is in none of the articles.")

    def _has(self, stem: str) -> bool:
        lexical = self._archive.lexical
        return any(lexical.document_frequency(stem, field) for field in ("body", "header"))


def _on_this(hits: Sequence[Hit], wording: Wording) -> list[Article]:
    """The articles of the hits that are on what the question asks, newest first."""
    articles = {hit.article.id: hit.article for hit in hits}.values()
    named = content_stems(" ".join(wording.names), wording.language)
    found = [
        article
        for article in articles
        if wording.lacking(_whole(article), article.language) <= ON_THIS
        and not named & wording.unknown(_whole(article), article.language)
    ]
    return sorted(found, key=lambda a: -(a.published or date.min).toordinal())


def _foreign(hits: Sequence[Hit], wording: Wording) -> bool:
    """Whether no passage has to do with the question, by its words or by its meaning."""
    wholes = [(_whole(hit.article), hit.article.language) for hit in hits]
    named = content_stems(" ".join(wording.names), wording.language)
    return (
        all(
            wording.lacking(text, language) > FOREIGN
            and (not named or bool(named & wording.unknown(text, language)))
            for text, language in wholes
        )
        and max(hit.parts.get("dense", 0.0) for hit in hits) < UNLIKE
    )


def _whole(article: Article) -> str:
    return f"{article.header}\n{article.text}"


def _in_time(article: Article, wished: Window | None) -> bool:
    undated = article.published is None
    return wished is None or undated or wished.meets(article.published, article.last)


def _others(on_this: Sequence[Article], wished: Window | None) -> Reason | None:
    """What there is on this, none of it from the time that the question speaks of."""
    if not on_this or wished is None:
        return None
    return _elsewhen(on_this, _span(wished.since, wished.until), at_least=True)


def _elsewhen(there: Sequence[Article], when: str, at_least: bool) -> Reason:
    text = f"No article on this was published {when}; outside it: {_told(there, at_least)}."
    return Reason("outside", text, tuple(there[:SHOWN]))


def _told(there: Sequence[Article], at_least: bool) -> str:
    """How many articles there are, from which years, and the newest."""
    many = f"{'at least ' * at_least}{len(there)} article{'s' * (len(there) > 1)} on this"
    days = [article.published for article in there if article.published]
    if not days:
        return many
    first, last = min(days).year, max(days).year
    when = f"from {first}" if first == last else f"from {first} to {last}"
    return f"{many} {when}, newest {_day(max(days))}"


def _span(since: date | None, until: date | None) -> str:
    if since and until:
        whole = (since.month, since.day, until.month, until.day) == (1, 1, 12, 31)
        if whole and since.year == until.year:
            return f"in {since.year}"
        return f"on {_day(since)}" if since == until else f"from {_day(since)} to {_day(until)}"
    return f"since {_day(since)}" if since else f"until {_day(until)}" if until else "in this time"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _credited(text: str, outlets: Sequence[str]) -> Iterator[str]:
    """Outlets that the question names as such, letter case included: "Time" is not "time"."""
    for outlet in outlets:
        for match in re.finditer(rf"(?<!\w){re.escape(outlet)}(?!\w)", text):
            if _BEFORE.search(text[: match.start()]) or _AFTER.match(text, match.end()):
                yield outlet
                break
