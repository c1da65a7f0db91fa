"""Passages are slices of their article, in order, and fit the embedder."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.schema import Article
from index.sentences import sentence_spans
from index.splitting import MAX_PASSAGE_TOKENS, split

WORDS = st.lists(
    st.sampled_from(
        ["Rain", "fell", "in", "Oslo.", "“Yes,”", "she", "said.", "3.5", "\n\n", "U.S."]
    ),
    max_size=400,
)


def words(text: str) -> int:
    return len(text.split())


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_passages_are_slices_and_lose_nothing(tokens: list[str]) -> None:
    article = Article("k", "n", " ".join(tokens).strip(), title="A title")
    passages = split(article, words, 64)
    assert all(article.text[p.start : p.end] == p.text for p in passages)
    assert all(a.end <= b.start for a, b in zip(passages, passages[1:], strict=False))
    assert "".join("".join(p.text.split()) for p in passages) == "".join(article.text.split())
    assert all(words(p.text) <= 62 for p in passages)
    assert len({p.id for p in passages}) == len(passages)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_sentences_are_stripped_and_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Mr. Lee of the U.S. Treasury came on Dec. 1 by train. He left."
    assert [text[a:b] for a, b in sentence_spans(text, "en")] == [
        "Mr. Lee of the U.S. Treasury came on Dec. 1 by train.",
        "He left.",
    ]


@pytest.mark.parametrize("text", ["", " \n ", ". " * 20_000, "x" * 50_000, "a b " * 20_000])
def test_hostile_texts_are_split_all_the_same(text: str) -> None:
    article = Article("k", "n", text)
    for passage in split(article, words, 256):
        assert passage.text == text[passage.start : passage.end] != ""
        assert words(passage.text) <= MAX_PASSAGE_TOKENS


def test_a_long_header_leaves_room_for_the_passage() -> None:
    article = Article("k", "n", "Rain fell in Oslo. " * 100, title="word " * 400)
    assert all(words(p.text) > 100 for p in split(article, words, 256)[:-1])
