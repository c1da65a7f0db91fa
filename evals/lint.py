"""What is doubtful in a set: a list for its author, by line number."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evals.case import Case, read
from evals.likeness import alike, bare
from evals.matching import contains, fold, says
from index.schema import Article

YES_NO = frozenset("yes no true false ja nej jo nei oui non si sí nein".split())
NUMBERED = re.compile(r"(.*?)(\d+)")
TWIN = "-twin"  # ends the id of an unanswerable case made from the one whose id stands before it

Numbered = tuple[int, Case]
Articles = Mapping[str, Article]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to look at."""

    line: int
    id: str
    what: str

    def __str__(self) -> str:
        name = f" {self.id}:" if self.id else ""
        return f"line {self.line}:{name} {self.what}"


def lint(path: Path, articles: Articles | None, today: date) -> list[Finding]:
    """All findings in a set of our own form, by line.

    `articles` are those that the set asks about, by every name; None leaves out what needs them.
    """
    numbered, faults = read(path)
    return sorted([*map(_fault, faults), *doubts(numbered, articles, today)])


def doubts(numbered: Sequence[Numbered], articles: Articles | None, today: date) -> list[Finding]:
    """All findings in cases that are well formed, as `lint` has them."""
    found = [*_pairs(numbered), *_ids(numbered)]
    retrieval = not any(case.facts for _, case in numbered)  # a set without answers, on purpose
    for line, case in numbered:
        checks = [*_lacks(case, retrieval), *_dates(case, today), *_status(case)]
        if articles is None:
            checks += _facts(case, case.quotes)
        else:
            checks += [*_evidence(case, articles), *_hidden(case, articles)]
        found += [Finding(line, case.id, what) for what in checks]
    return sorted(found)


def _fault(fault: str) -> Finding:
    place, _, what = fault.partition(": ")
    return Finding(int(place.removeprefix("line ")), "", what)


def same(cases: Sequence[Case]) -> Iterator[tuple[int, int]]:
    """Places (a, b), a < b, of cases that ask the same. What stands around is part of it."""
    for a, b in alike([case.question for case in cases]):
        one, case = cases[a], cases[b]
        equal = bare(one.question) == bare(case.question)
        if _setting(one) == _setting(case) and (equal or _may_be_one(one, case)):
            yield a, b


def _pairs(numbered: Sequence[Numbered]) -> Iterator[Finding]:
    """Questions that come twice."""
    for a, b in same([case for _, case in numbered]):
        (first, one), (line, case) = numbered[a], numbered[b]
        if one.answerable == case.answerable:
            equal = bare(one.question) == bare(case.question)
            told = "is" if equal else "asks almost the same as"
            yield Finding(line, case.id, f"{told} the question of line {first} ({one.id})")
        else:
            lacks, has = sorted([(line, case), (first, one)], key=lambda pair: pair[1].answerable)
            what = f"has no answer, but asks what line {has[0]} ({has[1].id}) asks, which has one"
            yield Finding(lacks[0], lacks[1].id, what)


def _may_be_one(one: Case, other: Case) -> bool:
    """Whether their answers allow it: "accepted" for "declined" turns a yes to a no."""
    forms = [{fold(form) for ways in case.facts for form in ways} for case in (one, other)]
    return not all(forms) or bool(forms[0] & forms[1])


def _setting(case: Case) -> tuple[object, ...]:
    return case.history, case.asked_at, case.since, case.until, case.as_of, case.outlets


def _ids(numbered: Sequence[Numbered]) -> Iterator[Finding]:
    """Ids that sort or pair badly."""
    known = {case.id for _, case in numbered}
    folded: dict[str, str] = {}
    numbers: dict[str, tuple[str, str]] = {}  # by prefix, the first number and its id
    for line, case in numbered:
        if (other := folded.setdefault(fold(case.id), case.id)) != case.id:
            yield Finding(line, case.id, f"its id differs from '{other}' in letter case or space")
        if case.id.endswith(TWIN) and case.id.removesuffix(TWIN) not in known:
            yield Finding(line, case.id, f"is the twin of '{case.id.removesuffix(TWIN)}', not here")
        if match := NUMBERED.fullmatch(case.id):
            first, other = numbers.setdefault(match[1], (match[2], case.id))
            padded = first.startswith("0") or match[2].startswith("0")
            if padded and len(first) != len(match[2]):
                yield Finding(line, case.id, f"its number has another width than '{other}'")


def _lacks(case: Case, retrieval: bool) -> Iterator[str]:
    if case.answerable and not case.evidence:
        yield "has an answer but no evidence"
    if case.answerable and not case.facts and not retrieval:
        yield "has an answer but no facts"


def _status(case: Case) -> Iterator[str]:
    if case.status:
        yield f"is {'a draft' if case.status == 'draft' else case.status}: dateline eval accept"


def _dates(case: Case, today: date) -> Iterator[str]:
    for name in ("asked_at", "as_of", "since"):
        day = getattr(case, name)
        if day and day > today:
            yield f"'{name}' is {day}, which is to come"
    until = min((day for day in (case.until, case.as_of) if day), default=None)
    if case.since and until and case.since > until:
        yield f"its window ends ({until}) before it begins ({case.since})"


def _evidence(case: Case, articles: Articles) -> Iterator[str]:
    """Quotes against their articles, and facts against both."""
    around: list[str] = []  # what the articles say outside of the quotes
    for place, evidence in enumerate(case.evidence):
        article = articles.get(evidence.article)
        if article is None:
            yield f"evidence[{place}]: there is no article '{evidence.article}'"
            continue
        around += [article.title, article.text]
        if evidence.quote and not contains(article.text, evidence.quote):
            title = contains(article.title, evidence.quote)
            fault = "is its title, in no passage" if title else "is not in it word for word"
            yield f"evidence[{place}]: the quote from '{evidence.article}' {fault}"
    yield from _facts(case, case.quotes, around)


def _facts(case: Case, quotes: Iterable[str], around: Iterable[str] = ()) -> Iterator[str]:
    """Facts that no evidence tells; a yes or no is concluded, not told."""
    quoted, text = "\n".join(quotes), "\n".join(around)
    for place, forms in enumerate(case.facts if quoted or text else ()):
        if YES_NO & set(map(fold, forms)) or _tells(quoted or text, forms):
            continue
        elsewhere = ", only elsewhere in an article" if _tells(text, forms) else ""
        yield f"facts[{place}]: {forms[0]!r} is not in its evidence{elsewhere}"


def _tells(text: str, forms: Iterable[str]) -> bool:
    return any(says(text, form) for form in forms)


def _hidden(case: Case, articles: Articles) -> Iterator[str]:
    """Evidence that the question's own window leaves out."""
    question = case.as_question()
    for name in case.articles:
        article = articles.get(name)
        if article and not question.filter.admits(article.published, article.outlet, article.last):
            yield f"its window or outlets leave out its own evidence '{name}'"
        if article and article.published and case.asked_at and article.published > case.asked_at:
            yield f"was asked on {case.asked_at}, before '{name}' came out ({article.published})"
