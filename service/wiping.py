"""What was deleted is wiped from the files by the server itself, once nobody deletes any more."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

from index.archive import Archive
from index.errors import DatelineError
from index.succession import wipe

LOOK = 2.0  # seconds between two looks; so long nothing may have been deleted
LATER = 60.0  # seconds until it is tried again after a fault

log = logging.getLogger(__name__)


@asynccontextmanager
async def wiping(archive: Archive, look: float = LOOK) -> AsyncIterator[None]:
    """Wipe what is deleted for as long as this is open. What is left, the next start does."""
    stopped = Event()
    task = asyncio.create_task(_forever(archive, look, stopped))
    try:
        yield
    finally:
        stopped.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _forever(archive: Archive, look: float, stopped: Event) -> None:
    before = None
    while True:
        pause = look
        try:
            word = await asyncio.to_thread(archive.database.unwiped)
            if word and word == before:
                await asyncio.to_thread(wipe, archive, lambda: not stopped.is_set())
            before = word
        except DatelineError as error:
            log.warning("What was deleted is not yet wiped: %s", error)
            pause = LATER
        await asyncio.sleep(pause)
