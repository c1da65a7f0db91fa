"""What drafting starts from and what it makes: clear sentences, and questions about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.schema import Article
from index.sentences import sentence_spans

WORDS = range(7, 41)  # in a sentence that a question can be made of
# A sentence that begins so leans on the one before it.
LEANING = re.compile(
    r"(?:he|she|it|they|we|i|you|this|that|these|those|his|her|its|their|our|there|here|but|and|or"
    r"|so|yet|then|however|also|still|instead|meanwhile|another|both|such|some|one|two"
    r"|han|hon|den|det|de|vi|jag|du|detta|dessa|hans|hennes|deras|men|och|eller|så|då|där|här"
    r"|också|dock|samtidigt|denna|en annan)\b",
    re.I,
)
QUOTES = re.compile(r"[\"“”«»„]")
NAME_WORD = r"(?-i:[A-ZÅÄÖÆØÉÜ][\w'’&.-]*\w)"
NAME = rf"{NAME_WORD}(?: {NAME_WORD}){{0,3}}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that one sentence of an article answers, or (without answer) that none does."""

    kind: str  # "who-said", "when", "how-many", "figure"
    question: str
    answer: tuple[str, ...]  # ways to say it
    sentence: str
    article: Article


def sentences(article: Article) -> Iterator[str]:
    """The sentences of an article that are whole and of a fair length, each at most once."""
    seen: set[str] = set()
    for start, end in sentence_spans(article.text, article.language):
        sentence = article.text[start:end]
        whole = sentence[-1:] in '.!?"”' and sentence[:1] in '"“”' + sentence[:1].upper()
        if whole and len(sentence.split()) in WORDS and sentence not in seen:
            seen.add(sentence)
            yield sentence


def stands_alone(sentence: str) -> bool:
    """Whether it can be read without what comes before it: plain, and naming what it is about."""
    plain = not QUOTES.search(sentence) and "(" not in sentence and "?" not in sentence
    return plain and not LEANING.match(sentence)


def lower_first(phrase: str) -> str:
    """The phrase as it stands within a sentence: "The plan" as "the plan"."""
    article = phrase.partition(" ")[0] in ("The", "A", "An")
    return phrase[:1].lower() + phrase[1:] if article else phrase
