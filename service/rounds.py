"""What the server takes in by itself: the files of a folder, and feeds on a schedule.

Reading and fetching go on in threads that a stop need not wait for; what is stored passes the same
gate as everything that writes. A fault is logged, and the next round is another try.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from index import sources
from index.archive import BATCH, Archive
from index.errors import DatelineError, SourceError, UsageError
from index.ingest import Item, Report, store
from index.schema import Visit
from index.sources.files import walk
from index.web.fetching import Fetcher
from index.web.gathering import Gatherer
from index.web.networks import permission
from service.app import Dateline, build_fetcher
from service.faults import Fault
from service.settings import Settings

LOOK = 5.0  # seconds between two looks at the folder
RETRY = timedelta(hours=6)  # how long a link that failed is left alone
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
Gate = Callable[[], AbstractAsyncContextManager[None]]
T = TypeVar("T")
log = logging.getLogger(__name__)


def check(settings: Settings) -> None:
    """Raises UsageError if there is nothing to watch or to follow where the settings say."""
    permission(settings.fetch_allow, settings.fetch_ports)
    if settings.watch and not settings.watch.is_dir():
        raise UsageError(f"'{settings.watch}' is no folder: give --watch one that is there.")
    if settings.feeds and not settings.feeds.is_file():
        raise UsageError(f"'{settings.feeds}' is no file: give --feeds a list of addresses.")


@asynccontextmanager
async def rounds(dateline: Dateline, gate: Gate, look: float = LOOK) -> AsyncIterator[None]:
    """Watch and follow what the settings say for as long as this is open."""
    settings, fetcher = dateline.settings, build_fetcher(dateline.settings)
    intake = Intake(dateline.archive, gate)
    tasks = [asyncio.create_task(each) for each in _planned(settings, intake, fetcher, look)]
    try:
        yield
    finally:
        fetcher.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _planned(
    settings: Settings, intake: "Intake", fetcher: Fetcher, look: float
) -> Iterator[Coroutine[Any, Any, None]]:
    if settings.watch:
        folder = Folder(settings.watch, intake.archive)
        yield intake.forever(folder.news, look)
    if feeds := settings.feeds:
        every = int(settings.every[:-1]) * UNITS[settings.every[-1]]
        yield intake.forever(partial(_followed, feeds, fetcher, intake.archive), every)


def _followed(feeds: Path, fetcher: Fetcher, archive: Archive) -> Iterator[Item]:
    return Gatherer(fetcher, archive, RETRY).gather_file(feeds)


class Intake:
    """Stores what comes, batch by batch."""

    def __init__(self, archive: Archive, gate: Gate) -> None:
        self.archive = archive
        self._gate = gate

    async def forever(self, news: Callable[[], Iterator[Item]], pause: float) -> None:
        """Take in what is new, again and again, with so many seconds between."""
        while True:
            await self.once(news)
            await asyncio.sleep(pause)

    async def once(self, news: Callable[[], Iterator[Item]]) -> Report:
        """Take in what is new. Nothing that goes wrong goes further than the log."""
        report, items = Report(), news()
        try:
            while batch := await _unwaited(lambda: list(islice(items, BATCH))):
                async with self._gate():
                    await asyncio.to_thread(store, batch, self.archive, report)
                _tell(report)
        except (DatelineError, Fault) as error:
            log.warning("Not taken in: %s", _line(str(error)))
        except Exception:
            log.exception("Not taken in, for a reason that was not foreseen.")
        if report.added or report.changed:
            told = f"Taken in: {report.added} added, {report.changed} changed."
            print(told, file=sys.stderr, flush=True)
        return report


class Folder:
    """A watched folder. A file is taken when it is new or changed, and has stopped growing."""

    def __init__(self, path: Path, archive: Archive) -> None:
        self._path = path
        self._archive = archive
        self._seen: dict[Path, str] = {}
        self._fault = ""

    def news(self) -> Iterator[Item]:
        """The articles and faults of files that are new; a file that is gone takes none along."""
        try:
            found = dict(self._found())
        except SourceError as error:
            if str(error) != self._fault:  # told once, not at every look
                yield error
            self._fault = str(error)
            return
        still = [path for path, stamp in found.items() if self._seen.get(path) == stamp]
        self._seen, self._fault = found, ""
        for path in still:
            yield from self._read(path, found[path])

    def _read(self, path: Path, stamp: str) -> Iterator[Item]:
        address = f"file:{path}"
        visit = self._archive.visit(address)
        if visit is None or visit.etag != stamp:
            yield from sources.read(path)
            yield Visit(address, datetime.now(UTC), etag=stamp)

    def _found(self) -> Iterator[tuple[Path, str]]:
        for path in walk(self._path):
            with suppress(OSError):  # gone again
                status = path.stat()
                yield path.resolve(), f"{status.st_size}-{status.st_mtime_ns}"


async def _unwaited(work: Callable[[], T]) -> T:
    """What the work gives, done in a thread that nobody waits for when the server stops."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(finish: Callable[[Any], None], outcome: object) -> None:
        if not done.done():
            finish(outcome)

    def tell(finish: Callable[[Any], None], outcome: object) -> None:
        with suppress(RuntimeError):  # the server has stopped
            loop.call_soon_threadsafe(settle, finish, outcome)

    def run() -> None:
        try:
            tell(done.set_result, work())
        except Exception as error:  # raised where it is awaited
            tell(done.set_exception, error)

    Thread(target=run, daemon=True).start()
    return await done


def _tell(report: Report) -> None:
    for fault in report.failed:
        log.warning("Not taken in: %s", _line(fault))
    report.failed.clear()


def _line(text: str) -> str:
    return " ".join(text.split())
