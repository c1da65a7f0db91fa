"""Unanswerable twins: the same question with one name or year that its article does not have.

The new name comes from another article, where it stands after the same word ("in Oslo" for "in
Turin"). No article may have it in a sentence that shares the question's other words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from evals.drafting.proposal import NAME, Proposal
from evals.matching import fold
from index.schema import Article
from index.sentences import sentence_spans

AFTER = r"of|in|from|with|by|to|near|at|från|med|av|i"
PLAIN = re.compile(r"(?:[A-ZÅÄÖÆØ][a-zà-ÿ-]+ ?)+")  # no abbreviation, no genitive
SLOT = re.compile(rf"\b(?P<before>{AFTER}) (?P<name>{NAME})(?=[ ,.;?!”\"]|$)")
YEAR = re.compile(r"(?<![\d$€£,.-])(?:1[5-9]|20)\d\d(?![\w-]|[,.]\d)")
NO_NAME = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August"
    r"|September|October|November|December|I|The|A"
)
SHARED = 0.5  # of the question's content words in one sentence make it a possible answer
TRIES = 8
SMALL = 4  # letters; shorter words are no content
Slot = tuple[str, int]  # the word before a name, and how many words the name has


@dataclass(slots=True)
class Swaps:
    """The names of a corpus, by the place they can take, and its sentences."""

    articles: Sequence[Article]
    names: Mapping[Slot, Sequence[str]] = field(init=False)
    _sentences: list[tuple[str, frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[Slot, dict[str, None]] = {}
        self._sentences = []
        for article in self.articles:
            for match in _slots(article.text):
                found.setdefault(_slot(match), {})[match["name"]] = None
            for start, end in sentence_spans(article.text, article.language):
                text = fold(article.text[start:end])
                self._sentences.append((text, _content(text)))
        self.names = {slot: list(names) for slot, names in found.items()}

    def twin(self, proposal: Proposal, random: Random) -> Proposal | None:
        """The question with one thing changed so that nothing answers it, where there is one."""
        candidates = list(self._candidates(proposal, random))
        random.shuffle(candidates)
        for question, new in candidates[:TRIES]:
            if not self._answered(question, new):
                return replace(proposal, question=question, answer=())
        return None

    def _candidates(self, proposal: Proposal, random: Random) -> Iterator[tuple[str, str]]:
        """Changed questions, each with what is new in it."""
        question, article = proposal.question, proposal.article
        known = fold(f"{article.title}\n{article.text}")
        for match in _slots(question):
            others = [n for n in self.names.get(_slot(match), ()) if fold(n) not in known]
            for name in random.sample(others, min(2, len(others))):
                yield _swapped(question, match.span("name"), name), name
        for match in YEAR.finditer(question):
            years = [str(int(match.group()) + step) for step in (-3, -2, -1, 1, 2)]
            for year in years:
                if year not in known:
                    yield _swapped(question, match.span(), year), year

    def _answered(self, question: str, new: str) -> bool:
        """Whether some sentence has the new name and much of the rest of the question."""
        asked = _content(fold(question)) - _content(fold(new))
        enough = SHARED * len(asked)
        name = fold(new)
        return any(
            name in text and len(asked & content) >= enough for text, content in self._sentences
        )


def _slots(text: str) -> Iterator[re.Match[str]]:
    for match in SLOT.finditer(text):
        if PLAIN.fullmatch(match["name"]) and not NO_NAME.match(match["name"]):
            yield match


def _slot(match: re.Match[str]) -> Slot:
    return match["before"], len(match["name"].split())


def _swapped(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _content(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text) if len(word) >= SMALL)
