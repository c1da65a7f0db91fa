"""The command line. Talk goes to standard error, answers to standard output.

Exit codes: 0 done, 1 failed (or some items did), 2 wrong usage.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from index.errors import DatelineError, UsageError
from service import settings as configuration
from service.eval_cli import compared, evaluation
from service.sets_cli import sets

MAX_PASTED = 1_000_000  # bytes
PATIENCE = 600.0  # seconds for which one ingest waits for another to end
Data = Annotated[Path | None, typer.Option("--data", help="Data directory [default: ./var].")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Since = Annotated[str | None, typer.Option(help="First day of publication, YYYY-MM-DD.")]
Until = Annotated[str | None, typer.Option(help="Last day of publication, YYYY-MM-DD.")]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", help="Only this outlet (repeat).")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ask a news archive questions, and trust the answers.",
)
articles = typer.Typer(no_args_is_help=True, help="The articles in the archive.")
app.add_typer(articles, name="articles")
evaluation.add_typer(sets)
app.add_typer(evaluation, name="eval")


def main() -> None:
    """Run the command line; every expected fault ends in one line that says what to do."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        app()
    except DatelineError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has had enough
        sys.stderr.close()
        sys.exit(141)


@contextmanager
def opened(data: Path | None, patience: float = 0) -> Iterator[Any]:
    """The archive, or the running server that holds it; so many seconds it is waited for."""
    from service.access import access

    with access(configuration.load(data=data), patience) as reached:
        yield reached


@app.command()
def ingest(paths: list[str], data: Data = None, json_: AsJson = False) -> None:
    """Take in files, folders, pages and feeds.

    Files: text, Markdown, HTML, JSON, JSON Lines, PDF, Word; lists of addresses (.txt, .opml).
    Addresses: pages, RSS and Atom feeds with all that they link to, PDF and Word files.
    """
    from service.app import build_fetcher
    from service.ingest_cli import ingest_paths

    fetcher = build_fetcher(configuration.load(data=data))
    with opened(data, PATIENCE) as archive:
        report = ingest_paths(paths, archive, fetcher=fetcher)
        report["notes"] = archive.notes()
    for note in report["notes"]:
        print(f"note: {note}", file=sys.stderr)
    if json_:
        print(json.dumps(report, ensure_ascii=False))
    if report["failed"]:
        raise typer.Exit(1)


