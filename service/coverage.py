"""How much of a question's words a text has, each weighted by how much it says in the archive."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log1p

from index.archive import Archive
from index.language import closest
from index.schema import Hit
from index.translation import LANGUAGES, translated
from service.kinds import asked_kind
from service.wording import content_stems, figures, names, years


class Wording:
    """The words of a question, weighted by how much each says in this archive."""

    def __init__(
        self,
        question: str,
        languages: Sequence[str | None],
        frequency: Callable[[str], int],
        passages: int,
    ) -> None:
        """languages: the question's own first. frequency: in how many `passages` a stem occurs."""
        self.question = question
        self.language = languages[0] if languages else None
        self.kind = asked_kind(question)
        self.names = names(question)
        self.figures = figures(question) - years(question)
        self.years = years(question)
        own = content_stems(question, self.language)
        self._forms = {lang: _forms(own, self.language, lang) for lang in {*languages}}
        rare = log1p(passages + 1)
        counts = {
            (lang, stem): min(max(map(frequency, said)), passages)
            for lang, forms in self._forms.items()
            for stem, said in forms.items()
        }
        self._weights = {key: rare - log1p(count) + 0.5 for key, count in counts.items()}
        # A word that no article has tells no sentence from another; `strange` has those.
        self._told = {key: weight if counts[key] else 0.0 for key, weight in self._weights.items()}
        self.strange = {stem for stem in own if not any(counts[lang, stem] for lang in self._forms)}

    def unknown(self, text: str, language: str | None) -> frozenset[str]:
        """The content words of the question that the text lacks, as stems."""
        there = content_stems(text, language)
        asked = self._asked(language)
        return frozenset(stem for stem, said in asked.items() if not said & there)

    def coverage(self, text: str, language: str | None) -> float:
        """The weighted share, in [0, 1], of the question's words that the text has."""
        weights = {stem: self._told.get((language, stem), 0.0) for stem in self._asked(language)}
        total = sum(weights.values())
        return 1 - self._lost(text, language, weights) / total if total else 0.0

    def lacking(self, text: str, language: str | None) -> float:
        """The weighted share, in [0, 1], that it lacks, words that no article has among them."""
        asked = self._asked(language)
        weights = {stem: self._weights.get((language, stem), 0.0) for stem in asked}
        total = sum(weights.values())
        return self._lost(text, language, weights) / total if total else 0.0

    def _lost(self, text: str, language: str | None, weights: Mapping[str, float]) -> float:
        return sum(weights[stem] for stem in self.unknown(text, language))

    def _asked(self, language: str | None) -> Mapping[str, frozenset[str]]:
        return self._forms.get(language, self._forms[self.language])


def language_of(archive: Archive, question: str) -> str | None:
    """The question's language, among those of the archive and those with translations."""
    return closest(question, [*archive.database.languages(), *LANGUAGES])


def wording_of(archive: Archive, question: str, hits: Sequence[Hit]) -> Wording:
    """The question's words in its own language and in those of the passages."""
    spoken = dict.fromkeys(
        [language_of(archive, question), *(hit.article.language for hit in hits)]
    )
    frequency, passages = archive.lexical.document_frequency, archive.database.counts()[1]
    return Wording(question, list(spoken), frequency, passages)


def _forms(
    stems: Iterable[str], source: str | None, target: str | None
) -> dict[str, frozenset[str]]:
    """Each stem with what it may be in the other language: itself (a name) or a translation."""
    return {
        stem: frozenset({stem, *(other for other, _ in translated(stem, source, target))})
        for stem in sorted(stems)
    }
