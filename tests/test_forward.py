"""The forward index: what it keeps of a passage's words is what reading them anew would give."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index import forward, retrieval
from index.archive import Archive
from index.database import ARCHIVE
from index.lexical import stems
from index.schema import Article, Filter, Passage
from tests.embedders import HashingEmbedder

TEXTS = st.lists(st.text("harbou tnl.!\n”", max_size=60), max_size=5)


def stored(text: str, title: str = "", language: str | None = "en") -> bytes:
    article = Article("k", "n", text, title, language=language)
    return forward.row(Passage("p", article.id, 0, len(text), text), article)


@given(TEXTS, st.text("portal ", max_size=20))
def test_rows_hold_every_word_in_its_place(texts: list[str], title: str) -> None:
    rows = forward.rows([stored(text, title) for text in texts])
    told = [[forward.number(stem) for stem in stems(text, "en")] for text in texts]
    assert rows.numbers.tolist() == [n for numbers in told for n in numbers]
    assert rows.owner.tolist() == [n for n, numbers in enumerate(told) for _ in numbers]
    assert rows.lengths.tolist() == [len(numbers) for numbers in told]
    header = [forward.number(stem) for stem in stems(title, "en")]
    assert rows.header.tolist() == header * len(texts)
    assert rows.header_lengths.tolist() == [len(header)] * len(texts)
    assert (np.diff(rows.sentence) >= 0).all()
    assert (rows.sentences[rows.sentence] == rows.owner).all()
    assert np.unique(rows.sentences).tolist() == list(range(len(texts))), "each has a sentence"


def test_sentences_are_told_apart() -> None:
    rows = forward.rows([stored("It rose. It fell."), stored("It went on.")])
    assert rows.sentence.tolist() == [0, 0, 1, 1, 2, 2, 2]
    assert rows.sentences.tolist() == [0, 0, 1]


def test_words_are_stemmed_in_the_language_of_their_article() -> None:
    one, other = (forward.rows([stored("färjorna", language=each)]) for each in ("sv", "en"))
    assert one.numbers.tolist() == [forward.number(*stems("färjorna", "sv"))]
    assert one.numbers.tolist() != other.numbers.tolist()


def test_an_archive_from_before_gets_its_forward_index(tmp_path: Path) -> None:
    texts = {"a": "The harbour was closed.", "b": "Coffee rose.", "c": "The harbour tunnel."}
    with Archive(tmp_path, HashingEmbedder()) as archive:
        archive.add([Article(key, key, text, language="en") for key, text in texts.items()])
        before = retrieval.trace(archive, "harbour tunnel", Filter(), 3)
    with closing(sqlite3.connect(tmp_path / ARCHIVE)) as connection, connection:
        connection.execute("DROP TABLE words")
        connection.execute("DELETE FROM meta WHERE key = 'words'")
    with Archive(tmp_path, HashingEmbedder()) as archive:
        after = retrieval.trace(archive, "harbour tunnel", Filter(), 3)
        assert np.array_equal(after.seen.features, before.seen.features)
        assert after.hits == before.hits
    with closing(sqlite3.connect(tmp_path / ARCHIVE)) as connection, connection:
        connection.execute("DELETE FROM words WHERE rowid = 2")  # as a version without them adds
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert len(archive.database.stubs(archive.database.passage_ids()).words) == 3
        archive.delete("a")
    with closing(sqlite3.connect(tmp_path / ARCHIVE)) as connection:
        assert connection.execute("SELECT count(*) FROM words").fetchone() == (2,)