@app.command()
def ask(
    question: str,
    since: Since = None,
    until: Until = None,
    as_of: Annotated[str | None, typer.Option(help="As if today were YYYY-MM-DD.")] = None,
    outlet: Outlets = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Answer a question from the archive, with citations."""
    from service.printing import answer_text

    asked = _question(question, since, until, as_of, outlet)
    with opened(data) as archive:
        answer = archive.ask(asked)
    print(json.dumps(answer, ensure_ascii=False) if json_ else answer_text(answer))


@app.command()
def search(
    question: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each was found.")] = False,
    article: Annotated[
        str | None, typer.Option(help="Say how far this one came: its id, name, key or URL.")
    ] = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Show the passages that fit a question best."""
    from service.explained import explanation_text
    from service.printing import passages_text

    asked = _question(question, since, until, None, outlet)
    with opened(data) as archive:
        if explain or article:
            why = archive.explain(asked, k, article)
            print(json.dumps(why, ensure_ascii=False) if json_ else explanation_text(why))
            return
        found = archive.search(asked, k)
    print(json.dumps(found, ensure_ascii=False) if json_ else passages_text(found))


@app.command()
def find(
    excerpt: Annotated[str, typer.Argument(help="Some sentences, or - to read them.")],
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Say which article an excerpt is from; "-" reads it from standard input."""
    from service.printing import place_text

    if excerpt == "-":
        excerpt = sys.stdin.buffer.read(MAX_PASTED).decode("utf-8", "replace")
    with opened(data) as archive:
        place = archive.find(excerpt)
    print(json.dumps(place, ensure_ascii=False) if json_ else place_text(place))


@app.command()
def serve(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files and folders to take in first.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port [default: 7860].")] = None,
    data: Data = None,
    watch: Annotated[Path | None, typer.Option(help="Take in the files of this folder.")] = None,
    feeds: Annotated[
        Path | None, typer.Option(help="Follow the feeds listed in this file.")
    ] = None,
    every: Annotated[str | None, typer.Option(help="How often [default: 30m].")] = None,
) -> None:
    """Open the chat page and the HTTP API."""
    from index import lock

    chosen = {"host": host, "port": port, "data": data}
    settings = configuration.load(**chosen, watch=watch, feeds=feeds, every=every)
    lock.check(settings.data)  # before seconds are spent on loading
    from evals import deciding
    from service.server import serve as run

    run(settings, paths or (), compared, deciding)


@app.command()
def reindex(
    embedder: Annotated[
        str | None, typer.Option(help="The model to change to, by name or path.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Embed again even what this embedder has embedded.")
    ] = False,
    data: Data = None,
) -> None:
    """Split all articles again and embed what is new, by the same embedder or by another one.

    For another one the index is built beside the old one, which answers until it is done; after an
    interruption the same command goes on.
    """
    from tqdm import tqdm

    from service.access import rebuild

    with tqdm(unit=" articles", file=sys.stderr, disable=None) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        done = rebuild(configuration.load(data=data, embedder=embedder), anew, tell)
    print(f"Made the index of {done} articles anew.", file=sys.stderr)


@app.command()
def repair(data: Data = None, json_: AsJson = False) -> None:
    """Check Chroma and Tantivy against the archive, and make anew what differs. Embeds nothing."""
    from service.upkeep import repaired

    findings = repaired(configuration.load(data=data))
    if json_:
        print(json.dumps([finding.as_json() for finding in findings]))
    else:
        print("\n".join(map(str, findings)))
    if any(finding.state == "damaged" for finding in findings):
        raise typer.Exit(1)


@app.command()
def export(file: Path, data: Data = None, json_: AsJson = False) -> None:
    """Write the whole archive into one file. A server may be using it meanwhile."""
    from service.upkeep import exported

    manifest = exported(configuration.load(data=data), file)
    counts = f"{manifest.articles} articles, {manifest.passages} passages"
    print(f"Exported {counts} to {file}.", file=sys.stderr)
    if json_:
        print(json.dumps(asdict(manifest)))


@app.command("import")
def import_(file: Path, data: Data = None, json_: AsJson = False) -> None:
    """Make the archive of an empty data directory from an export."""
    from service.upkeep import imported

    manifest, advice = imported(configuration.load(data=data), file)
    counts = f"{manifest.articles} articles, {manifest.passages} passages"
    print(f"Imported {counts}. {advice}".strip(), file=sys.stderr)
    if json_:
        print(json.dumps(asdict(manifest)))


@app.command()
def doctor(data: Data = None, json_: AsJson = False) -> None:
    """Check the set-up and the archive, and say what to do about what is wrong."""
    from service.doctor import examine

    findings = examine(configuration.load(data=data))
    if json_:
        print(json.dumps([finding.as_json() for finding in findings]))
    else:
        print("\n".join(map(str, findings)))
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@articles.command("list")
def list_articles(data: Data = None, json_: AsJson = False) -> None:
    """List all articles, newest first; undated ones last."""
    from service.printing import article_line

    with opened(data) as archive:
        for article in archive.articles():
            print(json.dumps(article, ensure_ascii=False) if json_ else article_line(article))


@articles.command("show")
def show_article(
    reference: str,
    version: Annotated[str | None, typer.Option(help="As a citation names it.")] = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Show one article, by id, name, path or URL, and how it was changed."""
    from service.printing import article_text

    with opened(data) as archive:
        article = archive.article(reference, version)
    print(json.dumps(article, ensure_ascii=False) if json_ else article_text(article))


@articles.command("delete")
def delete_article(
    reference: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
) -> None:
    """Delete one article with all its versions, by id, name, path or URL."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("Deleting asks first, and here is nobody to answer: say --yes.")
    with opened(data) as archive:
        article = archive.article(reference)
        name = f"'{article['title'] or article['article']}'"
        versions = len(article["versions"])
        all_of_it = f"{name} in all its {versions} versions" if versions > 1 else name
        if not yes:
            typer.confirm(f"Delete {all_of_it} for good?", abort=True, err=True)
        archive.delete(article["article_id"])
    print(f"Deleted {name}.", file=sys.stderr)


def _question(
    text: str,
    since: str | None,
    until: str | None,
    as_of: str | None,
    outlets: list[str] | None,
) -> Any:
    from service.pipeline import check
    from service.schema import Question

    question = Question(
        text,
        since=_day("--since", since),
        until=_day("--until", until),
        as_of=_day("--as-of", as_of),
        outlets=tuple(outlets or ()),
    )
    check(question)  # before anything is loaded
    return question


def _day(option: str, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise UsageError(
            f"{option} is '{value}', which is no date: write it as 2025-10-27."
        ) from None


if __name__ == "__main__":
    main()
