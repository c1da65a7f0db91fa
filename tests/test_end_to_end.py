"""The packaged models, end to end: ingest, ask, evaluate, and the model answerer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real
ROOT = Path(__file__).parent.parent


def dateline(*arguments: str, data: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    # Proxies that lead nowhere: whoever wants the network fails.
    closed = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        env={**kept, **closed, "DATELINE_DATA": str(data), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def asked(question: str, data: Path, *options: str, **environment: str) -> dict[str, Any]:
    done = dateline("ask", question, "--json", *options, data=data, **environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("data")
    done = dateline("ingest", "seeds", data=data)
    assert done.returncode == 0, done.stderr
    assert "5 added" in done.stderr
    yield data


def test_a_question_is_answered_with_exact_citations(archive: Path) -> None:
    answer = asked("What rate will US duties rise to without a deal by March 1?", archive)
    assert answer["status"] == "answered"
    assert "25 percent" in answer["answer"]
    for citation in answer["citations"]:
        text = dateline("articles", "show", citation["article_id"], "--json", data=archive)
        article = json.loads(text.stdout)
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert answer["citations"][0]["published"] == "2019-02-01"
    assert len(answer["passages"]) >= 10


def test_what_is_off_the_subject_is_refused(archive: Path) -> None:
    answer = asked("How do I bake bread without yeast?", archive)
    assert answer["status"] == "not_in_articles"
    assert answer["citations"] == []
    assert answer["passages"]


def test_as_of_leaves_out_what_came_later(archive: Path) -> None:
    answer = asked("What did Bessent say about the talks?", archive, "--as-of", "2019-12-31")
    assert all(p["published"] <= "2019-12-31" for p in answer["passages"])


def test_the_packaged_model_answers_or_the_quotes_say_why(archive: Path) -> None:
    question = "Who leads the US trade delegation to Beijing?"
    answer = asked(question, archive, DATELINE_ANSWERER="model")
    if answer["status"] == "answered":
        assert answer["answerer"].startswith("SmolLM2") or answer["notes"]
        assert all(sentence["citations"] for sentence in answer["sentences"])


def test_a_model_that_is_not_there_leaves_the_quotes_and_a_word_about_why(archive: Path) -> None:
    answer = asked(
        "What rate will US duties rise to without a deal by March 1?",
        archive,
        DATELINE_ANSWERER="model",
        DATELINE_MODEL="any",
        DATELINE_MODEL_URL="http://127.0.0.1:9/v1",
    )
    assert answer["status"] == "answered"
    assert answer["answerer"] == "quotes"
    assert "127.0.0.1" in answer["notes"][0]


def test_the_evaluation_set_holds_its_baseline(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = dateline("eval", "run", "evals/sets/seeds.jsonl", "--out", str(out), data=archive)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert all(c.get("exact", True) for row in rows for c in row["citations"])
    assert (out / "report.html").read_text().startswith("<!")
    gated = dateline(
        "eval", "gate", str(out), "--baseline", "evals/baselines/seeds.json", data=archive
    )
    assert gated.returncode == 0, gated.stderr


def test_doctor_finds_all_well(archive: Path) -> None:
    done = dateline("doctor", data=archive)
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
