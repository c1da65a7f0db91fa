"""What speaks for each sentence: the features of the quotes answerer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder, Vectors
from index.glossing import readable
from index.schema import Article
from service.candidates import Candidate
from service.close_reading import READABLE, Reads, read_closely
from service.coverage import Wording
from service.kinds import holds
from service.wording import figures, names_and_words, years

MOST = 16  # candidates that are looked at closely
REMEMBERED = 20_000  # sentences whose vectors are kept, about 30 MB
FEATURES = (
    "sentence",  # share of the question's words in the sentence
    "context",  # ... in the sentences around it and the title
    "article",  # ... in the whole article
    "kind",  # does it hold a thing of the kind that was asked for
    "names missing",  # share of the question's names that the article lacks
    "names elsewhere",  # ... that the sentences around it and the title lack
    "figures missing",
    "years missing",
    "retrieval",  # 1 for the best passage, 1/2 for the next, ...
    "time",  # was its article published in the time that the question speaks of
    "lead",  # is it the first sentence of its article
    "length",
    "cosine",  # of the sentence with the question
    "reader",  # the reader's chance that the answer lies in this sentence
    "answerable",  # ... in this sentence or those beside it
    "span",  # how far its best span is above "no answer"
)
LEXICAL = 12  # the first so many need no model
READER = LEXICAL + 1  # from here on they are the reader's

Told = tuple[str, str | None]  # a text and its language


class OfArticle(NamedTuple):
    """What a whole article says for a question, the same for all its sentences."""

    coverage: float
    names_missing: float
    years_missing: float


def of_article(article: Article, wording: Wording) -> OfArticle:
    """Looked up once for each article: this reads its whole text."""
    whole = f"{article.header}\n{article.text}"
    return OfArticle(
        wording.coverage(whole, article.language),
        _missing(wording.names, names_and_words(whole)),
        _missing(wording.years, years(whole)),
    )


def lexical_features(candidate: Candidate, wording: Wording, whole: OfArticle) -> list[float]:
    """What needs no model: the first `LEXICAL` features."""
    article, quote = candidate.span.article, candidate.span.quote
    language = article.language
    return [
        wording.coverage(quote, language),
        wording.coverage(f"{article.title} {candidate.context}", language),
        whole.coverage,
        holds(quote, wording.kind, wording.question),
        whole.names_missing,
        _missing(wording.names, names_and_words(f"{article.title} {candidate.context}")),
        _missing(wording.figures, figures(candidate.context)),
        whole.years_missing,
        1 / (1 + candidate.rank),
        float(candidate.hit.parts.get("time", 0.0) > 0),
        float(candidate.span.start == 0),
        min(len(quote.split()), 40) / 40,
    ]


def _missing(asked: frozenset[str], there: frozenset[str]) -> float:
    return len(asked - there) / len(asked) if asked else 0.0


class SentenceVectors:
    """Vectors of sentences, kept: the same sentences come up for many questions."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._kept: dict[Told, Vectors] = {}

    def of_question(self, text: str, language: str | None) -> Vectors:
        """The unit vector of a question, shape (dimension,)."""
        return self.embedder.embed_question(self._readable((text, language)))

    def embed(self, texts: Sequence[Told]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        if new := list({text for text in texts if text not in self._kept}):
            if len(self._kept) + len(new) > REMEMBERED:
                self._kept.clear()
                new = list(set(texts))
            vectors = self.embedder.embed([self._readable(text) for text in new])
            self._kept.update(zip(new, vectors, strict=True))
        return np.stack([self._kept[text] for text in texts])

    def _readable(self, told: Told) -> str:
        return readable(*told, self.embedder.languages)


def feature_matrix(
    found: Sequence[Candidate], wording: Wording, vectors: SentenceVectors, reader: Reads | None
) -> tuple[list[Candidate], NDArray[np.float64]]:
    """The most promising candidates and their features, shape (n, len(FEATURES)).

    Without a reader its features are 0, as they are of what stands in a language it does not know.
    """
    articles = {c.article_id: c.span.article for c in found}
    whole = {id: of_article(article, wording) for id, article in articles.items()}
    rows = [(c, lexical_features(c, wording, whole[c.article_id])) for c in found]
    rows.sort(key=lambda row: -_promise(row[1]))
    kept = [candidate for candidate, _ in rows[:MOST]]
    features = np.zeros((len(kept), len(FEATURES)))
    if kept:
        features[:, :LEXICAL] = [row for _, row in rows[:MOST]]
        embedded = vectors.embed([(c.span.quote, c.span.article.language) for c in kept])
        features[:, LEXICAL] = embedded @ vectors.of_question(wording.question, wording.language)
    if kept and reader:
        legible = [n for n, c in enumerate(kept) if c.span.article.language in READABLE]
        read = read_closely([kept[n] for n in legible], wording, reader)
        for n, (candidate, said) in zip(legible, read, strict=True):
            features[n, READER:] = said.ranges[0].chance, said.answerable, said.span / 10
            kept[n] = candidate
    return kept, features


def _promise(lexical: Sequence[float]) -> float:
    """Who is worth a close look: by words, kind and rank of the passage."""
    sentence, context, _, kind, *_, retrieval, _, _, _ = lexical
    return sentence + context + kind / 4 + retrieval / 4
