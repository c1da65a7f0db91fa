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


async def start_child(gguf: Path, context: int, threads: int | None, limits: Limits) -> Child:
    """Start a process and wait until its model is loaded; `ModelError` if that fails."""
    key = secrets.token_urlsafe()
    process = _spawn(gguf, context, threads or _spare_cores())
    try:
        async with asyncio.timeout(LOADING):
            url = await asyncio.to_thread(_url, process, key)
    except BaseException as error:  # a question given up while it loads leaves no process behind
        process.kill()
        await asyncio.to_thread(_end, process)
        if isinstance(error, TimeoutError):
            raise ModelError(f"'{gguf.name}' took longer than {LOADING} s to load.") from None
        raise
    if url is None:
        await asyncio.to_thread(_end, process)
        raise ModelError(
            f"The model file '{gguf.name}' could not be loaded: it is damaged, of a kind that "
            "llama.cpp does not know, or too large for the memory."
        )
    return Child(process, OpenAIModel(f"{url}/v1", gguf.stem, key, limits))


def _spare_cores() -> int:
    """All cores but one: threads wait for each other, so one that must share its core stops all.

    On two busy cores, one thread writes 65 tokens/s and two write 4.
    """
    return max(1, (os.cpu_count() or 1) - 1)


def _spawn(gguf: Path, context: int, threads: int) -> Popen[bytes]:
    options = ["--gguf", str(gguf), "--context", str(context), "--threads", str(threads)]
    return Popen(
        [sys.executable, "-P", str(_SERVER), *options],  # -P: import nothing from its folder
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
