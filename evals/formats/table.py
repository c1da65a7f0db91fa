"""Tables (CSV): a question a row, columns by their names in the first row.

`question` and `answer`, then as wanted `id`, `type`, `language`, `asked_at` (or `published`),
`answerable`, `article` and `quote`, `article_2` and `quote_2` ... The file may have commas,
semicolons or tabs between its cells. `answer` is as evals/formats/cells.py has it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from evals.case import Case, text_of
from evals.formats.cells import to_cell, to_facts
from evals.formats.gathered import Article, Gathered, Record, Wrong
from evals.formats.source import Source
from index.errors import UsageError

PLAIN = ("id", "type", "language", "asked_at", "since", "until", "as_of")
YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
OTHERS = {"query": "question", "answers": "answer", "published": "asked_at", "lang": "language"}
EVIDENCE = re.compile(r"(?:evidence_)?(article|quote)(?:_(\d+))?")
Row = dict[str, str]


def accepts(source: Source) -> bool:
    """By its name: what columns it has is for `read` to check."""
    return source.suffix in (".csv", ".tsv")


def read(source: Source, into: Gathered) -> None:
    """Read the cases."""
    rows = _rows(source.path)
    columns = next(rows, (0, []))[1]
    names = [_name(column) for column in columns]
    _check(source.path, columns, names, into)
    for count, (number, cells) in enumerate(rows, 1):
        try:
            if len(cells) > len(names):
                raise Wrong(f"{len(cells)} cells, but the first row has {len(names)}")
            into.case(f"line {number}", _case(dict(zip(names, cells, strict=False)), f"q{count}"))
        except Wrong as wrong:
            into.wrong(f"line {number}", str(wrong))


def write(path: Path, cases: Sequence[Case], articles: Sequence[Article]) -> None:
    """Write the cases; a UsageError names one that does not fit into a row."""
    most = max((len(case.evidence) for case in cases), default=0)
    names = [f"{name}{_suffix(n)}" for n in range(most) for name in ("article", "quote")]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["question", "answer", "answerable", *PLAIN, *names])
        table.writeheader()
        for case in cases:
            table.writerow(_row(case))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it begins on."""
    text = text_of(path).replace("\r\n", "\n")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}, line {begins}: not CSV ({error}).") from None


def _name(column: str) -> str:
    plain = column.strip().casefold().replace(" ", "_")
    return OTHERS.get(plain, plain)


def _check(path: Path, columns: Sequence[str], names: Sequence[str], into: Gathered) -> None:
    known = {"question", "answer", "answerable", *PLAIN}
    for wanted in ("question", "answer"):
        if wanted not in names:
            close = get_close_matches(wanted, names, n=1)
            hint = f" (is it '{close[0]}'?)" if close else ""
            raise UsageError(f"{path} has no column '{wanted}'{hint}: name it in the first row.")
    if len(set(names)) < len(names):
        raise UsageError(f"{path} has two columns of one name: give each its own.")
    unused = [
        column
        for column, name in zip(columns, names, strict=True)
        if name not in known and not EVIDENCE.fullmatch(name)
    ]
    if unused:
        into.notes.append(f"Columns that were not used: {', '.join(unused)}.")


def _case(row: Row, id: str) -> Record:
    record: dict[str, object] = {name: row[name] for name in PLAIN if row.get(name)}
    facts = to_facts(row.get("answer", ""))
    record |= {"id": row.get("id") or id, "question": row.get("question", ""), "facts": facts}
    said = row.get("answerable", "").casefold()
    if said and said not in YES:
        raise Wrong(f"'answerable' is '{said}': write yes or no")
    if not said and not facts:
        raise Wrong("has no answer: give one, or write no in a column 'answerable'")
    return record | {"answerable": YES.get(said, True), "evidence": _evidence(row)}


def _evidence(row: Row) -> list[Row]:
    found: dict[int, Row] = {}
    for name, cell in row.items():
        if cell and (match := EVIDENCE.fullmatch(name)):
            found.setdefault(int(match[2] or 1), {})[match[1]] = cell
    for number, evidence in found.items():
        if "article" not in evidence:
            raise Wrong(f"quote{_suffix(number - 1)} has no article{_suffix(number - 1)} beside it")
    return [found[number] for number in sorted(found)]


def _suffix(n: int) -> str:
    return f"_{n + 1}" if n else ""


def _row(case: Case) -> Row:
    if case.history or case.outlets or case.status:
        raise UsageError(f"{case.id}: history, outlets and drafts do not fit into a table.")
    try:
        answer = to_cell(case.facts)
    except ValueError as error:
        raise UsageError(f"{case.id} does not fit into a table: {error}.") from None
    row = {"question": case.question, "answer": answer}
    row["answerable"] = "yes" if case.answerable else "no"
    row |= {name: str(getattr(case, name) or "") for name in PLAIN}
    for n, evidence in enumerate(case.evidence):
        row |= {f"article{_suffix(n)}": evidence.article, f"quote{_suffix(n)}": evidence.quote}
    for name, cell in row.items():
        if cell != cell.strip() or "\r" in cell:
            raise UsageError(f"{case.id} does not fit into a table: outer white space in '{name}'.")
    return row
