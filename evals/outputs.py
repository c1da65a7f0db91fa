"""The files of a finished run, beside the results themselves; a run's folder stands by itself."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from evals import case as cases
from evals import judging, junit, markdown, report, result, summary
from evals.case import CASE, Case
from evals.summary import Pair, Summary
from index.errors import UsageError

CASES, RESULTS, PLAN = "cases.jsonl", "results.jsonl", "run.json"
MADE = (CASES, "summary.json", "summary.md", "junit.xml", "report.html")  # from the results


def write(out: Path, pairs: Sequence[Pair], figures: Summary) -> None:
    """All that can be made from cases and their results."""
    made = (
        "".join(_line(case) for case, _ in pairs),
        summary.encode(figures),
        markdown.render(figures, pairs),
        junit.render(figures, pairs),
        report.render(figures, pairs),
    )
    for name, text in zip(MADE, made, strict=True):
        replace(out / name, text.encode("utf-8", "replace"))


def read(out: Path, set_: Path | None = None) -> list[Pair]:
    """The cases of a finished run with their results. Raises UsageError.

    `set_`: where the cases are, for a run of a version that did not keep them.
    """
    if set_ is None and not (out / CASES).exists():
        raise UsageError(f"{out} does not hold its questions: name their set with --set.")
    known = cases.load(set_ or out / CASES)
    rows = {row.id: row for line in _lines(out / RESULTS) if (row := result.decode(line))}
    if missing := [case.id for case in known if case.id not in rows]:
        raise UsageError(
            f"{out} lacks results of {len(missing)} questions ({', '.join(missing[:5])}): "
            "go on with `dateline eval run`, or name the right set."
        )
    return [(case, rows[case.id]) for case in known]


def remake(out: Path, set_: Path | None = None) -> Summary:
    """Score a finished run anew, by the metrics of today, and write its files again."""
    pairs, before = read(out, set_), summary.read(out)
    figures = summary.summarise(
        pairs,
        set=before.set,
        config=before.config,
        retrieval_only=before.retrieval_only,
        finished=before.finished,
        judgements=judging.read(out),
    )
    write(out, pairs, figures)
    return figures


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _line(case: Case) -> str:
    row = CASE.dump_python(case, mode="json", exclude_defaults=True)
    return json.dumps(row, ensure_ascii=False) + "\n"


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UsageError(f"Cannot read {path} ({error.strerror}).") from None
