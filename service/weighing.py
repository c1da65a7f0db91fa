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
from service.verifying import SENTENCES


@dataclass(frozen=True, slots=True)
class Weighed:
    """The sentences, and what speaks for an answer, before it is decided whether there is one."""

    wording: Wording
    found: Sequence[Candidate]  # at least one
    odds: NDArray[np.float64]  # (n,): log-odds that each of them answers
    signs: NDArray[np.float64]  # (len(SIGNS),)
    basis: Basis
    rule: Weights

    verified: float | None = None  # what the verifier says, in log-odds

    @property
    def log_odds(self) -> float:
        """That anything answers."""
        decided = float(self.rule.answering(self.signs, SIGNS))
        if self.verified is None or not self.rule.verifying:
            return decided
        return float(self.rule.verifying(np.array([decided, self.verified]), VERIFIED))

    @property
    def decision(self) -> Decision:
        """How that was found."""
        parts = self.rule.answering.parts(self.signs, SIGNS)
        if self.verified is None or not self.rule.verifying:
            return Decision(self.basis, self.rule.threshold, parts)
        decided, verifier = (self.rule.verifying.weights[name] for name in VERIFIED)
        parts = {name: added * decided for name, added in parts.items()}
        parts["verifier"] = self.verified * verifier
        return Decision("verifier", self.rule.threshold, strongest_first(parts))

    @property
    def close(self) -> bool:
        """Whether the verifier may turn the decision."""
        return bool(self.rule.verifying) and self.rule.close(self.log_odds)

    def to_verify(self) -> tuple[str, list[str]]:
        """The question and the best sentences, in English words."""
        best = in_reading_order([c for c, _ in islice(in_turn(self.found, self.odds), SENTENCES)])
        read = [glossed(c.span.quote, c.span.article.language).text for c in best]
        return glossed(self.wording.question, self.wording.language).text, read
