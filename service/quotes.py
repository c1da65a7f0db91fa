"""The quotes answerer: the sentences that best answer, verbatim. Needs no language model.

Two linear models, fitted together by `python -m evals.fit_quotes`: one ranks the sentences, one
decides from what the best sentence offers and lacks whether anything answers at all. There are two
such pairs: with the reader, and without it for languages that it does not know.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from index.archive import Archive
from index.polar import claims
from index.schema import Hit
from service.accounts import accounts
from service.answerability import SIGNS, lacking, signs
from service.answering import Account, Accounts, Checked, Span, Step, Verdict
from service.candidates import (
    FEATURES,
    READABLE,
    Candidate,
    Reads,
    SentenceVectors,
    candidates,
    feature_matrix,
)
from service.claims import on_claims, rarity
from service.coverage import Wording, language_of, wording_of
from service.credits import told_of, uncovered, unheard
from service.schema import Decision, Judge
from service.spread import says_again

MAX_WORDS = 75  # of an answer, except that the best sentence is never cut
JUDGES: tuple[Judge, ...] = get_args(Judge)
ADJACENT = 0.5  # log-odds that a sentence gains by standing beside a chosen one


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds as a weighted sum of named values."""

    intercept: float
    weights: Mapping[str, float]

    def __call__(self, values: NDArray[np.float64], names: Iterable[str]) -> NDArray[np.float64]:
        """Log-odds of each row of values, shape (n, len(names)) or (len(names),)."""
        result = values @ np.array([self.weights[name] for name in names]) + self.intercept
        return np.asarray(result, np.float64)

    def parts(self, values: NDArray[np.float64], names: Iterable[str]) -> dict[str, float]:
        """What each value adds to the log-odds, the strongest first; zeros are left out."""
        added = {n: float(v) * self.weights[n] for n, v in zip(names, values, strict=True)}
        ordered = sorted(added, key=lambda name: -abs(added[name]))
        return {name: added[name] for name in ordered if added[name]}


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted."""

    ranking: Linear  # over FEATURES: does this sentence answer
    answering: Linear  # over SIGNS: does anything answer
    threshold: float  # the chance, in [0, 1], from which it does
    companion: float  # how far below the best log-odds a further sentence may lie
    most: int  # sentences in an answer


@dataclass(frozen=True, slots=True)
class Choice:
    """The sentences chosen, in reading order, and how sure it is that they answer."""

    chosen: tuple[Candidate, ...]
    best: Candidate | None  # of the chosen
    confidence: float  # in [0, 1]
    answers: bool  # whether that is enough
    accounts: tuple[Account, ...] = ()  # what several articles say, newest first
    decision: Decision | None = None  # None where there was nothing to decide on
    each: tuple[Span, ...] = ()  # for a yes or no question to several outlets, a sentence of each


def load_weights(judge: Judge = "reader") -> Weights:
    """The fitted weights that come with the package, with what the reader says or without it."""
    text = files("service").joinpath("weights", "quotes.json").read_text(encoding="utf-8")
    fitted = json.loads(text)
    rule = fitted[judge]
    ranking, answering = Linear(**rule["ranking"]), Linear(**rule["answering"])
    return Weights(ranking, answering, rule["threshold"], fitted["companion"], fitted["most"])


class QuotesAnswerer:
    """Answers with sentences of the articles."""

    name = "quotes"

    def __init__(
        self, archive: Archive, weights: Weights | None = None, reader: Reads | None = None
    ) -> None:
        self._archive = archive
        self._rules = {judge: weights or load_weights(judge) for judge in JUDGES}
        self._reader = reader
        self._vectors = SentenceVectors(archive.embedder)

    async def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """The chosen sentences one by one, or the verdict that none answers."""
        for step in self.said(await asyncio.to_thread(self.choose, question, hits)):
            yield step

    def warm_up(self, question: str) -> None:
        """Load the embedder and the reader."""
        self._archive.embedder.embed_question(question)
        if self._reader:
            self._reader.read(question, [question])

    async def close(self) -> None:
        """Nothing is held."""

    def said(self, choice: Choice) -> list[Step]:
        """The steps that say what was chosen."""
        if not choice.answers:
            return [Verdict("not_in_articles", self.name, choice.confidence, choice.decision)]
        direct = {account.span: account.direct for account in choice.accounts}
        if choice.best and choice.best.direct:
            direct[choice.best.span] = choice.best.direct
        sentences = [Checked(s.quote, (s,), direct.get(s)) for s in _spoken(choice)]
        told = [Accounts(choice.accounts)] if choice.accounts else []
        verdict = Verdict("answered", self.name, choice.confidence, choice.decision)
        return [*sentences, *told, verdict]

    def choose(self, question: str, hits: Sequence[Hit]) -> Choice:
        """The sentences of the passages that best answer a question that stands by itself."""
        wording = self.wording(question, hits)
        found, features = self.features(wording, hits)
        if not found:
            return Choice((), None, 0.0, False)
        judge = self.judge(wording, hits)
        rule = self._rules[judge]
        odds = rule.ranking(features, FEATURES)
        values = signs(features, lacking(wording, found), odds)
        confidence = 1 / (1 + float(np.exp(-rule.answering(values, SIGNS))))
        chosen = _companions(found, odds, rule)
        answers = confidence >= rule.threshold
        told = accounts(found, odds.tolist(), wording) if answers else ()
        decision = Decision(judge, rule.threshold, rule.answering.parts(values, SIGNS))
        best = found[int(np.argmax(odds))]
        choice = Choice(tuple(chosen), best, confidence, answers, told, decision)
        return self._covered(self._of_each(choice, wording, hits), question, hits)

    def judge(self, wording: Wording, hits: Sequence[Hit]) -> Judge:
        """Whether the reader has a say: it must know the question's language and the best
        passage's."""
        spoken = {wording.language, *(hit.article.language for hit in hits[:1])}
        return "reader" if self._reader and spoken <= READABLE else "words"

    def _of_each(self, choice: Choice, wording: Wording, hits: Sequence[Hit]) -> Choice:
        """The same, with a sentence for each outlet and article that a yes or no question asks.

        The decision is fitted on questions for one fact; what is asked of several outlets or
        articles is answered as far as they have a sentence on it, and with these alone.
        """
        outlets = {outlet.casefold() for outlet in self._archive.database.outlets()}
        asked = claims(wording.question, wording.language, outlets)
        if len(asked) < 2:
            return choice
        each = on_claims(asked, candidates(hits), rarity(self._archive), MAX_WORDS)
        if choice.answers or not each:
            return replace(choice, each=each)
        return replace(choice, answers=True, each=each, chosen=(), best=None)

    def _covered(self, choice: Choice, question: str, hits: Sequence[Hit]) -> Choice:
        """The same, but no answer where the question credits an outlet that the archive lacks, or
        only such as nothing said is from, unless that is very near to what is asked."""
        outlets = self._archive.database.outlets()
        told = [(span.article, span.quote) for span in choice.each]
        told += [(c.span.article, f"{c.span.article.title} {c.context}") for c in choice.chosen]
        weigh, lacking = rarity(self._archive), uncovered(question, outlets, hits)
        lost = any(not told_of(name, question, told, weigh) for name in lacking)
        lost = lost or unheard(question, outlets, told, weigh)
        return replace(choice, answers=False) if lost else choice

    def language(self, question: str) -> str | None:
        """The question's language, among those of the archive and those with translations."""
        return language_of(self._archive, question)

    def wording(self, question: str, hits: Sequence[Hit]) -> Wording:
        """The question's words in its own language and in those of the passages."""
        return wording_of(self._archive, question, hits)

    def features(
        self, wording: Wording, hits: Sequence[Hit]
    ) -> tuple[list[Candidate], NDArray[np.float64]]:
        """The sentences looked at, and what speaks for each, shape (n, len(FEATURES))."""
        if self._vectors.embedder is not self._archive.embedder:  # it changed over to another
            self._vectors = SentenceVectors(self._archive.embedder)
        reader = self._reader if self.judge(wording, hits) == "reader" else None
        return feature_matrix(candidates(hits), wording, self._vectors, reader)


