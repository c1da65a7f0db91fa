"""`dateline eval import`, `export`, `lint`, `draft`, `accept`, `feedback`: sets of questions."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import NotFound, UsageError
from service import settings as configuration
from service.eval_cli import Data, Form
from service.sets import DRAFTS, FEEDBACK, FOLDER, accepted

if TYPE_CHECKING:
    from evals.accepting import Drafts
    from evals.case import Case
    from index.database import Database

sets = typer.Typer()
Set = Annotated[Path, typer.Argument(metavar="SET", help="Evaluation set.")]
Out = Annotated[Path, typer.Option(help="File to write; it must not be there yet.")]


@sets.command("import")
def import_set(
    set_: Set,
    out: Out,
    form: Form = None,
    skip: Annotated[bool, typer.Option(help="Leave out what is wrong, and tell it.")] = False,
) -> None:
    """Make a set of ours from CSV, plain JSON, BEIR, SQuAD or MultiHop-RAG.

    Articles that come with it go to a file beside --out, for `dateline ingest` or --corpus.
    """
    from evals.formats import articles, export, gather

    gathered = gather(set_, form)
    if not skip or not gathered.cases:
        gathered.check()
    _new(out)
    _tell(gathered.notes)
    if gathered.articles:
        beside = out.with_name(f"{out.stem}.articles.jsonl")
        _new(beside)
        articles.write(beside, gathered.articles)
        _tell([f"{len(gathered.articles)} articles: {beside}"])
    export("dateline", out, gathered.cases, ())
    _tell([f"{len(gathered.cases)} questions: {out}"])
    if gathered.faults:
        _tell([f"error: {fault}" for fault in gathered.faults])
        _tell([f"{len(gathered.faults)} faults; what they are in was left out."])
        raise typer.Exit(1)


@sets.command("export")
def export_set(
    set_: Set,
    to: Annotated[str, typer.Option(metavar="FORM", help="dateline, csv, qa or beir.")],
    out: Out,
    form: Form = None,
    corpus: Annotated[
        list[Path] | None, typer.Option(help="Articles for forms that have some (repeat).")
    ] = None,
) -> None:
    """Write a set in another form: csv for a spreadsheet, qa for plain JSON Lines, beir."""
    from evals import formats

    gathered = formats.load(set_, form)
    _tell(gathered.notes)
    _new(out)
    records = [*gathered.articles, *(_records(corpus) if corpus else ())]
    formats.export(to, out, gathered.cases, records)
    _tell([f"{len(gathered.cases)} questions: {out}"])


@sets.command("lint")
def lint_set(
    set_: Set,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="Its articles: files, folders or a data directory (repeat)."),
    ] = None,
) -> None:
    """List what is doubtful in a set, by line; exit with 1 if anything is."""
    from evals import corpus as reading
    from evals import lint

    if set_.suffix.lower() != ".jsonl":
        raise UsageError(f"{set_} is not in our own form: dateline eval import makes a set of it.")
    articles = None
    if corpus:
        found, faults = reading.read(corpus)
        articles = reading.by_name(found)
        _tell([f"error: {fault}" for fault in faults])
    findings = lint.lint(set_, articles, date.today())
    print("".join(f"{finding}\n" for finding in findings), end="")
    if findings:
        lines = len({finding.line for finding in findings})
        _tell([f"{len(findings)} findings on {lines} lines."])
        raise typer.Exit(1)
    _tell(["Nothing to find fault with."])


@sets.command("draft")
def draft_set(
    corpus: Annotated[list[Path], typer.Argument(help="Files, folders or a data directory.")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write [default: where the page proposes them, too]."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Drafts at most, twins included.")] = 50,
    seed: Annotated[int, typer.Option(help="Another seed, another choice.")] = 0,
    data: Data = None,
) -> None:
    """Propose questions from articles, for `dateline eval accept`; no language model is used."""
    from evals import corpus as reading
    from evals.drafting import draft
    from evals.formats import export
    from service.reader import Reader

    out = out or _folder(data) / DRAFTS
    _new(out)
    articles, faults = reading.read(corpus)
    _tell([f"error: {fault}" for fault in faults])
    cases = draft(articles, count, seed, Reader())
    if not cases:
        raise UsageError("No sentence of these articles has a clear pattern: give more articles.")
    export("dateline", out, cases, ())
    _tell([f"{len(cases)} drafts: {out}", f"Next: dateline eval accept {out}"])


@sets.command("accept")
def accept_drafts(
    drafts: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Drafts [default: what readers said of answers]."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Set to put them into [default: beside, -accepted].")
    ] = None,
    data: Data = None,
) -> None:
    """Step through drafts: y to accept, n to reject, e to edit, q to go on another time."""
    from evals.accepting import Drafts

    drafts = drafts or _taken_feedback(data)
    into = to or drafts.with_name(accepted(drafts.name))
    files = Drafts(drafts, into)
    waiting = files.waiting
    for at, case in enumerate(waiting, 1):
        if not _decide(files, case, f"[{at}/{len(waiting)}]"):
            break
    _tell([f"{len(waiting) - len(files.waiting)} decided, {len(files.waiting)} left. Set: {into}"])


@sets.command("feedback")
def feedback_set(
    out: Annotated[
        Path | None, typer.Option(help="File to write the set to; it must not be there yet.")
    ] = None,
    data: Data = None,
) -> None:
    """Make a set of what readers said of answers, and list what is to be looked at.

    To decide on each case before it is in a set: dateline eval accept.
    """
    from evals.feedback import gather, kept
    from evals.formats import export

    with _database(data) as database:
        gathered = gather([said for _, said in kept(database)], date.today())
    if out:
        _new(out)
        if not gathered.cases:
            raise UsageError("There is no case to write: nobody has judged an answer yet.")
        export("dateline", out, gathered.cases, ())
    for doubt in gathered.open:
        given, note = doubt.feedback.given, doubt.feedback.note
        said = [f"  {text}" for text in (given.text and f"= {given.text}", note) if text]
        print("\n".join([f"{given.question.text}: {doubt.why}", *said]))
    _tell([f"{len(gathered.cases)} cases{f': {out}' if out else ''}"])
    _tell([f"{len(gathered.open)} to be looked at"])


def _decide(files: "Drafts", case: "Case", place: str) -> bool:
    """Ask until there is a decision; False to stop."""
    from evals.accepting import shown

    final = case
    while True:
        print(f"\n{place} {final.type}: {shown(final)}")
        try:
            match typer.prompt("y / n / e / q", prompt_suffix=" ").strip().lower():
                case "y":
                    files.accept(case, final)
                    return True
                case "n":
                    files.reject(case)
                    return True
                case "e":
                    final = _edit(final)
                case "q":
                    return False
        except NotFound as error:
            print(error)
            return True
        except UsageError as error:
            print(f"Not yet: {error}. Edit it (e) or reject it (n).")


def _edit(case: "Case") -> "Case":
    from evals.accepting import edited
    from evals.formats.cells import to_cell

    question = typer.prompt("Question", default=case.question)
    print("Ways to say the answer, with | between; - for none: it is not in the articles.")
    answer = typer.prompt("Answer", default=to_cell(case.facts) or "-")
    return edited(case, question, "" if answer.strip() == "-" else answer)


def _records(corpus: Sequence[Path]) -> list[dict[str, str]]:
    from evals import corpus as reading

    found, faults = reading.read(corpus)
    _tell([f"error: {fault}" for fault in faults])
    return [{"id": a.name, "title": a.title, "text": a.text} for a in found]


def _folder(data: Path | None) -> Path:
    """Where the page looks for sets and drafts, made if it is not there."""
    folder = configuration.load(data=data).data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _taken_feedback(data: Path | None) -> Path:
    """The file of drafts that readers' feedback goes to, with the latest in it."""
    from evals.feedback import hand_over

    with _database(data) as database:
        drafts = _folder(data) / FEEDBACK
        hand_over(database, drafts, date.today())
    if not drafts.exists():
        raise UsageError("No reader has judged an answer yet: name a FILE of drafts.")
    return drafts


@contextmanager
def _database(data: Path | None) -> "Iterator[Database]":
    """The archive's database alone; a server may have the archive open meanwhile."""
    from index.database import ARCHIVE, Database

    path = configuration.load(data=data).data / ARCHIVE
    if not path.is_file():
        raise UsageError(f"There is no archive in {path.parent}: choose another with --data.")
    with closing(Database(path)) as database:
        yield database


def _new(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} is there already: choose another name, or delete it.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}: make it first.")


def _tell(lines: Sequence[str]) -> None:
    print("".join(f"{line}\n" for line in lines), end="", file=sys.stderr)
