"""Evaluation runs on the page: folders that nobody vouches for, and what is handed out of them."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from index.archive import Archive
from index.errors import NotFound, UsageError
from service.api import create_api
from service.eval_cli import compared
from service.render_runs import render_runs
from service.runs import Runs
from tests.askers import FakeAsker, ask, some
from tests.fakes import dateline, small_archive
from tests.payloads import PAYLOADS

EVIL = "<script>alert(1)</script>"
FIGURE = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 10}


def summary(**changed: Any) -> dict[str, Any]:
    """What the page reads of a summary."""
    whole = {"cases": 10, "failed": 0, "figures": {"right": FIGURE}, "statuses": {"x": [1]}}
    usual = {"set": "abc", "finished": "2026-01-02T03:04:05+00:00", "overall": whole}
    return usual | changed


def put(folder: Path, name: str, content: Any, report: str | None = "<p>Report") -> Path:
    """A run in a folder; `content` as JSON unless it is bytes."""
    run = folder / name
    run.mkdir(parents=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (run / "summary.json").write_bytes(raw)
    if report is not None:
        (run / "report.html").write_text(report)
    return run


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    put(tmp_path, "old", summary())
    put(tmp_path, "new", summary(finished="2026-01-03T00:00:00+02:00"))
    put(tmp_path, "naive", summary(finished="2026-01-02T12:00:00"), report=None)
    (tmp_path / "notes.txt").write_text("not a run")
    listed = Runs(tmp_path).listed()
    assert [(run.name, run.has_report) for run in listed] == [
        ("new", True),
        ("naive", False),
        ("old", True),
    ]
    first = listed[2].summary
    assert first and first.finished == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first.overall.figures["right"].mean == 0.5


def test_a_real_run_is_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        ask(some(10), tmp_path / name, FakeAsker(wrong=["Tell 3"]))
    runs = Runs(tmp_path, compared)
    assert [run.fault for run in runs.listed()] == ["", ""]
    page = render_runs(runs)
    assert "10 questions" in page and page.count('type="radio"') == 4
    assert "0.900" in page and 'class="trend"' in page and "Compare A with B" in page
    assert "<!doctype html>" in runs.compared("a", "b")


BROKEN: list[Any] = [
    b"",
    b"\xff\xfe{",
    b"null",
    b"[]",
    b"{}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    summary(finished="yesterday"),
    summary(finished="0001-01-01T00:00:00+14:00"),
    summary(finished="9999-12-31T23:59:59-14:00"),
    summary(finished=10**30),
    summary(overall={"cases": -1, "failed": 0, "figures": {}}),
    summary(overall={"cases": 10**30, "failed": 0, "figures": {}}),
    summary(overall={"cases": 1, "failed": 0, "figures": {"right": {**FIGURE, "mean": 7}}}),
    summary(overall={"cases": 1, "failed": 0, "figures": {"right": None}}),
    json.dumps(summary(overall={"cases": 1, "failed": 0, "figures": {"right": FIGURE}}))
    .replace("0.5", "NaN")
    .encode(),
    summary(config={"answerer": ["quotes"]}),
    summary(set="x" * 1000),
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_summary_is_shown_as_such(tmp_path: Path, content: Any) -> None:
    put(tmp_path, "good", summary())
    put(tmp_path, "broken", content)
    runs = Runs(tmp_path, compared)
    good, broken = runs.listed()
    assert good.fault == "" and "damaged" in broken.fault
    page = render_runs(runs)
    assert "<b>broken</b>: Its summary.json is damaged" in page and "0.500" in page
    with pytest.raises(NotFound):
        runs.file("broken", "report.html")
    with pytest.raises(NotFound):
        runs.compared("good", "broken")


def test_a_folder_of_all_sorts(tmp_path: Path) -> None:
    runs, secret = tmp_path / "runs", tmp_path / "secret"
    put(secret, "run", summary(), "canary")
    put(runs, "good", summary())
    (runs / "linked").symlink_to(secret / "run")
    inside = put(runs, "inside", summary(), None)
    (inside / "report.html").symlink_to(secret / "run" / "report.html")
    (inside / "junit.xml").mkdir()
    os.mkfifo(inside / "summary.md")
    (runs / "empty").mkdir()
    (put(runs, "fifo", summary()) / "summary.json").unlink()
    os.mkfifo(runs / "fifo" / "summary.json")
    (runs / ".hidden").mkdir()
    (runs / f"{EVIL.replace('/', '')}").mkdir()
    found = Runs(runs)
    assert {run.name: bool(run.summary) for run in found.listed()} == {
        "good": True,
        "inside": True,
        "empty": False,
        "fifo": False,
    }
    assert not next(run for run in found.listed() if run.name == "inside").has_report
    for name, file in [
        ("linked", "report.html"),
        ("inside", "report.html"),
        ("inside", "junit.xml"),
        ("inside", "summary.md"),
        ("good", "../../secret/run/report.html"),
        ("good", "run.json"),
        ("../secret/run", "report.html"),
        ("..", "report.html"),
        (".", "report.html"),
        ("", "report.html"),
        ("good/../good", "report.html"),
        ("good\0", "report.html"),
        ("good ", "report.html"),
        (str(secret / "run"), "report.html"),
    ]:
        with pytest.raises(NotFound):
            found.file(name, file)
    assert found.file("good", "report.html") == b"<p>Report"


def test_no_folder_or_no_run(tmp_path: Path) -> None:
    assert Runs(tmp_path / "no").listed() == [] and Runs(Path("/dev/null")).listed() == []
    page = render_runs(Runs(tmp_path / "<b>"))
    assert "dateline eval run" in page and "&lt;b&gt;" in page


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    for at, bad in enumerate(PAYLOADS):
        text = bad.encode("utf-8", "replace").decode()[:90]
        put(tmp_path, f"r{at}", summary(set=text, config={"answerer": text, text: text}))
    put(tmp_path, "r&'x", summary())  # no name of ours
    put(tmp_path, "a+b, c=d", summary())
    page = render_runs(Runs(tmp_path, compared))
    for sign in ("<script", "<img", "<iframe", "onerror=", "javascript:"):
        plain = page.replace("&lt;", "").lower()
        assert sign not in plain or sign.startswith(("onerror", "javascript")), sign
    assert "/evaluation/runs/a%2Bb%2C%20c%3Dd/report.html" in page and "r&amp;" not in page


def test_what_a_comparison_does_not_say(tmp_path: Path) -> None:
    put(tmp_path, "a", summary())  # enough for the list, too little to compare
    put(tmp_path, "b", summary())
    with pytest.raises(UsageError, match="cannot be compared") as raised:
        Runs(tmp_path, compared).compared("a", "b")
    assert str(tmp_path) not in str(raised.value)
    with pytest.raises(UsageError, match="dateline eval compare"):
        Runs(tmp_path).compared("a", "b")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


def test_over_http(archive: Archive, tmp_path: Path) -> None:
    for name in ("a", "b"):
        ask(some(10), tmp_path / name, FakeAsker(wrong=["Tell 3"] if name == "b" else ()))
    api = create_api(dateline(archive, runs=tmp_path), compared)
    client = TestClient(api, "http://localhost", raise_server_exceptions=False)
    report = client.get("/evaluation/runs/a/report.html")
    assert report.status_code == 200 and "Evaluation of 10 questions" in report.text
    assert report.headers["content-type"].startswith("text/html")
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts; ")
    assert "allow-same-origin" not in report.headers["content-security-policy"]
    for file in ("summary.json", "summary.md", "junit.xml"):
        reply = client.get(f"/evaluation/runs/b/{file}")
        assert reply.headers["content-type"].startswith("text/plain") and reply.text
    page = client.get("/evaluation/compare", params={"a": "a", "b": "b"})
    assert page.status_code == 200 and "Questions that flipped" in page.text
    assert page.headers["content-security-policy"].startswith("sandbox")
    for path in (
        "/evaluation/runs/a/run.json",
        "/evaluation/runs/a/results.jsonl",
        "/evaluation/runs/../a/report.html",
        "/evaluation/runs/%2e%2e/report.html",
        "/evaluation/runs/a/..%2fb%2freport.html",
        "/evaluation/runs/a%00/report.html",
        "/evaluation/runs//etc/passwd",
        "/evaluation/compare?a=a&b=..",
        "/evaluation/compare?a=a&b=none",
    ):
        reply = client.get(path)
        assert reply.status_code == 404 and "error" in reply.json(), path
    for query in ("", "?a=a", f"?a=a&b={'x' * 101}"):
        assert client.get(f"/evaluation/compare{query}").status_code in (400, 422)
