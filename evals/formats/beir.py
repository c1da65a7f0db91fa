"""A BEIR folder (arXiv 2104.08663): corpus.jsonl, queries.jsonl and judgements in qrels/*.tsv.

Only queries that somebody judged become cases, each with the articles found relevant (a score above
zero) as its evidence. There are no answers in it: such a set measures retrieval.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evals.case import Case, lines
from evals.formats.gathered import Article, Gathered, Wrong
from evals.formats.source import Source
from index.errors import UsageError

HEAD = "query-id\tcorpus-id\tscore"
Relevant = dict[str, dict[str, str]]  # article ids by query id, each with the split that says so


def accepts(source: Source) -> bool:
    """A folder with the three of them."""
    folder = source.path
    return (folder / "queries.jsonl").is_file() and (folder / "corpus.jsonl").is_file()


def read(source: Source, into: Gathered) -> None:
    """Read the cases and the articles."""
    if not accepts(source):
        raise UsageError(f"{source.path} is no BEIR folder: it has corpus.jsonl and queries.jsonl.")
    relevant = _judgements(source.path / "qrels", into)
    for place, record in _records(source.path / "corpus.jsonl", into):
        title, text = record.get("title"), record.get("text")
        # Some corpora have documents that are all title.
        into.article(place, {"id": record["_id"], "title": title, "text": text or title})
    known = {article["id"] for article in into.articles}
    unjudged = 0
    for place, record in _records(source.path / "queries.jsonl", into):
        if judged := relevant.pop(record["_id"], None):
            into.case(place, _case(record, judged))
            into.faults += [
                f"{place}: its article '{name}' is not in corpus.jsonl"
                for name in judged
                if name not in known
            ]
        else:
            unjudged += 1
    if unjudged:
        into.notes.append(f"{unjudged} queries without a relevant article were left out.")
    into.faults += [f"qrels: no query has the id '{name}'" for name in relevant]


def write(path: Path, cases: Sequence[Case], articles: Sequence[Article]) -> None:
    """Write a folder; a UsageError names a case that is more than a question and articles."""
    for case in cases:
        bare = Case(case.id, case.question, case.type, evidence=case.evidence)
        if case != bare or case.quotes or not case.evidence or not _plain(case):
            raise UsageError(
                f"{case.id} does not fit into BEIR, which has questions and relevant articles only."
            )
    (path / "qrels").mkdir(parents=True)
    _write(path / "corpus.jsonl", [_document(article) for article in articles])
    _write(path / "queries.jsonl", [{"_id": case.id, "text": case.question} for case in cases])
    for split in sorted({case.type for case in cases}):
        rows = [f"{c.id}\t{name}\t1" for c in cases if c.type == split for name in c.articles]
        text = "\n".join([HEAD, *rows, ""])
        (path / "qrels" / f"{split}.tsv").write_text(text, encoding="utf-8")


def _case(record: dict[str, Any], judged: dict[str, str]) -> dict[str, Any]:
    evidence = [{"article": name} for name in judged]
    split = next(iter(judged.values()))
    return {"id": record["_id"], "type": split, "question": record["text"], "evidence": evidence}


def _judgements(folder: Path, into: Gathered) -> Relevant:
    found: Relevant = {}
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise UsageError(f"{folder} holds no .tsv file with judgements.")
    for path in files:
        for number, line in lines(path):
            try:
                query, article, score = line.rstrip("\r").split("\t")
                if float(score) > 0:
                    found.setdefault(query, {})[article] = path.stem
            except ValueError:
                if number > 1:  # the first line names the columns
                    place = f"qrels/{path.name} line {number}"
                    into.wrong(place, "must be query id, article id and score, tabs between")
    return found


def _records(path: Path, into: Gathered) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records that have what every record must have."""
    for number, line in lines(path):
        place = f"{path.name} line {number}"
        try:
            yield place, _checked(json.loads(line))
        except (ValueError, Wrong) as error:
            into.wrong(place, str(error) if isinstance(error, Wrong) else f"not JSON ({error})")


def _checked(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise Wrong("must be an object in braces")
    for name in ("_id", "text"):
        if not isinstance(record.get(name), str):
            raise Wrong(f"'{name}' is missing or no text")
    return record


def _plain(case: Case) -> bool:
    """Whether its names can stand in a table with tabs, and its type as a file's name."""
    names = [case.id, *case.articles]
    whole = all(name == " ".join(name.split()) for name in names)
    return whole and case.type.replace("_", "").replace("-", "").isalnum()


def _document(article: Article) -> dict[str, Any]:
    return {"_id": article["id"], "title": article.get("title", ""), "text": article["text"]}


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
