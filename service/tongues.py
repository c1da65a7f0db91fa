"""What to know where the embedder does not know the languages of the archive."""

from index import glossing
from index.archive import Archive

_NAMES = {
    **{"en": "English", "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "no": "Norwegian"},
    **{"fi": "Finnish", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"},
}
BETTER = "a multilingual embedder such as BAAI/bge-m3 (DATELINE_EMBEDDER, 'dateline reindex')"


def named(language: str) -> str:
    """The English name of a language (two letters), or the letters."""
    return _NAMES.get(language, language)


def notes(archive: Archive) -> list[str]:
    """One sentence for each thing; none where the embedder knows every language."""
    knows, spoken = archive.embedder.languages, archive.database.languages()
    can = glossing.known(knows)
    if knows is None or can is None:
        return []
    foreign = [named(language) for language in spoken if language not in can]
    glossed = [named(language) for language in spoken if language in can - knows]
    said = []
    if foreign:
        said.append(
            f"The embedder does not know {', '.join(foreign)}: for these only words count; "
            f"{BETTER} finds more."
        )
    if glossed:
        said.append(f"{', '.join(glossed)}: read in English word by word; {BETTER} reads better.")
    if glossed and archive.database.get_meta("glosses") != glossing.VERSION:
        said.append(
            f"{', '.join(glossed)}: embedded by an earlier version, which found less; "
            "'dateline reindex' makes it anew."
        )
    return said
