"""`dateline eval`: run a set of questions, compare runs, hold one to a baseline, show it again."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import UsageError
from service import settings as configuration
from service.settings import Settings

if TYPE_CHECKING:
    from evals.case import Case
    from evals.formats import Gathered
    from index.archive import Archive
    from index.schema import Article

Options = dict[str, Any]  # keyword arguments of evals.run.run

evaluation = typer.Typer(no_args_is_help=True, help="Measure answers on questions with known ones.")
Data = Annotated[Path | None, typer.Option("--data", help="Data directory [default: ./var].")]
Form = Annotated[
    str | None, typer.Option("--from", metavar="FORM", help="Its form, where it cannot be seen.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@evaluation.command("run")
def run_set(
    set_: Annotated[Path, typer.Argument(metavar="SET", help="Evaluation set, in any form.")],
    form: Form = None,
    corpus: Annotated[
        list[Path] | None, typer.Option(help="Articles to ask instead of the archive (repeat).")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="A running server to ask instead.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Questions asked of the server at once.")
    ] = 1,
    retrieval_only: Annotated[bool, typer.Option(help="Leave out the answers.")] = False,
    out: Annotated[Path | None, typer.Option(help="Directory for the results.")] = None,
    fresh: Annotated[bool, typer.Option(help="Start over instead of going on.")] = False,
    answerer: Annotated[str | None, typer.Option(help="quotes or model.")] = None,
    reader: Annotated[
        bool, typer.Option(help="Whether the reader helps to choose and to refuse.")
    ] = True,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Ask every question of a set; results.jsonl, summary.json and report.html go to --out."""
    from evals import formats, summary, table

    if server and (corpus or answerer or data or not reader):
        raise UsageError("--server has its own articles and answerer: leave the other option out.")
    gathered = formats.load(set_, form)
    print("".join(f"{note}\n" for note in gathered.notes), end="", file=sys.stderr)
    if drafts := sum(case.status is not None for case in gathered.cases):
        raise UsageError(f"Drafts among the questions: {drafts}. First: dateline eval accept.")
    settings = configuration.load(data=data, answerer=answerer)
    place = out or settings.runs / set_.stem
    options: Options = {"out": place, "retrieval_only": retrieval_only, "fresh": fresh}
    if server:
        options["concurrency"] = concurrency
        figures = asyncio.run(_run_there(gathered.cases, server, settings.passages, options))
    else:
        with _archive(settings, corpus or [], gathered, keep=data is not None) as archive:
            figures = asyncio.run(_run_here(gathered.cases, archive, settings, reader, options))
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


@evaluation.command("judge")
def judge_again(
    run: Path,
    url: Annotated[
        str | None, typer.Option("--url", help="Server of a language model that judges.")
    ] = None,
    model: Annotated[str, typer.Option(help="Its name there.")] = "default",
    key: Annotated[
        str | None, typer.Option(envvar="DATELINE_JUDGE_KEY", help="Key for that server.")
    ] = None,
    nli: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Inference model, by name or path.")
    ] = None,
) -> None:
    """Have the answers of a finished run judged by other models, and rewrite its report.

    A language model says whether they are faithful, relevant and correct; an inference model
    (sentence-transformers cross-encoder) whether their citations bear them out. A judging that is
    cut off goes on where it was.
    """
    from evals import outputs, table

    if not url and not nli:
        raise UsageError("Who should judge? Give --url of a model's server, or --nli, or both.")
    asyncio.run(_judge(run, url, model, key, nli))
    print(table.table(outputs.remake(run)))
    print(f"Report: {run / 'report.html'}", file=sys.stderr)


async def _judge(run: Path, url: str | None, model: str, key: str | None, nli: str | None) -> None:
    from evals import judging, outputs
    from evals.judging.citations import CitationJudge
    from evals.judging.nli import cross_encoder
    from service.models.openai_api import OpenAIModel

    pairs = outputs.read(run)
    if nli:
        citations = CitationJudge(nli, cross_encoder(nli))
        await judging.judge(run, pairs, citations.name, citations)
    if url:
        from evals.judging.answers import AnswerJudge

        client = OpenAIModel(url, model, key)
        try:
            await client.ready()
            answers = AnswerJudge(client)
            await judging.judge(run, pairs, answers.name, answers)
        finally:
            await client.close()


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


async def _run_here(
    cases: "Sequence[Case]",
    archive: "Archive",
    settings: Settings,
    reader: bool,
    options: Options,
) -> Any:
    from evals import run
    from service.app import assemble
    from service.schema import Answer, Question

    total, _ = archive.database.counts()
    _warn_of_unknown(cases, archive.database.articles(total))
    pipeline = assemble(settings, archive, reads=reader).pipeline
    config = _config(settings, archive) | ({} if reader else {"reader": "none"})

    async def retrieve(question: Question) -> Answer:
        started = perf_counter()
        hits = await pipeline.retrieve(question)
        seconds = {"retrieve": perf_counter() - started, "answer": 0.0}
        return Answer("not_in_articles", (), (), hits, "none", seconds=seconds)

    ask = retrieve if options["retrieval_only"] else pipeline.ask
    try:
        return await run.run(cases, ask, config=config, **options)
    finally:
        await pipeline.answerer.close()


async def _run_there(cases: "Sequence[Case]", url: str, passages: int, options: Options) -> Any:
    from evals import run
    from evals.remote import remote

    async with remote(url) as server:
        _warn_of_unknown(cases, server.articles.values())
        search = partial(server.search, k=passages)
        ask = search if options["retrieval_only"] else server.ask
        config = {"server": server.url, "archive": server.digest}
        return await run.run(cases, ask, config=config, **options)


@contextmanager
def _archive(
    settings: Settings, corpus: Sequence[Path], gathered: "Gathered", keep: bool
) -> "Iterator[Archive]":
    """The archive of the settings, or a throwaway one of the corpus; `keep` keeps that one too.

    A set that brings its articles is asked of these where nothing else is named.
    """
    from service.app import open_archive
    from service.ingest_cli import ingest_paths

    own = bool(gathered.articles) and not corpus and not keep
    with TemporaryDirectory(prefix="dateline-") as scratch:
        folder = Path(scratch) if own or (corpus and not keep) else None
        with open_archive(settings, folder) as archive:
            if corpus:
                ingest_paths([str(path) for path in corpus], archive)
            if own:
                _add(archive, gathered)
            if archive.database.counts()[0] == 0:
                raise UsageError("The archive is empty: ingest articles first, or give --corpus.")
            yield archive


def _add(archive: "Archive", gathered: "Gathered") -> None:
    from tqdm import tqdm

    from evals.formats.articles import to_articles
    from index.archive import BATCH

    print("Asking the articles of the set; --corpus or --data names others.", file=sys.stderr)
    with tqdm(total=len(gathered.articles), unit=" articles", file=sys.stderr) as bar:
        articles = to_articles(gathered)
        while batch := list(islice(articles, BATCH)):
            archive.add(batch)
            bar.update(len(batch))


def _warn_of_unknown(cases: "Sequence[Case]", articles: "Iterable[Article]") -> None:
    from evals import case

    known = {name for a in articles for name in (a.name, a.id, a.url) if name}
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
        "embedder": archive.embedder.name,
        "answerer": settings.answerer,
        "retrieved": str(settings.passages),
        **(model if settings.answerer == "model" else {}),
        **({"reranker": settings.reranker} if settings.reranker else {}),
    }
