"""Archives in languages that the embedder does not know: what is read, found and said of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.archive import Archive
from index.embedding import Vectors
from index.glossing import VERSION
from index.preparing import prepared
from index.retrieval import look
from index.schema import Article, Filter, Hit, Passage
from index.splitting import SPECIAL_TOKENS
from service.candidates import candidates
from service.coverage import wording_of
from service.reader import Reading, Within
from service.sentence_features import SentenceVectors, feature_matrix
from service.tongues import notes
from tests.embedders import HashingEmbedder

SWEDISH = Article(
    key="skatt",
    name="skatt",
    title="Skatten höjs",
    text="Regeringen höjer skatten med 17,5 procent, säger finansministern Anna Ek i Göteborg.",
    language="sv",
)
ENGLISH = Article(
    key="boats", name="boats", text="Nine boats sailed past the old harbour.", language="en"
)


class English(HashingEmbedder):
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return super().embed(texts)


@pytest.fixture
def embedder() -> English:
    return English()


@pytest.fixture
def archive(tmp_path: Path, embedder: English) -> Archive:
    made = Archive(tmp_path, embedder)
    made.add([SWEDISH, ENGLISH])
    return made


def test_what_is_embedded_is_english(archive: Archive, embedder: English) -> None:
    with archive:
        [swedish] = [text for text in embedder.texts if "17,5" in text]
        assert "government raises tax with 17,5 percent" in swedish
        assert "Regeringen" not in swedish


def test_a_gloss_that_is_longer_than_its_source_fits_too(embedder: English) -> None:
    text = "Det gäller minst. " * 300  # "minst" is "at least"
    part = prepared(Article(key="long", name="long", text=text, language="sv"), embedder)
    longest = max(embedder.count(text) for text in part.texts.values())
    assert 100 < longest <= embedder.max_tokens - SPECIAL_TOKENS


@pytest.mark.parametrize(
    "question", ["By how much does the government raise the tax?", "Hur mycket höjs skatten?"]
)
def test_the_nearest_passage_is_found_across_languages(archive: Archive, question: str) -> None:
    with archive:
        seen = look(archive, question, Filter())
        near = next(search for search in seen.searches if search.by == "meaning")
        passages = {passage.id: article.id for passage, article in seen.found}
        assert passages[next(iter(near.found))] == SWEDISH.id


def test_the_reader_reads_english_and_its_answer_is_told_in_the_source(archive: Archive) -> None:
    class Reads:
        def read(
            self, question: str, passages: Sequence[str], ranges: object = None
        ) -> list[Reading]:
            assert "how much" in question
            start = passages[0].index("17,5 percent")
            at = (start, start + len("17,5 percent"))
            return [Reading(*at, 9.0, 0.9, (Within(0.9, *at, 9.0),))]

    hit = Hit(Passage("p", SWEDISH.id, 0, len(SWEDISH.text), SWEDISH.text), SWEDISH, 1.0)
    with archive:
        wording = wording_of(archive, "Hur mycket höjs skatten i år?", [hit])
        vectors = SentenceVectors(archive.embedder)
        [candidate], _ = feature_matrix(candidates([hit]), wording, vectors, Reads())
    assert candidate.direct
    assert SWEDISH.text[slice(*candidate.direct)] == "17,5 procent"


def test_said_where_a_better_embedder_would_help(archive: Archive) -> None:
    with archive:
        [said] = notes(archive)
        assert said.startswith("Swedish: read in English word by word; a multilingual embedder")
        archive.add([Article(key="fi", name="fi", text="Hallitus korottaa veroa.", language="fi")])
        assert notes(archive)[0].startswith("The embedder does not know Finnish:")
        archive.embedder.languages = None
        assert notes(archive) == []


def test_an_archive_of_an_earlier_version_is_made_anew(tmp_path: Path) -> None:
    with Archive(tmp_path, English()) as archive:
        archive.add([SWEDISH])
        archive.database.set_meta("glosses", "")
        archive.add([ENGLISH])
        assert "dateline reindex" in notes(archive)[-1]
        archive.reindex()
        assert archive.database.get_meta("glosses") == VERSION
        assert len(notes(archive)) == 1
