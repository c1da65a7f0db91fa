"""A sentence for each thing that a yes or no question asks of outlets and their articles."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from math import log1p

from index.archive import Archive
from index.lexical import stems
from index.polar import Claim
from service.answering import Span
from service.candidates import Candidate
from service.checking import telling_words

# Of a claim's words, each weighted by how rare it is: with so many a sentence of its outlet is on
# it, with so many more alone. In the passages of another question to the same outlets one question
# in thirty finds that, its own nine in ten (MultiHop-RAG dev).
FLOOR = 0.2
ALONE = 0.45
ALMOST = 0.8  # of the share that the nearest sentence has: a shorter one may stand for it
# Words that say what a report does and how two compare, and nothing of what they tell.
_IDLE = """both suggest suggests suggested claim claims claimed indicate indicates indicated imply
    implies implied mention mentions mentioned state states stated stating describe describes
    described discuss discusses discussed discussing regarding story piece newspaper source
    published while whereas already now ever currently end actually really also too agree agreement
    disagreement discrepancy consistent inconsistent consistency inconsistency change changed
    remain remained maintain portrayal
    redan nu någonsin slutligen även också tidning källa medan publicerad ändrat ändrats samma"""
Weigh = Callable[[str], float]
Near = tuple[float, Candidate]  # a sentence, and the share of the claim's words that it has


def rarity(archive: Archive) -> Weigh:
    """How much a stem says in the archive: most if no passage has it."""
    frequency, passages = archive.lexical.document_frequency, archive.database.counts()[1]
    return lambda stem: log1p(passages) - log1p(min(frequency(stem), passages)) + 0.5


def on_claims(
    claims: Sequence[Claim], found: Sequence[Candidate], weigh: Weigh, most: int
) -> tuple[Span, ...]:
    """For each claim the sentence of its outlet and day that is nearest to it, if it is near
    enough, each of another article. Newest first where days are named.

    None if there is but one, unless it is very near and other outlets are asked too. most: words
    of them together, as far as there are shorter ones.
    """
    near = {n: _near(claim, found, weigh) for n, claim in enumerate(claims)}
    read = _read(near)
    shares = [options[0][0] for options in read]
    several = len({claim.outlets for claim in claims}) > 1
    if len(read) < 2 and not (several and max(shares, default=0.0) >= ALONE):
        return ()
    spans = [candidate.span for candidate in _within(read, most)]
    if any(claim.days for claim in claims):
        spans.sort(key=lambda span: span.article.published or date.min, reverse=True)
    return tuple(spans)


def _near(claim: Claim, found: Sequence[Candidate], weigh: Weigh) -> list[Near]:
    """The sentences on the claim, the nearest first: of the days named if there are any."""
    own = [c for c in found if _asked(claim, c)]
    own = [c for c in own if _on_day(claim, c)] or own
    told = [(_share(claim, c, weigh), c) for c in own]
    return sorted((t for t in told if t[0] >= FLOOR), key=lambda t: -t[0])


def _share(claim: Claim, candidate: Candidate, weigh: Weigh) -> float:
    """What the sentence has of the claim, or of the whole question if that is more: "and the
    article of May 3" says too little by itself."""
    quote, language = candidate.span.quote, candidate.span.article.language
    return max(covered(text, quote, language, weigh) for text in (claim.text, claim.whole))


def _read(near: Mapping[int, Sequence[Near]]) -> list[list[Near]]:
    """For each claim that has one the sentences of the article nearest to it, and to no other
    claim sooner, the nearest first; in the order of the claims."""
    read: dict[int, str] = {}
    ranked = sorted(
        ((share, n, c.article_id) for n, told in near.items() for share, c in told),
        key=lambda each: -each[0],
    )
    for _, n, article in ranked:
        if n not in read and article not in read.values():
            read[n] = article
    return [[t for t in near[n] if t[1].article_id == read[n]] for n in sorted(read)]


def _within(read: Sequence[Sequence[Near]], most: int) -> list[Candidate]:
    """The nearest sentence of each article, or one almost as near where they have more words
    together; if none are short enough the shortest, without the farthest of outlets that have
    another."""
    best: dict[int, list[Near]] = {0: []}  # by their words
    for options in read:
        longer: dict[int, list[Near]] = {}
        for words, before in best.items():
            for near in (near for near in options if near[0] >= ALMOST * options[0][0]):
                size = words + _words(near)
                if size not in longer or _nearness([*before, near]) > _nearness(longer[size]):
                    longer[size] = [*before, near]
        best = longer
    fit = [chosen for words, chosen in best.items() if words <= most]
    chosen = max(fit, key=_nearness) if fit else best[min(best)]
    for near in sorted(chosen, key=lambda near: near[0]):
        again = [other for other in chosen if _outlet(other[1]) == _outlet(near[1])]
        if sum(map(_words, chosen)) > most and len(again) > 1:
            chosen.remove(near)
    return [candidate for _, candidate in chosen]


def _nearness(chosen: Sequence[Near]) -> float:
    return sum(share for share, _ in chosen)


def _words(near: Near) -> int:
    return len(near[1].span.quote.split())


def _outlet(candidate: Candidate) -> str:
    return (candidate.span.article.outlet or "").casefold()


def _asked(claim: Claim, candidate: Candidate) -> bool:
    return not claim.outlets or _outlet(candidate) in claim.outlets


def _on_day(claim: Claim, candidate: Candidate) -> bool:
    published = candidate.span.article.published
    return any(day.meets(published, published) for day in claim.days)


def covered(asked: str, told: str, language: str | None, weigh: Weigh) -> float:
    """The weighted share, in [0, 1], of the content words asked for that a text has."""
    words = _telling(asked, language)
    total = sum(map(weigh, words))
    return sum(map(weigh, words & _telling(told, language))) / total if total else 0.0


@lru_cache(maxsize=1024)
def _telling(text: str, language: str | None) -> frozenset[str]:
    return telling_words(text, language) - frozenset(stems(_IDLE, language))
