"""Sets of questions in others' forms, written to files."""

import json
from pathlib import Path
from typing import Any

from evals.formats.articles import write
from index import sources
from index.schema import Article


def as_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def as_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
    return path


def ingested(path: Path, gathered_articles: Any) -> list[Article]:
    write(path, gathered_articles)
    found = list(sources.read(path))
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def squad(*questions: Any, title: str = "Old_Mill") -> dict[str, Any]:
    context = "The mill was built in 1820. It burnt down in 1901, and Ann Lee rebuilt it."
    second = {"context": "A museum now.", "qas": []}
    paragraphs = [{"context": context, "qas": list(questions)}, second]
    return {"version": "v2.0", "data": [{"title": title, "paragraphs": paragraphs}]}
