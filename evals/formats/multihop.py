"""MultiHop-RAG's own files (arXiv 2401.15391): questions with an `evidence_list`, and corpus.json.

Articles go by their addresses. A question of the type "null_query" has no answer in the corpus.
"""

from pathlib import Path
from typing import Any

from evals.formats.gathered import Gathered, Wrong
from evals.formats.source import Source, json_of
from index.errors import UsageError

NULL = "null_query"


def accepts(source: Source) -> bool:
    """A JSON file whose first record has an evidence_list, or a folder with it and corpus.json."""
    return _questions(source) is not None


def read(source: Source, into: Gathered) -> None:
    """Read the cases, and the articles where corpus.json lies beside them."""
    questions = _questions(source)
    if questions is None:
        raise UsageError(f"{source.path} is not in MultiHop-RAG's form: it has no 'evidence_list'.")
    for number, record in enumerate(questions.records, 1):
        try:
            into.case(f"record {number}", _case(record, number))
        except Wrong as wrong:
            into.wrong(f"record {number}", str(wrong))
    corpus = questions.path.with_name("corpus.json")
    if not corpus.is_file():
        into.notes.append(f"There is no {corpus}: the questions come without their articles.")
        return
    for number, article in enumerate(_list(corpus), 1):
        _article(f"corpus.json record {number}", article, into)


def _questions(source: Source) -> Source | None:
    """The file with the questions: the path itself, or the one in a folder beside corpus.json."""
    if not source.path.is_dir():
        return source if source.suffix == ".json" and "evidence_list" in source.head else None
    if not (source.path / "corpus.json").is_file():
        return None
    others = [path for path in sorted(source.path.glob("*.json")) if path.name != "corpus.json"]
    found = [one for one in map(Source, others) if "evidence_list" in one.head]
    return found[0] if len(found) == 1 else None


def _list(path: Path) -> list[Any]:
    value = json_of(path)
    if not isinstance(value, list):
        raise UsageError(f"{path} holds no list of articles.")
    return value


def _case(record: Any, number: int) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise Wrong("must be an object in braces")
    for name in ("query", "answer", "question_type"):
        if not isinstance(record.get(name), str):
            raise Wrong(f"'{name}' is missing or no text")
    null = record["question_type"] == NULL
    evidence = record.get("evidence_list")
    if not isinstance(evidence, list) or not (evidence or null):
        raise Wrong("'evidence_list' is missing or empty")
    return {
        "id": f"q{number:04}",
        "type": record["question_type"].removesuffix("_query"),
        "question": record["query"],
        "language": "en",
        "answerable": not null,
        "facts": [] if null else [[record["answer"].strip()]],
        "evidence": [_evidence(each) for each in evidence],
    }


def _evidence(item: Any) -> dict[str, str]:
    """A gold sentence; what is no text is for the check of the case to refuse."""
    if not isinstance(item, dict) or not (item.get("url") or item.get("title")):
        raise Wrong("evidence without 'url' or 'title'")
    return {"article": item.get("url") or item["title"], "quote": item.get("fact") or ""}


def _article(place: str, article: Any, into: Gathered) -> None:
    if not isinstance(article, dict) or not (article.get("url") or article.get("title")):
        into.wrong(place, "an article without 'url' or 'title'")
        return
    into.article(
        place,
        {
            "id": article.get("url") or article["title"],
            "title": article.get("title"),
            "text": article.get("body"),
            "published": article.get("published_at"),
            "outlet": article.get("source"),
            "author": article.get("author"),
            "url": article.get("url"),
            "language": "en",
        },
    )
