"""The command line: its words, its exit codes, what it says of bad input. Embeds nothing."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.archive import Archive
from service.cli import main
from tests.embedders import HashingEmbedder


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process; a process of their own costs a second each."""
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "data"))

    def running(*arguments: str, **environment: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["dateline", *arguments])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return Done(code, *capsys.readouterr())

    return running


def run_apart(*arguments: str, data: Path, **environment: str) -> Done:
    """Runs a command in a process of its own, as a shell does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        env={**kept, "DATELINE_DATA": str(data), "TERM": "dumb", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)


ROWS: list[tuple[list[str], int, str]] = [
    ([], 2, "Usage"),
    (["nonsense"], 2, "No such command"),
    (["ask", "--frobnicate", "x"], 2, "No such option"),
    (["ask", ""], 2, "The question is empty"),
    (["ask", "x" * 100_000], 2, "at most 4,000"),
    (["ask", "why", "--since", "yesterday"], 2, "--since is 'yesterday'.*2025-10-27"),
    (["ask", "why", "--since", "2020-02-02", "--until", "2020-01-01"], 2, "swap"),
    (["search", "why", "-k", "0"], 2, "-k"),
    (["ingest"], 2, "Missing argument"),
    (["ingest", "nowhere"], 2, "no such file"),
    (["ingest", "http://127.0.0.1/a"], 1, "could not fetch http://127.0.0.1/a: .*not allowed"),
    (["ingest", "ftp://example.org/a"], 1, "no http or https address"),
    (["articles", "show", "nothing"], 2, "No article goes by 'nothing'"),
    (["articles", "delete", "nothing", "--yes"], 2, "No article goes by"),
    (["articles", "delete", "nothing"], 2, "nobody to answer: say --yes"),
    (["eval", "run", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    (["eval", "run", "pyproject.toml"], 2, "say it with --from"),
    (["eval", "import", "nowhere.csv", "--out", "x.jsonl"], 2, "no such file or folder"),
    (["eval", "lint", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    (["eval", "draft", "nowhere", "--out", "x.jsonl"], 2, "no such file or folder"),
    (["eval", "accept", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    (["eval", "accept"], 2, "There is no archive in .*--data"),
    (["eval", "feedback"], 2, "There is no archive in .*--data"),
    (["eval", "gate", "nowhere", "--baseline", "nowhere"], 2, "nowhere"),
]


@pytest.mark.parametrize(("arguments", "code", "says"), ROWS)
def test_bad_usage(run: Run, arguments: list[str], code: int, says: str) -> None:
    done = run(*arguments)
    talk = " ".join((done.stderr + done.stdout).split())
    assert done.returncode == code, talk
    assert re.search(says, talk), talk
    assert "Traceback" not in talk


def test_wrong_settings_are_named_to_a_shell_too(tmp_path: Path) -> None:
    done = run_apart("articles", "list", data=tmp_path, DATELINE_PORT="high")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and "DATELINE_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_set_with_wrong_fields_names_line_and_field(tmp_path: Path, run: Run) -> None:
    wrong = tmp_path / "set.jsonl"
    wrong.write_text('{"id": "a", "question": "q"}\n{"id": "b", "qestion": "q"}\n')
    done = run("eval", "run", str(wrong))
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "qestion" in done.stderr


def test_a_second_writer_is_told_who_holds_the_data(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()):
        done = run_apart("articles", "list", data=tmp_path)
    assert done.returncode == 1
    assert str(os.getpid()) in done.stderr
    assert "--data" in done.stderr


def test_a_second_server_is_told_before_it_loads_anything(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()):
        done = run_apart("serve", data=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    told = done.stderr.splitlines()
    assert done.returncode == 1 and f"in use by process {os.getpid()}" in told[-1]
    assert not any("fastapi" in line or "torch" in line for line in told)


def test_one_ingest_waits_for_another_to_end(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    data = tmp_path / "data"
    command = [sys.executable, "-m", "service", "ingest", str(tmp_path / "empty.txt")]
    with Archive(data, HashingEmbedder()):
        done = subprocess.Popen(
            [*command, "--data", str(data)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert done.stderr is not None
        told = done.stderr.readline().decode()
    assert told.startswith(f"Waiting. The data directory {data} is in use by process {os.getpid()}")
    assert b"empty.txt: is empty" in done.communicate(timeout=60)[1] and done.returncode == 1


def test_an_index_of_another_embedder_is_told(tmp_path: Path, run: Run) -> None:
    with Archive(tmp_path / "data", HashingEmbedder()) as archive:
        archive.database.set_meta("embedder", "hashing")
    done = run("ask", "what is it?", DATELINE_EMBEDDER="packaged")
    assert done.returncode == 1
    assert "'hashing'" in done.stderr
    assert "reindex" in done.stderr


def test_a_port_in_use_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_apart("serve", "--port", str(port), data=tmp_path)
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "--port" in done.stderr


def test_lists_are_json_lines(run: Run) -> None:
    done = run("articles", "list", "--json")
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == []


@pytest.mark.parametrize(
    "command", ["ingest", "ask", "search", "serve", "find", "doctor", "reindex"]
)
def test_help_of_every_command(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "--data" in done.stdout
