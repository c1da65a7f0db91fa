"""Do the passages answer the question at all? What the best sentence says for it and against it.

A sentence can share nearly every word with a question and not answer it, so the decision looks at
what is missing as much as at what is there.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.candidates import Candidate
from service.coverage import Wording
from service.sentence_features import FEATURES

_OF_BEST = {  # features of the best sentence, and what each may speak for
    "names missing": -1,
    "figures missing": -1,
    "years missing": -1,
    "cosine": +1,
    "reader": +1,
    "answerable": +1,
    "span": +1,
}
_COLUMNS = [FEATURES.index(name) for name in _OF_BEST]
# Which way a sign may speak is fixed: what it says by accident in one set misleads in the next.
SIGNS = {
    "odds": +1,  # log-odds of the best sentence
    **_OF_BEST,
    "best reader": +1,  # the reader's surest sentence, best or not
    "best answerable": +1,
    "lacking": -1,  # weighted share of the question's words that its context and title lack
    "lacking article": -1,  # ... that its article lacks
    "lacking least": -1,  # ... that the sentences around any candidate lack
    "strange": -1,  # how many content words of the question no article has
    "foreign": 0,  # the article is in another language than the question: either way
}
LACKS = 5  # the last so many come from words alone
Array = NDArray[np.float64]


def signs(features: Array, lacks: Array, odds: Array) -> Array:
    """What speaks for and against an answer, shape (len(SIGNS),).

    features: shape (n, len(FEATURES)), n > 0; lacks: shape (n, LACKS); odds: shape (n,).
    """
    best = int(np.argmax(odds))
    most = features.max(axis=0)[[FEATURES.index(name) for name in ("reader", "answerable")]]
    return np.concatenate([odds[[best]], features[best, _COLUMNS], most, lacks[best]])


def lacking(wording: Wording, found: Sequence[Candidate]) -> Array:
    """The last `LACKS` signs, were this or that sentence the best: shape (n, LACKS)."""
    articles = {c.article_id: c.span.article for c in found}
    whole = {
        id: wording.lacking(f"{article.header}\n{article.text}", article.language)
        for id, article in articles.items()
    }
    around = [
        wording.lacking(f"{c.span.article.title} {c.context}", c.span.article.language)
        for c in found
    ]
    strange = min(len(wording.strange), 4)
    foreign = [float(c.span.article.language != wording.language) for c in found]
    return np.array(
        [
            (near, whole[c.article_id], min(around), strange, other)
            for c, near, other in zip(found, around, foreign, strict=True)
        ]
    )
