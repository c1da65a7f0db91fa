"""What speaks for and against an answer, and the decision that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index.glossing import glossed
from service.answerability import SIGNS
from service.candidates import Candidate
from service.choosing import in_reading_order, in_turn
from service.coverage import Wording
from service.rules import VERIFIED, Basis, Weights, strongest_first
from service.schema import Decision
from service.verifying import SENTENCES, Chances


@dataclass(frozen=True, slots=True)
class Weighed:
    """The sentences, and what speaks for an answer, before it is decided whether there is one."""

    wording: Wording
    found: Sequence[Candidate]  # at least one
    odds: NDArray[np.float64]  # (n,): log-odds that each of them answers
    signs: NDArray[np.float64]  # (len(SIGNS),)
    basis: Basis
    rule: Weights
    verified: Chances | None = None  # what the verifier says of the sentences it reads

    @property
    def log_odds(self) -> float:
        """That anything answers."""
        decided = float(self.rule.answering(self.signs, SIGNS))
        if self.verified is None or not self.rule.verifying:
            return decided
        return float(self.rule.verifying(np.array([decided, self.verified.odds]), VERIFIED))

    @property
    def decision(self) -> Decision:
        """How that was found."""
        parts = self.rule.answering.parts(self.signs, SIGNS)
        if self.verified is None or not self.rule.verifying:
            return Decision(self.basis, self.rule.threshold, parts)
        decided, verifier = (self.rule.verifying.weights[name] for name in VERIFIED)
        parts = {name: added * decided for name, added in parts.items()}
        parts["verifier"] = self.verified.odds * verifier
        return Decision("verifier", self.rule.threshold, strongest_first(parts))

    @property
    def close(self) -> bool:
        """Whether the verifier may turn the decision."""
        return bool(self.rule.verifying) and self.rule.close(self.log_odds)

    @property
    def read(self) -> list[int]:
        """The places of the sentences that the verifier reads, in reading order."""
        best = [n for n, _ in islice(in_turn(self.found, self.odds), SENTENCES)]
        ordered = in_reading_order([self.found[n] for n in best])
        return sorted(best, key=lambda n: ordered.index(self.found[n]))

    def to_verify(self) -> tuple[str, list[str]]:
        """The question and the best sentences, in English words."""
        spans = [self.found[n].span for n in self.read]
        read = [glossed(span.quote, span.article.language).text for span in spans]
        return glossed(self.wording.question, self.wording.language).text, read

    @property
    def ranking(self) -> NDArray[np.float64]:
        """Log-odds that each sentence answers, shape (n,), the highest for the one that is best
        when the verifier has been heard; the others keep theirs."""
        if self.verified is None:
            return self.odds
        read = self.read
        heard = self.odds[read] + self.rule.choosing * np.array(self.verified.each)
        first = read[int(np.argmax(heard))]
        ranking = self.odds.copy()
        if ranking[first] < ranking.max():
            ranking[first] = np.nextafter(ranking.max(), np.inf)
        return ranking
