"""Rerankers: whatever puts hits in order keeps to the same contract."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UsageError
from index.reranking import CrossEncoderReranker, Reranker, reranked
from index.schema import Article, Hit, Passage
from service.app import build_reranker
from service.reader import Reading
from service.reader_reranking import FIRST, ReaderReranker
from service.settings import load
from tests.rerankers import ShortestFirst
from tests.tiny import pickled, tiny_cross_encoder, tiny_encoder


def hits(texts: list[str]) -> list[Hit]:
    """Hits on these texts with falling scores."""
    articles = [Article(f"k{n}", f"{n}", text) for n, text in enumerate(texts)]
    return [
        Hit(Passage(f"{n}", a.id, 0, len(a.text), a.text), a, -float(n), {"dense": 0.5})
        for n, a in enumerate(articles)
    ]


def holds(reranker: Reranker, given: list[Hit]) -> list[Hit]:
    """Rerank, and look whether the contract is kept."""
    found = reranked("Who voted?", given, reranker)
    assert sorted(hit.passage.id for hit in found) == sorted(hit.passage.id for hit in given)
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    after = slice(reranker.first, None)
    assert [hit.passage.id for hit in found[after]] == [hit.passage.id for hit in given[after]]
    assert all(hit.parts["dense"] == 0.5 for hit in found)
    return found


texts = st.lists(st.text("abc ", min_size=1, max_size=30), max_size=12)


@given(texts, st.integers(1, 15))
def test_only_the_first_change_places(written: list[str], first: int) -> None:
    found = holds(ShortestFirst(first), hits(written))
    lengths = [len(hit.passage.text) for hit in found[:first]]
    assert lengths == sorted(lengths)


def test_without_a_reranker_nothing_changes() -> None:
    assert reranked("Who?", given := hits(["a", "bb"]), None) == given
    assert reranked("Who?", [], ShortestFirst()) == []


def test_what_a_reranker_leaves_out_lets_nothing_worse_in() -> None:
    found = reranked("Who?", hits(["aaa", "a", "aa", "a"]), ShortestFirst(first=3, most=2))
    assert [hit.passage.text for hit in found] == ["a", "aa"]


def test_a_cross_encoder_puts_passages_in_the_order_of_its_scores(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny_cross_encoder(tmp_path)), first=4)
    given = hits(["the council voted", "a red house", "the vote of the council", "a", "more"])
    found = holds(reranker, given)
    assert all(hit.parts["reranker"] == hit.score for hit in found[:4])
    assert len({hit.score for hit in found[:4]}) > 1
    again = {h.passage.id: h.score for h in reranked("Who voted?", given[:1], reranker)}
    assert again["0"] == pytest.approx(next(h.score for h in found if h.passage.id == "0"))


def test_what_is_no_cross_encoder_is_refused_at_once(tmp_path: Path) -> None:
    broken = tiny_cross_encoder(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"not weights")
    for model, says in (
        (tmp_path / "nowhere", "cannot be loaded"),
        (broken, "cannot be loaded"),
        (pickled(tiny_cross_encoder(tmp_path / "pickle"), tmp_path / "canary"), "cannot be loaded"),
        (tiny_encoder(tmp_path / "encoder"), "is no cross-encoder but a BertModel"),
        (tiny_cross_encoder(tmp_path / "three", labels=3), "gives 3 scores"),
    ):
        with pytest.raises(UsageError, match=says) as told:
            build_reranker(load(reranker=str(model)))
        assert "DATELINE_RERANKER" in str(told.value)
    assert not (tmp_path / "canary").exists()


class Finds:
    """Sees an answer where its word stands; counts what it read."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.count = 0

    def read(self, question: str, passages: Sequence[str], ranges: object = None) -> list[Reading]:
        self.count += len(passages)
        chances = [0.95 if self.word in passage else 0.05 for passage in passages]
        return [Reading(0, 0, 0.0, chance) for chance in chances]


@given(texts, st.integers(1, 30))
def test_the_reader_moves_up_what_it_finds_an_answer_in(written: list[str], first: int) -> None:
    reranker = ReaderReranker(reader := Finds("a"), first)
    given = [replace(hit, score=0.0) for hit in hits(written)]
    found = holds(reranker, given)
    assert reader.count == min(len(written), first, FIRST)
    read = ["a" in hit.passage.text for hit in found[: reranker.first]]
    assert read == sorted(read, reverse=True)


def test_the_reader_leaves_alone_what_it_cannot_read() -> None:
    given = [
        replace(hit, article=replace(hit.article, language="de")) for hit in hits(["b", "a", "c"])
    ]
    reranker = ReaderReranker(reader := Finds("a"))
    assert reranker.rerank("Wer hat im Rat der Stadt abgestimmt?", given) == given
    assert reranker.rerank("Who voted in the city council?", given) == given
    assert reader.count == 0


def test_the_reader_is_named_by_the_setting() -> None:
    reranker = build_reranker(load(reranker="reader", reranked=10))
    assert isinstance(reranker, ReaderReranker)
    assert reranker.first == 10


def test_none_is_used_unless_one_is_named() -> None:
    assert build_reranker(load()) is None
