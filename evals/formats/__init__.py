"""Sets of questions in other forms than ours, in and out. One file per form.

A form is a module with `accepts` (is it certainly this?) and `read`; those that can be written have
`write` too. To add one, write the module and give it a line in FORMATS.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.case import Case
from evals.formats import beir, multihop, own, plain, squad, table
from evals.formats.gathered import Article, Gathered
from evals.formats.source import Source
from index.errors import UsageError

__all__ = ["FORMATS", "Gathered", "export", "gather", "load"]

Write = Callable[[Path, Sequence[Case], Sequence[Article]], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A form that sets of questions come in."""

    accepts: Callable[[Source], bool]  # True only where it can be nothing else
    read: Callable[[Source, Gathered], None]
    write: Write | None = None


FORMATS: Mapping[str, Format] = {
    "dateline": Format(own.accepts, own.read, own.write),
    "csv": Format(table.accepts, table.read, table.write),
    "qa": Format(plain.accepts, plain.read, plain.write),
    "beir": Format(beir.accepts, beir.read, beir.write),
    "squad": Format(squad.accepts, squad.read),
    "multihop-rag": Format(multihop.accepts, multihop.read),
}


def gather(path: Path, form: str | None = None) -> Gathered:
    """All that a set holds, with what is wrong in it. Raises UsageError if it is no set at all."""
    source = Source(path)
    gathered = Gathered(path)
    _format(form or _recognise(source)).read(source, gathered)
    if not gathered.cases and not gathered.faults:
        raise UsageError(f"{path} holds no questions.")
    return gathered


def load(path: Path, form: str | None = None) -> Gathered:
    """The same, where any fault is a UsageError that tells them all and how many are good."""
    gathered = gather(path, form)
    gathered.check()
    return gathered


def export(form: str, path: Path, cases: Sequence[Case], articles: Sequence[Article]) -> None:
    """Write cases in another form; a UsageError names the case that the form cannot hold."""
    write = _format(form).write
    if write is None:
        able = ", ".join(name for name, known in FORMATS.items() if known.write)
        raise UsageError(f"Sets can be read as '{form}', not written: choose one of {able}.")
    write(path, cases, articles)


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(f"There is no form '{name}': choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def _recognise(source: Source) -> str:
    found = [name for name, known in FORMATS.items() if known.accepts(source)]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"Cannot tell what form {source.path} has: say it with --from ({', '.join(FORMATS)})."
    )
