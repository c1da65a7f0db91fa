"""Dateline in LlamaIndex, and LlamaIndex's node postprocessors in Dateline.

A home of LlamaIndex beside `index.splitting`. Imported only by those who use it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index import reranking
from index.archive import Archive
from index.reranking import Reranker
from index.retrieval import search
from index.schema import Filter, Hit
from index.times import window

HIDDEN = ["article_id", "start", "end"]  # no use to a language model


class DatelineRetriever(BaseRetriever):
    """The passages of an archive for any query engine, chat engine or evaluator of LlamaIndex.

    >>> from llama_index.core.llms import MockLLM
    >>> from llama_index.core.query_engine import RetrieverQueryEngine
    >>> retriever = DatelineRetriever(archive, k=3)
    >>> engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
    >>> response = engine.query("By how much do taxes rise?")
    >>> [node.metadata["title"] for node in response.source_nodes][0]
    'Budget passed at night'

    Each node has the passage's text, its score and as metadata `article_id`, `article` (its name),
    `title`, `outlet`, `date`, `url`, `start` and `end` (in the article's text).
    """

    def __init__(
        self,
        archive: Archive,
        k: int = 10,
        allowed: Filter = Filter(),  # noqa: B008 (it cannot change)
        reranker: Reranker | None = None,
    ) -> None:
        """k: how many passages; allowed: the articles that may be used, all by default."""
        super().__init__()
        self._archive = archive
        self._k = k
        self._allowed = allowed
        self._reranker = reranker

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        wished = window(question, date.today(), self._archive.database.span())
        hits = search(self._archive, question, self._allowed, self._k, wished, self._reranker)
        return [node_of(hit) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class PostprocessorReranker:
    """Any node postprocessor of LlamaIndex as a reranker; its scores count where it gives any."""

    def __init__(self, postprocessor: BaseNodePostprocessor, first: int = reranking.FIRST) -> None:
        self.name = postprocessor.class_name()
        self.first = first
        self._postprocessor = postprocessor

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits that the postprocessor leaves, in its order; what it adds is left out."""
        known = {hit.passage.id: hit for hit in hits}
        nodes = [node_of(hit) for hit in hits]
        given = self._postprocessor.postprocess_nodes(nodes, query_str=question)
        found = [(known[n.node.node_id], n.score) for n in given if n.node.node_id in known]
        return [hit if score is None else replace(hit, score=score) for hit, score in found]


def node_of(hit: Hit) -> NodeWithScore:
    """The hit as LlamaIndex has it; the node's id is the passage's."""
    article, passage = hit.article, hit.passage
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "article_id": article.id,
            "article": article.name,
            "title": article.title,
            "outlet": article.outlet,
            "date": article.written,
            "url": article.url,
            "start": passage.start,
            "end": passage.end,
        },
        excluded_llm_metadata_keys=HIDDEN,
        excluded_embed_metadata_keys=HIDDEN,
    )
    return NodeWithScore(node=node, score=hit.score)
