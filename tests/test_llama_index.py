"""Dateline as LlamaIndex knows it: a retriever, and postprocessors as rerankers."""

import asyncio
import doctest
from collections.abc import Iterator
from datetime import date

import pytest
from llama_index.core.evaluation import RetrieverEvaluator
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import LongContextReorder, SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from index import retrieval
from index.archive import Archive
from index.llama import DatelineRetriever, PostprocessorReranker
from index.schema import Filter
from index.times import window
from tests.fakes import BUDGET, small_archive
from tests.rerankers import ShortestFirst

QUESTION = "By how much do taxes rise?"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("data")) as opened:
        yield opened


def test_the_example_in_the_docstring_is_true(archive: Archive) -> None:
    found = doctest.DocTestFinder().find(DatelineRetriever, extraglobs={"archive": archive})
    runner = doctest.DocTestRunner()
    for example in found:
        runner.run(example)
    assert runner.summarize().attempted >= 6 and runner.summarize().failed == 0


def test_nodes_are_the_hits_of_the_search(archive: Archive) -> None:
    nodes = DatelineRetriever(archive, k=5).retrieve(QUESTION)
    hits = retrieval.search(archive, QUESTION, Filter(), 5, window(QUESTION, date.today()))
    assert [(n.node.node_id, n.score) for n in nodes] == [(h.passage.id, h.score) for h in hits]
    for node, hit in zip(nodes, hits, strict=True):
        told = node.metadata
        assert node.text == hit.article.text[told["start"] : told["end"]] == hit.passage.text
        assert (told["article_id"], told["url"]) == (hit.article.id, hit.article.url)
    budget = next(node for node in nodes if node.metadata["article_id"] == BUDGET.id)
    assert budget.metadata["date"] == "2024-02-20" and budget.metadata["outlet"] == "The Ledger"
    shown = budget.node.get_content(MetadataMode.LLM)
    assert BUDGET.title in shown and BUDGET.id not in shown


def test_async_gives_the_same(archive: Archive) -> None:
    retriever = DatelineRetriever(archive, k=5)
    assert asyncio.run(retriever.aretrieve(QUESTION)) == retriever.retrieve(QUESTION)


def test_filters_and_rerankers_hold(archive: Archive) -> None:
    only = DatelineRetriever(archive, allowed=Filter(outlets=("the ledger",)))
    assert {node.metadata["article"] for node in only.retrieve(QUESTION)} == {"budget.md"}
    fake = ShortestFirst()
    lengths = [len(n.text) for n in DatelineRetriever(archive, reranker=fake).retrieve(QUESTION)]
    assert lengths == sorted(lengths) and len(lengths) > 1 and fake.asked == [QUESTION]


def test_a_query_engine_sees_the_passages_that_a_postprocessor_leaves(archive: Archive) -> None:
    first = DatelineRetriever(archive).retrieve(QUESTION)[0]
    engine = RetrieverQueryEngine.from_args(
        DatelineRetriever(archive),
        llm=MockLLM(),
        node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=first.get_score())],
    )
    response = asyncio.run(engine.aquery(QUESTION))
    assert [node.node_id for node in response.source_nodes] == [first.node_id]
    assert first.text in str(response)  # the fake model says what it was told


def test_an_evaluator_can_use_it(archive: Archive) -> None:
    retriever = DatelineRetriever(archive, k=1)
    evaluator = RetrieverEvaluator.from_metric_names(["hit_rate", "mrr"], retriever=retriever)
    expected = [node.node_id for node in retriever.retrieve(QUESTION)]
    found = evaluator.evaluate(query=QUESTION, expected_ids=expected)
    assert found.metric_vals_dict == {"hit_rate": 1.0, "mrr": 1.0}


def test_any_postprocessor_is_a_reranker(archive: Archive) -> None:
    plain = retrieval.search(archive, QUESTION, Filter(), 5)
    cut = PostprocessorReranker(SimilarityPostprocessor(similarity_cutoff=plain[0].score))
    assert cut.name == "SimilarityPostprocessor"
    kept = retrieval.search(archive, QUESTION, Filter(), 5, reranker=cut)
    assert kept == plain[:1]
    moved = PostprocessorReranker(LongContextReorder(), first=2)
    found = retrieval.search(archive, QUESTION, Filter(), 5, reranker=moved)
    assert {hit.passage.id for hit in found} == {hit.passage.id for hit in plain}
