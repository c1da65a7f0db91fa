"""What an embedder wants to read before a question and before a passage.

A model says it itself, in the `prompts` of its config_sentence_transformers.json; for well-known
ones that do not there is a table, from their model cards. Settings go before both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.errors import UsageError

_SEARCH = "Represent this sentence for searching relevant passages: "
_TASK = "Given a web search query, retrieve relevant passages that answer the query"
_INSTRUCT = f"Instruct: {_TASK}\nQuery: "
# Names under which models keep their prompts, the most telling first.
_OF_QUESTION = ("query", "search_query", "retrieval.query", "s2p_query", "web_search_query")
_OF_PASSAGE = ("document", "passage", "corpus", "search_document", "retrieval.passage")


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is put before each text, as it is: with the space at its end, if it wants one."""

    query: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are used alike; `name` matches the last part of their names."""

    name: re.Pattern[str]
    prompts: Prompts
    languages: frozenset[str] | None  # two letters each; None means that they know many


def _family(name: str, query: str, passage: str, *languages: str) -> Family:
    known = frozenset(languages) or None
    return Family(re.compile(name, re.IGNORECASE), Prompts(query, passage), known)


# The first that matches counts.
FAMILIES = (
    _family(r"(multilingual-)?e5-.*instruct", _INSTRUCT, ""),
    _family(r"multilingual-e5-", "query: ", "passage: "),
    _family(r"e5-(small|base|large)", "query: ", "passage: ", "en"),
    _family(r"bge-(small|base|large)-en", _SEARCH, "", "en"),
    _family(r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", "", "zh"),
    _family(r"mxbai-embed-large", _SEARCH, "", "en"),
    _family(r"snowflake-arctic-embed-(xs|s|m|l)(-v1\.5)?$", _SEARCH, "", "en"),
    _family(r"nomic-embed-text-v1", "search_query: ", "search_document: ", "en"),
    _family(r"nomic-embed-text-v2", "search_query: ", "search_document: "),
    _family(r"qwen3-embedding", f"Instruct: {_TASK}\nQuery:", ""),
    _family(r"embeddinggemma", "task: search result | query: ", "title: none | text: "),
    _family(r"(all|multi-qa)-(minilm|mpnet|distilbert|distilroberta)", "", "", "en"),
    _family(r"gte-(small|base|large)$", "", "", "en"),
)


def family(model: str) -> Family | None:
    """The family of a model by its name or path, or None if it is of none that is known."""
    last = model.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return next((known for known in FAMILIES if known.name.match(last)), None)


def prompts_for(
    model: str,
    declared: Mapping[str, str],
    query: str | None = None,
    passage: str | None = None,
) -> Prompts:
    """The prompts of a model that declares these; query and passage go before them if not None.

    Raises UsageError for a model that wants an instruction which nobody has given.
    """
    known = family(model)
    found = Prompts(_named(declared, _OF_QUESTION), _named(declared, _OF_PASSAGE))
    if found == Prompts() and known:
        found = known.prompts
    if found == Prompts() and query is None and _wants_instruction(model):
        raise UsageError(
            f"The embedder '{model}' follows instructions but declares none for search: say what "
            "stands before a question with DATELINE_QUERY_PROMPT (empty for nothing)."
        )
    return Prompts(
        found.query if query is None else query, found.passage if passage is None else passage
    )


def _named(declared: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((declared[name] for name in names if declared.get(name)), "")


def _wants_instruction(model: str) -> bool:
    return bool(re.search(r"\binstruct", model.rpartition("/")[2], re.IGNORECASE))
