"""Do the passages answer the question at all? What the best sentence says for it and against it.

A sentence can share nearly every word with a question and not answer it, so the decision looks at
what is missing as much as at what is there.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.candidates import FEATURES, Candidate, Wording

_OF_BEST = (
    "sentence",
    "context",
    "article",
    "kind",
    "names missing",
    "names elsewhere",
    "figures missing",
    "years missing",
    "cosine",
    "reader",
    "answerable",
    "span",
)
_COLUMNS = [FEATURES.index(name) for name in _OF_BEST]
SIGNS = (
    "odds",  # log-odds of the best sentence
    "lead over next",  # ... above those of the second best
    *_OF_BEST,  # features of the best sentence
    "best reader",  # the reader's surest sentence, best or not
    "best answerable",
    "best context",
    "words unknown",  # how many content words of the question its article lacks
    "foreign",  # the article is in another language than the question
)


def signs(
    wording: Wording,
    found: Sequence[Candidate],
    features: NDArray[np.float64],
    odds: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What speaks for and against an answer, shape (len(SIGNS),); `found` is not empty."""
    best, *others = np.argsort(-odds, kind="stable")
    article = found[best].span.article
    whole = f"{article.header}\n{article.text}"
    most = features.max(axis=0)
    return np.array(
        [
            odds[best],
            odds[best] - (odds[others[0]] if others else odds[best] - 5.0),
            *features[best, _COLUMNS],
            *(most[FEATURES.index(name)] for name in ("reader", "answerable", "context")),
            len(wording.unknown(whole, article.language)),
            float(article.language != wording.language),
        ]
    )
