"""Embedders: what is put before questions and passages, and how much a model reads."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import retrieval
from index.archive import Archive
from index.embedding import SentenceTransformerEmbedder
from index.errors import EmbedderMismatch, UsageError
from index.model_prompts import Prompts, family, prompts_for
from index.schema import Article, Filter
from index.short_texts import ShortTexts, fits
from tests.embedders import HashingEmbedder
from tests.tiny import tiny_embedder, tiny_encoder

SEARCH = "Represent this sentence for searching relevant passages: "
TASK = "Given a web search query, retrieve relevant passages that answer the query"


@pytest.mark.parametrize(
    ("model", "query", "passage", "languages"),
    [
        ("intfloat/e5-small-v2", "query: ", "passage: ", {"en"}),
        ("intfloat/multilingual-e5-small", "query: ", "passage: ", None),
        ("/models/multilingual-e5-base/", "query: ", "passage: ", None),
        ("intfloat/multilingual-e5-large-instruct", f"Instruct: {TASK}\nQuery: ", "", None),
        ("intfloat/e5-mistral-7b-instruct", f"Instruct: {TASK}\nQuery: ", "", None),
        ("BAAI/bge-small-en-v1.5", SEARCH, "", {"en"}),
        ("BAAI/bge-m3", "", "", None),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: ", {"en"}),
        ("sentence-transformers/all-MiniLM-L6-v2", "", "", {"en"}),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", "", "", None),
        ("KBLab/sentence-bert-swedish-cased", "", "", None),
    ],
)
def test_known_families(model: str, query: str, passage: str, languages: set[str] | None) -> None:
    assert prompts_for(model, {"query": "", "document": ""}) == Prompts(query, passage)
    found = family(model)
    assert (set(found.languages) if found and found.languages else None) == languages


def test_the_packaged_model_knows_english_and_wants_no_prompts() -> None:
    for name in ("packaged", "all-MiniLM-L6-v2"):  # as the setting has it, and as an index does
        assert SentenceTransformerEmbedder(name).languages == frozenset({"en"})
    assert prompts_for("all-MiniLM-L6-v2", {}) == Prompts()


def test_what_a_model_declares_goes_before_the_table_and_settings_before_both() -> None:
    declared = {"query": "q> ", "document": "", "passage": "p> ", "clustering": "c> "}
    assert prompts_for("e5-base", declared) == Prompts("q> ", "p> ")
    assert prompts_for("any", {"retrieval.query": "q> "}) == Prompts("q> ", "")
    assert prompts_for("e5-base", declared, query="mine ") == Prompts("mine ", "p> ")
    assert prompts_for("e5-base", declared, "", "") == Prompts()


def test_an_unknown_model_that_follows_instructions_has_to_be_told() -> None:
    with pytest.raises(UsageError, match="DATELINE_QUERY_PROMPT"):
        prompts_for("hkunlp/instructor-base", {"query": "", "document": ""})
    assert prompts_for("hkunlp/instructor-base", {}, query="Represent: ").query == "Represent: "


def test_a_model_made_here_reads_its_own_prompts(tmp_path: Path) -> None:
    path = tiny_embedder(tmp_path, query="query: ", passage="passage: the ")
    model, bare = (
        SentenceTransformerEmbedder(str(path)),
        SentenceTransformerEmbedder(str(path), query_prompt="", passage_prompt=""),
    )
    assert model.prompts == Prompts("query: ", "passage: the ")
    assert (model.dimension, bare.max_tokens) == (16, 128)
    assert model.max_tokens == 128 - model.count("passage: the ") == 125
    text = "the council voted"
    passages, question = model.embed([text, "a red house"]), model.embed_question(text)
    assert passages.shape == (2, 16) and question.shape == (16,)
    assert passages.dtype == question.dtype == np.float32
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    prompted = bare.embed([f"passage: the {text}", "passage: the a red house"])
    assert np.allclose(passages, prompted, atol=1e-5)
    assert question @ bare.embed([f"query: {text}"])[0] > 0.999  # half as exact, at times
    assert not np.allclose(question, passages[0], atol=1e-3)
    assert model.embed([]).shape == (0, 16)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model as the library has it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(tiny_embedder(tmp_path_factory.mktemp("tiny"))), device="cpu")


@pytest.mark.parametrize("text", ["the council voted", "budget " * 300, "", "?"])
def test_a_question_has_the_vector_that_the_library_gives_it(tiny: Any, text: str) -> None:
    assert fits(tiny)
    expected = tiny.encode([text], prompt="query: ", normalize_embeddings=False)[0]
    found = np.asarray(ShortTexts(tiny, half=False).vector(text, "query: "))
    assert np.allclose(found, expected, atol=1e-5)
    half = np.asarray(ShortTexts(tiny, half=True).vector(text, "query: "))
    assert half @ expected / np.linalg.norm(half) / np.linalg.norm(expected) > 0.999


def test_other_layers_are_left_to_the_library(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(tiny_embedder(tmp_path)), device="cpu")
    model[0].auto_model.config.hidden_act = "relu"
    assert not fits(model)


def test_passages_fit_what_the_model_reads(tmp_path: Path) -> None:
    path = tiny_embedder(tmp_path / "m", longest=110, passage="passage: ")
    embedder = SentenceTransformerEmbedder(str(path))
    text = "The council voted on the budget of the house. " * 60
    with Archive(tmp_path / "data", embedder) as archive:
        archive.add([Article("k", "n", text, title="the red house " * 40)])
        hits = retrieval.search(archive, "Who voted?", Filter(), 50)
    assert len(hits) > 5
    longest = max(embedder.count(hit.passage.text) for hit in hits)
    assert longest + 64 + 2 + embedder.count("passage: ") <= 110


def test_a_model_that_reads_too_little_or_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    short = SentenceTransformerEmbedder(str(tiny_embedder(tmp_path / "short", longest=64)))
    with pytest.raises(UsageError, match="reads only 64 word pieces"):
        short.max_tokens  # noqa: B018
    broken = tiny_encoder(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"not weights")
    for model in (str(broken), str(tmp_path / "nowhere")):
        with pytest.raises(UsageError, match="DATELINE_EMBEDDER"):
            SentenceTransformerEmbedder(model).dimension  # noqa: B018


def test_an_index_of_other_prompts_is_refused(tmp_path: Path) -> None:
    first, second = (HashingEmbedder(prompts=Prompts("q", passage)) for passage in ("a: ", "b: "))
    article = Article("k", "n", "The council voted.")
    with Archive(tmp_path, first) as archive:
        archive.add([article])
    with Archive(tmp_path, HashingEmbedder(prompts=Prompts("other", "a: "))) as archive:
        assert retrieval.search(archive, "council", Filter(), 1)  # questions may change
    with Archive(tmp_path, second) as archive:
        with pytest.raises(EmbedderMismatch, match="'a: '.*'b: '.*reindex"):
            retrieval.search(archive, "council", Filter(), 1)
        with pytest.raises(EmbedderMismatch, match="DATELINE_PASSAGE_PROMPT"):
            archive.add([Article("l", "m", "The mayor spoke.")])
        assert archive.database.counts()[0] == 1
