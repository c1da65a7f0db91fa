"""The quotes answerer: the sentences that best answer, verbatim. Nothing is written.

Two linear models, fitted together by `python -m evals.fit_quotes`: one ranks the sentences, one
decides from what the best sentence offers and lacks whether anything answers at all. There are two
such pairs: with the reader, and without it for languages that it does not know. Where the decision
is close, a verifier has a say.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from index.archive import Archive
from index.errors import ModelError
from index.polar import claims
from index.schema import Hit
from service.accounts import accounts
from service.answerability import lacking, signs
from service.answering import Account, Accounts, Checked, Span, Step, Verdict
from service.candidates import Candidate, candidates
from service.choosing import MAX_WORDS, companions
from service.claims import on_claims, rarity
from service.close_reading import READABLE, Reads
from service.coverage import Wording, language_of, wording_of
from service.credits import told_of, uncovered, unheard
from service.rules import Basis, Weights, load_weights
from service.schema import Decision
from service.sentence_features import FEATURES, SentenceVectors, feature_matrix
from service.verifying import Verifies
from service.weighing import Weighed

logger = logging.getLogger(__name__)


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


class QuotesAnswerer:
    """Answers with sentences of the articles."""

    name = "quotes"

    def __init__(
        self,
        archive: Archive,
        weights: Weights | None = None,
        reader: Reads | None = None,
        verifier: Verifies | None = None,
    ) -> None:
        self._archive = archive
        self._rules = {basis: weights or load_weights(basis) for basis in get_args(Basis)}
        self._reader = reader
        self._verifier = verifier
        self._vectors = SentenceVectors(archive.embedder)

    async def steps(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Step, None]:
        """The chosen sentences one by one, or the verdict that none answers."""
        for step in self.said(await self.choose(question, hits)):
            yield step

    def warm_up(self, question: str) -> None:
        """Load the embedder and the reader."""
        self._archive.embedder.embed_question(question)
        if self._reader:
            self._reader.read(question, [question])

    async def close(self) -> None:
        """Stop the verifier."""
        if self._verifier:
            await self._verifier.close()

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

    async def choose(self, question: str, hits: Sequence[Hit]) -> Choice:
        """The sentences of the passages that best answer a question that stands by itself."""
        weighed = await asyncio.to_thread(self.weigh, question, hits)
        if weighed is None:
            return Choice((), None, 0.0, False)
        verified = await self._verified(weighed)
        return await asyncio.to_thread(self._choice, verified, question, hits)

    def weigh(self, question: str, hits: Sequence[Hit]) -> Weighed | None:
        """What speaks for an answer; None if there is no sentence."""
        wording = self.wording(question, hits)
        found, features = self.features(wording, hits)
        if not found:
            return None
        basis = self.basis(wording, hits)
        rule = self._rules[basis]
        odds = rule.ranking(features, FEATURES)
        values = signs(features, lacking(wording, found), odds)
        return Weighed(wording, found, odds, values, basis, rule)

    async def _verified(self, weighed: Weighed) -> Weighed:
        """With what the verifier says, where the decision is close."""
        if not self._verifier or not weighed.close:
            return weighed
        try:
            chances = await self._verifier.chances(*await asyncio.to_thread(weighed.to_verify))
        except ModelError as error:
            logger.warning("%s A close case was decided without the verifier.", error)
            return weighed
        return replace(weighed, verified=chances)

    def _choice(self, weighed: Weighed, question: str, hits: Sequence[Hit]) -> Choice:
        confidence = 1 / (1 + float(np.exp(-weighed.log_odds)))
        found, odds, rule = weighed.found, weighed.ranking, weighed.rule
        answers = confidence >= rule.threshold
        chosen = companions(found, odds, rule.most, rule.companion)
        told = accounts(found, odds.tolist(), weighed.wording) if answers else ()
        best = found[int(np.argmax(odds))]
        choice = Choice(tuple(chosen), best, confidence, answers, told, weighed.decision)
        return self._covered(self._of_each(choice, weighed.wording, hits), question, hits)

    def basis(self, wording: Wording, hits: Sequence[Hit]) -> Basis:
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
        reader = self._reader if self.basis(wording, hits) == "reader" else None
        return feature_matrix(candidates(hits), wording, self._vectors, reader)


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
