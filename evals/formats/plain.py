"""Plain questions and answers: JSON Lines, or a JSON list of objects.

`answer` is text, or a list of ways to say one thing, or a list of such lists: several facts.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evals.case import Case, encode, lines
from evals.formats.gathered import Article, Gathered, Record, Wrong
from evals.formats.source import Source

QUESTION = ("question", "query")
ANSWER = ("answer", "answers", "ground_truth", "reference")
NAMES = {  # theirs: ours
    **dict.fromkeys(QUESTION, "question"),
    **dict.fromkeys(ANSWER, "answer"),
    **dict.fromkeys(("id", "_id", "qid"), "id"),
    **dict.fromkeys(("type", "question_type", "category"), "type"),
    **dict.fromkeys(("language", "lang"), "language"),
    **dict.fromkeys(("asked_at", "published"), "asked_at"),
    **{name: name for name in ("answerable", "evidence", "history", "article", "quote", "status")},
    **{name: name for name in ("since", "until", "as_of", "outlets")},
}


def accepts(source: Source) -> bool:
    """A question and an answer in the first record, and nothing that MultiHop-RAG has."""
    head = source.head.keys()
    return bool(head & set(QUESTION) and head & set(ANSWER)) and "evidence_list" not in head


def read(source: Source, into: Gathered) -> None:
    """Read the cases; fields that we have no place for are counted."""
    for number, (place, record) in enumerate(_records(source), 1):
        try:
            if isinstance(record, Wrong):
                raise record
            into.case(place, translate(record, f"q{number}", into))
        except Wrong as wrong:
            into.wrong(place, str(wrong))
    into.tell_unused()


def translate(record: Any, id: str, into: Gathered) -> Record:
    """A record in our form, with `id` where it has none."""
    if not isinstance(record, dict):
        raise Wrong("must be an object in braces")
    into.unused([name for name in record if name not in NAMES])
    row = {NAMES[name]: value for name, value in record.items() if name in NAMES}
    row = {name: value for name, value in row.items() if value is not None}
    row["facts"] = facts(row.pop("answer", None), row.get("answerable"))
    row["id"] = _text(row.get("id", id))
    if article := row.pop("article", None):
        row["evidence"] = [{"article": article, "quote": row.pop("quote", "")}]
    elif row.pop("quote", None):
        raise Wrong("a quote without its 'article'")
    return row


def facts(answer: Any, answerable: Any) -> list[list[Any]]:
    """The facts in an answer; no answer is a fault unless it is said that there is none."""
    found: list[list[Any]]
    if isinstance(answer, list) and answer and all(isinstance(each, list) for each in answer):
        found = answer
    else:
        forms = answer if isinstance(answer, list) else [answer]
        found = [[_text(form) for form in forms if form not in (None, "")]]
    found = [forms for forms in found if forms]
    if not found and answerable is None:
        raise Wrong('has no answer: give one, or say "answerable": false')
    return found


def write(path: Path, cases: Sequence[Case], articles: Sequence[Article]) -> None:
    """Write the cases as JSON Lines; every field of ours survives."""
    with path.open("w", encoding="utf-8") as file:
        for case in cases:
            row = json.loads(encode(case))
            named = {"id": row.pop("id"), "question": row.pop("question")}
            answers = {"answers": row.pop("facts")}
            file.write(json.dumps({**named, **answers, **row}, ensure_ascii=False) + "\n")


def _records(source: Source) -> Iterator[tuple[str, Any]]:
    if source.suffix == ".json":
        yield from ((f"record {n}", record) for n, record in enumerate(source.records, 1))
        return
    for number, line in lines(source.path):
        try:
            yield f"line {number}", json.loads(line)
        except ValueError as error:
            yield f"line {number}", Wrong(f"not JSON ({error})")


def _text(value: Any) -> Any:
    """A number as text; all else is left for the check to refuse."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number else value
