"""`dateline eval`: run a set of questions, compare runs, hold one to a baseline, show it again."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import UsageError
from service import settings as configuration
from service.settings import Settings

if TYPE_CHECKING:
    from evals.case import Case
    from index.archive import Archive

evaluation = typer.Typer(no_args_is_help=True, help="Measure answers on questions with known ones.")
Data = Annotated[Path | None, typer.Option("--data", help="Data directory [default: ./var].")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@evaluation.command("run")
def run_set(
    set_: Annotated[Path, typer.Argument(metavar="SET", help="Evaluation set, JSON Lines.")],
    corpus: Annotated[
        list[Path] | None, typer.Option(help="Articles to ask instead of the archive (repeat).")
    ] = None,
    retrieval_only: Annotated[bool, typer.Option(help="Leave out the answers.")] = False,
    out: Annotated[Path | None, typer.Option(help="Directory for the results.")] = None,
    fresh: Annotated[bool, typer.Option(help="Start over instead of going on.")] = False,
    answerer: Annotated[str | None, typer.Option(help="quotes or model.")] = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Ask every question of a set; results.jsonl, summary.json and report.html go to --out."""
    from evals import case, summary, table

    cases = case.load(set_)
    settings = configuration.load(data=data, answerer=answerer)
    place = out or settings.runs / set_.stem
    with _archive(settings, corpus or [], keep=data is not None) as archive:
        _warn_of_unknown(cases, archive)
        figures = asyncio.run(_run(cases, archive, settings, place, retrieval_only, fresh))
    print(summary.encode(figures) if json_ else table.table(figures))
    print(f"Report: {place / 'report.html'}", file=sys.stderr)


@evaluation.command("compare")
def compare_runs(
    a: Path,
    b: Path,
    html: Annotated[Path | None, typer.Option(help="Write it as a page, too.")] = None,
) -> None:
    """Show how run B differs from run A, per metric and type, and which questions flipped."""
    from evals import compare

    print(compare.table(compare.compare(a, b)))
    if html:
        page = compared(a, b).encode("utf-8", "replace")
        try:
            html.write_bytes(page)
        except OSError as error:
            raise UsageError(f"Cannot write {html} ({error.strerror}).") from None
        print(f"Comparison: {html}", file=sys.stderr)


def compared(a: Path, b: Path) -> str:
    """Two runs compared, as a page. Raises UsageError where they cannot be."""
    from evals import comparison_page

    return comparison_page.render(a, b)


@evaluation.command("report")
def report_again(
    run: Path,
    set_: Annotated[
        Path | None, typer.Option("--set", help="Its questions, for a run that lacks them.")
    ] = None,
) -> None:
    """Score a finished run again by the metrics of this version, and rewrite its report."""
    from evals import outputs, table

    print(table.table(outputs.remake(run, set_)))
    print(f"Report: {run / 'report.html'}", file=sys.stderr)


@evaluation.command("gate")
def hold(
    run: Path,
    baseline: Annotated[Path, typer.Option(help="Directory or summary.json of the run to hold.")],
    max_drop: Annotated[float, typer.Option(min=0, max=100, help="Points it may lose.")] = 2.0,
) -> None:
    """Exit with 1 and the reasons if the run is worse than the baseline."""
    from evals import gate

    if reasons := gate.gate(run, baseline, max_drop):
        print("\n".join(reasons), file=sys.stderr)
        raise typer.Exit(1)
    print("No worse than the baseline.", file=sys.stderr)


async def _run(
    cases: "Sequence[Case]",
    archive: "Archive",
    settings: Settings,
    out: Path,
    retrieval_only: bool,
    fresh: bool,
) -> Any:
    from evals import run
    from service.app import assemble
    from service.schema import Answer, Question

    pipeline = assemble(settings, archive).pipeline

    async def retrieve(question: Question) -> Answer:
        from time import perf_counter

        started = perf_counter()
        hits = await pipeline.retrieve(question)
        seconds = {"retrieve": perf_counter() - started, "answer": 0.0}
        return Answer("not_in_articles", (), (), hits, "none", seconds=seconds)

    try:
        return await run.run(
            cases,
            retrieve if retrieval_only else pipeline.ask,
            out,
            config=_config(settings, archive),
            retrieval_only=retrieval_only,
            fresh=fresh,
        )
    finally:
        await pipeline.answerer.close()


@contextmanager
def _archive(settings: Settings, corpus: Sequence[Path], keep: bool) -> "Iterator[Archive]":
    """The archive of the settings, or a throwaway one of the corpus; `keep` keeps that one too."""
    from service.app import open_archive
    from service.ingest_cli import ingest_paths

    with TemporaryDirectory(prefix="dateline-") as scratch:
        folder = Path(scratch) if corpus and not keep else None
        with open_archive(settings, folder) as archive:
            if corpus:
                ingest_paths([str(path) for path in corpus], archive)
            if archive.database.counts()[0] == 0:
                raise UsageError("The archive is empty: ingest articles first, or give --corpus.")
            yield archive


def _warn_of_unknown(cases: "Sequence[Case]", archive: "Archive") -> None:
    from evals import case

    total, _ = archive.database.counts()
    known = {
        name
        for article in archive.database.articles(total)
        for name in (article.name, article.id, article.url)
        if name
    }
    if unknown := case.unknown_articles(cases, known):
        shown = ", ".join(unknown[:5])
        print(f"{len(unknown)} articles of the set are not there: {shown}", file=sys.stderr)


def _config(settings: Settings, archive: "Archive") -> dict[str, str]:
    """All that could change an answer: a run under another configuration is another run."""
    total, passages = archive.database.counts()
    prints = sorted(article.fingerprint for article in archive.database.articles(total))
    model = {"model": settings.model, "model_url": settings.model_url or "embedded"}
    return {
        "archive": blake2b("".join(prints).encode(), digest_size=8).hexdigest(),
        "articles": str(total),
        "passages": str(passages),
        "embedder": settings.embedder,
        "answerer": settings.answerer,
        "retrieved": str(settings.passages),
        **(model if settings.answerer == "model" else {}),
    }
