"""Search by words, in Tantivy (BM25). Its home, and with it that of its stemmers.

Words are stemmed in the language of their article and stored as stems; a question is stemmed in
every language of the archive, so that one index serves them all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from index.failing import told
from index.schema import Article, Filter, Passage

UNDATED = -1
MOST_LISTED = 366  # days of a window that are looked up one by one
HEADER_BOOST = 0.5  # a header is the same for all passages of an article

_STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "nl": "dutch",
    "en": "english",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "es": "spanish",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


@cache
def _analyzer(language: str | None) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.remove_long(64))
    if language in _STEMMERS:
        builder = builder.filter(tantivy.Filter.stemmer(_STEMMERS[language]))
    return builder.build()


def stems(text: str, language: str | None) -> list[str]:
    """The words of a text in lower case, stemmed where the language (two letters) has a stemmer."""
    return list(_analyzer(language).analyze(text))


@dataclass(frozen=True, slots=True)
class Words:
    """What the lexical index knows of one passage."""

    passage: Passage
    article: Article


class LexicalStore:
    """Passages by their words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._index.register_tokenizer("stems", _whitespace())

    def count(self) -> int:
        """How many passages are indexed."""
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def ids(self) -> set[str]:
        """The ids of all passages that are indexed."""
        self._index.reload()
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs))
        return {str(searcher.doc(at)["id"][0]) for _, at in found.hits}

    def update(self, add: Iterable[Words], delete: Iterable[str]) -> None:
        """Add passages and remove others by id, in one commit. Doing it twice does no harm."""
        with told(self._folder, "the lexical index", ValueError):
            writer = self._index.writer(heap_size=30_000_000, num_threads=1)
            for passage_id in delete:
                writer.delete_documents_by_term("id", passage_id)
            for words in add:
                writer.delete_documents_by_term("id", words.passage.id)
                writer.add_document(_document(words))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()

    def rewrite(self, everything: Iterable[Words]) -> None:
        """Hold just these, in files of which no other passage was ever a part.

        Searches find what there was until it is done, and so do they after a kill midway.
        """
        writer = self._index.writer(heap_size=30_000_000, num_threads=1)
        writer.delete_all_documents()
        for words in everything:
            writer.add_document(_document(words))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        collector = self._index.writer(heap_size=15_000_000, num_threads=1)
        collector.garbage_collect_files()
        collector.wait_merging_threads()

    def search(
        self,
        text: str,
        languages: Sequence[str | None],
        allowed: Filter,
        k: int,
        beside: Mapping[str, float] | None = None,
    ) -> list[tuple[str, float]]:
        """Ids of the k best passages with their BM25 scores (above 0), best first.

        languages: those in which the text may be read; its stems in all of them are looked for.
        beside: further stems, such as translations, with weights; the text's own weigh 1.
        """
        own = {stem: 1.0 for language in languages for stem in stems(text, language)}
        if not own:
            return []
        searcher = self._index.searcher()
        query = self._query({**(beside or {}), **own}, allowed)
        found = searcher.search(query, limit=k, count=False)
        return [(str(searcher.doc(at)["id"][0]), float(score)) for score, at in found.hits]

    def passing(self, allowed: Filter) -> int:
        """How many passages the filter admits."""
        outlets = self._outlets(allowed)  # no passage has days by two of the conditions
        return sum(
            self._count([days, *outlets])
            for days in self._days(allowed) or [tantivy.Query.all_query()]
        )

    def document_frequency(self, stem: str, field: str = "body") -> int:
        """In how many passages the stem occurs, or under how many of their headers."""
        return self._index.searcher().doc_freq(field, stem)

    def _query(self, weights: Mapping[str, float], allowed: Filter) -> tantivy.Query:
        # One flat list of terms: of anything nested Tantivy scores every document that has a word.
        boosts = (("body", 1.0), ("header", HEADER_BOOST))
        each = [(f, s, boost * weights[s]) for f, boost in boosts for s in sorted(weights)]
        words = _any([self._weighted(*term) for term in each])
        conditions = [tantivy.Query.const_score_query(q, 0.0) for q in self._conditions(allowed)]
        if not conditions:
            return words
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, q) for q in (words, *conditions)])

    def _conditions(self, allowed: Filter) -> list[tantivy.Query]:
        days = self._days(allowed)
        return [*([_any(days)] if days else []), *self._outlets(allowed)]

    def _days(self, allowed: Filter) -> list[tantivy.Query]:
        """Of these a passage has to meet one, and can meet no two; none if it may be of any day."""
        if not (allowed.since or allowed.until):
            return []
        since = (allowed.since or date.min).toordinal()
        until = (allowed.until or date.max).toordinal()
        if until - since < MOST_LISTED:  # the range would look at the day of every passage
            listed = [UNDATED, *range(since, until + 1)]
            return [tantivy.Query.term_set_query(self._schema, "day", listed)]
        integer = tantivy.FieldType.Integer
        days = tantivy.Query.range_query(self._schema, "day", integer, since, until)
        return [days, self._term("day", UNDATED)]

    def _outlets(self, allowed: Filter) -> list[tantivy.Query]:
        terms = [self._term("outlet", outlet.casefold()) for outlet in allowed.outlets]
        return [_any(terms)] if terms else []

    def _count(self, conditions: Sequence[tantivy.Query]) -> int:
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, each) for each in conditions])
        found: Any = self._index.searcher().search(query, limit=1, count=True)
        return int(found.count)

    def _weighted(self, field: str, stem: str, weight: float) -> tantivy.Query:
        term = self._term(field, stem)
        return term if weight == 1 else tantivy.Query.boost_query(term, weight)

    def _term(self, field: str, value: str | int) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _whitespace() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("body", tokenizer_name="stems", index_option="freq")
    builder.add_text_field("header", tokenizer_name="stems", index_option="freq")
    builder.add_text_field("outlet", tokenizer_name="raw")
    builder.add_integer_field("day", indexed=True, fast=True)
    return builder.build()


def _days(article: Article) -> list[int]:
    """Every day that may be that of publication."""
    if article.published is None or article.last is None:
        return [UNDATED]
    return list(range(article.published.toordinal(), article.last.toordinal() + 1))


def _document(words: Words) -> tantivy.Document:
    article = words.article
    return tantivy.Document(
        id=words.passage.id,
        body=" ".join(stems(words.passage.text, article.language)),
        header=" ".join(stems(article.header, article.language)),
        outlet=(article.outlet or "").casefold(),
        day=_days(article),
    )
