"""The process that runs a GGUF file: started, spoken to, ended."""

import asyncio
import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from index.errors import ModelError
from service.models.limits import Limits
from service.models.openai_api import OpenAIModel

LOADING = 300  # seconds a model may take to load
LEAVING = 2  # seconds the process has to end by itself
ANSWERING = 2  # seconds in which it must say that it is there
_SERVER = Path(__file__).with_name("llama_server.py")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a process loads, and with how much room.

    context: tokens of each request; parallel: requests at the same time; threads: cores, all but
    one if None; adapter: a LoRA adapter over the model, in a GGUF file too.
    """

    gguf: Path
    context: int = 4096
    threads: int | None = None
    parallel: int = 2
    adapter: Path | None = None

    @property
    def options(self) -> list[str]:
        """The command line of the server."""
        numbers = {
            "context": self.context,
            "threads": self.threads or _spare_cores(),
            "parallel": self.parallel,
        }
        told = {"gguf": self.gguf, **numbers} | ({"adapter": self.adapter} if self.adapter else {})
        return [word for name, value in told.items() for word in (f"--{name}", str(value))]


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """One process with its model, and the client that speaks to it."""

    process: Popen[bytes]
    client: OpenAIModel

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    async def answers(self) -> bool:
        """Whether the process is there and not stuck."""
        try:
            async with asyncio.timeout(ANSWERING):
                await self.client.ready()
        except (ModelError, TimeoutError):
            return False
        return self.alive

    async def stop(self) -> None:
        """End the process, within `LEAVING` seconds or by force."""
        await self.client.close()
        await asyncio.to_thread(_end, self.process)


async def start_child(loaded: Loaded, limits: Limits) -> Child:
    """Start a process and wait until its model is loaded; `ModelError` if that fails."""
    key, name = secrets.token_urlsafe(), loaded.gguf.name
    process = _spawn(loaded)
    try:
        async with asyncio.timeout(LOADING):
            url = await asyncio.to_thread(_url, process, key)
    except BaseException as error:  # a question given up while it loads leaves no process behind
        process.kill()
        await asyncio.to_thread(_end, process)
        if isinstance(error, TimeoutError):
            raise ModelError(f"'{name}' took longer than {LOADING} s to load.") from None
        raise
    if url is None:
        await asyncio.to_thread(_end, process)
        raise ModelError(
            f"The model file '{name}' could not be loaded: it is damaged, of a kind that "
            "llama.cpp does not know, or too large for the memory."
        )
    return Child(process, OpenAIModel(f"{url}/v1", loaded.gguf.stem, key, limits))


def _spare_cores() -> int:
    """All cores but one: threads wait for each other, so one that must share its core stops all.

    On two busy cores, one thread writes 65 tokens/s and two write 4.
    """
    return max(1, (os.cpu_count() or 1) - 1)


def _spawn(loaded: Loaded) -> Popen[bytes]:
    return Popen(
        [sys.executable, "-P", str(_SERVER), *loaded.options],  # -P: import nothing from its folder
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for this process, which ends the child in good order
    )


def _url(process: Popen[bytes], key: str) -> str | None:
    """Wait for the process to say where it serves; None if it does not."""
    assert process.stdin and process.stdout
    try:
        process.stdin.write(f"{key}\n".encode())
        told = json.loads(process.stdout.readline())
    except (OSError, ValueError):  # it died before it could say anything
        return None
    url: str | None = told.get("url")
    return url


def _end(process: Popen[bytes]) -> None:
    assert process.stdin and process.stdout
    process.stdin.close()  # the child leaves when its input ends
    try:
        process.wait(LEAVING)
    except TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
