"""Our own form: a case a line, as evals/case.py has it."""

from collections.abc import Sequence
from pathlib import Path

from evals import case
from evals.case import Case
from evals.formats.gathered import Article, Gathered
from evals.formats.source import Source


def accepts(source: Source) -> bool:
    """Any .jsonl whose first record has no field that other forms have and ours lacks."""
    foreign = {"answer", "answers", "query", "ground_truth", "reference"}
    return source.suffix == ".jsonl" and not foreign & source.first.keys()


def read(source: Source, into: Gathered) -> None:
    """Read the cases."""
    numbered, into.faults = case.read(source.path)
    into.cases = [found for _, found in numbered]


def write(path: Path, cases: Sequence[Case], articles: Sequence[Article]) -> None:
    """Write the cases."""
    path.write_text("".join(f"{case.encode(each)}\n" for each in cases), encoding="utf-8")