def _companions(
    found: Sequence[Candidate], odds: NDArray[np.float64], rule: Weights
) -> list[Candidate]:
    """The best sentence and those nearly as good, as they stand in their articles.

    What stands beside a chosen sentence belongs to it sooner than what stands elsewhere; what
    says the same in the same words adds nothing.
    """
    chosen = [int(np.argmax(odds))]
    enough = odds[chosen[0]] - rule.companion
    words = len(found[chosen[0]].span.quote.split())
    while len(chosen) < rule.most:
        value = [
            -np.inf
            if n in chosen or any(says_again(c.span.quote, found[m].span.quote) for m in chosen)
            else odds[n] + ADJACENT * any(c.beside(found[m]) for m in chosen)
            for n, c in enumerate(found)
        ]
        best = int(np.argmax(value))
        words += len(found[best].span.quote.split())
        if value[best] < enough or words > MAX_WORDS:
            break
        chosen.append(best)
    first = found[chosen[0]].article_id
    picked = [found[n] for n in chosen]
    return sorted(picked, key=lambda c: (c.article_id != first, c.article_id, c.span.start))


def _spoken(choice: Choice) -> list[Span]:
    """The sentences to say: one of each outlet asked, and where the articles differ what each says,
    newest first, come before the rest."""
    chosen = [candidate.span for candidate in choice.chosen]
    differ = any(account.relation not in ("first", "same") for account in choice.accounts)
    said = [account.span for account in choice.accounts if account.relation != "same"]
    told = list(dict.fromkeys([*choice.each, *(said if differ else ())]))
    if not told:
        return chosen
    words = sum(len(span.quote.split()) for span in told)
    for span in chosen:
        words += len(span.quote.split())
        if span not in told and words <= MAX_WORDS:
            told.append(span)
    return told
