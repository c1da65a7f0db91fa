"""Runs: what they write, how they go on where they were cut, and what they never mix."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.case import Evidence
from evals.summary import read
from evals.table import table
from index.errors import UsageError
from index.schema import Article
from service.schema import Answer, Question
from tests.askers import FakeAsker, ask, figures, rows, some


def test_a_run_writes_what_it_promises(tmp_path: Path) -> None:
    summary = ask(some(10), tmp_path)
    first, *_, last = rows(tmp_path)
    key = Article("k0", "0.md", "").id
    assert first == {
        "id": "q0",
        "status": "answered",
        "answer": "The answer to 0 is fact 0. [1]",
        "citations": [
            {
                "number": 1,
                "article": "0.md",
                "article_id": key,
                "quote": "Gold ",
                "start": 0,
                "end": 5,
                "after": "0. More <b>of</b> it.",
            }
        ],
        "passages": [
            {
                "article": "0.md",
                "article_id": key,
                "text": "Gold 0. More <b>of</b> it.",
                "start": 0,
                "end": 26,
                "score": 0.123457,
            }
        ],
        "facts_found": [True],
        "seconds": {"retrieve": 0.0123, "answer": 0.5},
        "confidence": 0.0,
    }
    assert last["status"] == "not_in_articles" and last["facts_found"] == []
    assert summary == read(tmp_path) == read(tmp_path / "summary.json")
    assert summary.overall.statuses == {"answered": 8, "not_in_articles": 2}
    assert summary.overall.figures["right"].mean == 1 and summary.overall.figures["right"].n == 10
    assert summary.overall.figures["mrr@10"].n == 8
    assert summary.types["null"].figures["refusal_recall"].mean == 1
    assert summary.overall.spreads["words"].median == 7
    assert "evidence_recall@10" in table(summary) and "10 questions" in table(summary)


def test_a_citation_is_checked_against_its_article(tmp_path: Path) -> None:
    class Misquoting(FakeAsker):
        async def __call__(self, question: Question) -> Answer:
            answer = await super().__call__(question)
            return replace(answer, citations=(replace(answer.citations[0], quote="Gilt "),))

    summary = ask(some(1), tmp_path, Misquoting())
    assert rows(tmp_path)[0]["citations"][0]["exact"] is False
    assert summary.overall.figures["citations_exact"].mean == 0
    assert "not what stands there" in (tmp_path / "report.html").read_text()


def test_an_article_goes_by_the_name_the_set_uses(tmp_path: Path) -> None:
    class Linking(FakeAsker):
        async def __call__(self, question: Question) -> Answer:
            answer = await super().__call__(question)
            linked = (
                replace(h, article=replace(h.article, url="https://x.org/1")) for h in answer.hits
            )
            return replace(answer, hits=tuple(linked))

    case = replace(some(1)[0], evidence=(Evidence("https://x.org/1", "Gold 0."),))
    summary = ask([case], tmp_path, Linking())
    assert rows(tmp_path)[0]["passages"][0]["article"] == "https://x.org/1"
    assert summary.overall.figures["article_hit@1"].mean == 1


def test_retrieval_only(tmp_path: Path) -> None:
    summary = ask(some(5), tmp_path, retrieval_only=True)
    row = rows(tmp_path)[0]
    assert (row["status"], row["answer"], row["citations"]) == ("not_in_articles", "", [])
    assert len(row["passages"]) == 1
    assert "right" not in summary.overall.figures and "words" not in summary.overall.spreads
    assert summary.overall.outcomes == {"right": 4, "nothing to check": 1}
    assert "Retrieval only" in table(summary)


def test_two_runs_are_equal(tmp_path: Path) -> None:
    for name in ("a", "b"):
        ask(some(20), tmp_path / name, FakeAsker(wrong=["Tell 3"]))
    assert figures(tmp_path / "a") == figures(tmp_path / "b")
    for file in ("results.jsonl", "run.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("cut", range(1, 2000, 271))
def test_a_run_cut_anywhere_goes_on(tmp_path: Path, cut: int) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    ask(some(6), whole)
    ask(some(6), torn)
    written = (torn / "results.jsonl").read_bytes()[:cut]
    (torn / "results.jsonl").write_bytes(written)
    asker = FakeAsker()
    ask(some(6), torn, asker)
    assert len(asker.asked) == 6 - written.count(b"\n")
    assert (torn / "results.jsonl").read_bytes() == (whole / "results.jsonl").read_bytes()
    assert figures(torn) == figures(whole)


def test_a_damaged_or_repeated_line_is_asked_again(tmp_path: Path) -> None:
    ask(some(4), tmp_path)
    path = tmp_path / "results.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\0\0\0\n" + lines[3] + lines[0] + lines[2])
    asker = FakeAsker()
    ask(some(4), tmp_path, asker)
    assert asker.asked == ["Tell 1"]
    assert path.read_bytes() == b"".join(lines)


def test_a_failing_question_is_counted_and_never_scored(tmp_path: Path) -> None:
    broken = [f"Tell {n}" for n in range(0, 20, 10)]
    summary = ask(some(20), tmp_path, FakeAsker(broken=broken))
    assert summary.failed == ("q0", "q10")
    assert (summary.overall.cases, summary.overall.failed) == (20, 2)
    assert summary.overall.figures["right"].n == 18 and "q0" not in summary.cases
    assert rows(tmp_path)[0] == {
        "id": "q0",
        "status": None,
        "answer": "",
        "citations": [],
        "passages": [],
        "facts_found": [False],
        "seconds": {},
        "error": "RuntimeError: The model fell <over>",
    }
    assert "q0, q10" in table(summary)
    assert "RuntimeError: The model fell &lt;over&gt;" in (tmp_path / "report.html").read_text()
    mended = FakeAsker()
    assert ask(some(20), tmp_path, mended).failed == ()
    assert mended.asked == broken
    assert [row["id"] for row in rows(tmp_path)] == [f"q{n}" for n in range(20)]


def test_a_run_in_which_everything_fails(tmp_path: Path) -> None:
    summary = ask(some(2), tmp_path, FakeAsker(broken=["Tell 0", "Tell 1"]))
    assert (summary.overall.figures, summary.overall.outcomes) == ({}, {"failed": 2})
    assert "2 failed" in table(summary)


def test_runs_are_never_mixed(tmp_path: Path) -> None:
    ask(some(3), tmp_path)
    kept = (tmp_path / "results.jsonl").read_bytes()
    with pytest.raises(UsageError, match="model: fake, now other.*another --out or delete it"):
        ask(some(3), tmp_path, config={"model": "other"})
    with pytest.raises(UsageError, match="set: "):
        ask(some(4), tmp_path)
    with pytest.raises(UsageError, match="retrieval_only: False, now True"):
        ask(some(3), tmp_path, retrieval_only=True)
    assert (tmp_path / "results.jsonl").read_bytes() == kept
    (tmp_path / "run.json").unlink()
    with pytest.raises(UsageError, match="run.json is missing"):
        ask(some(3), tmp_path)
    asker = FakeAsker()
    assert ask(some(4), tmp_path, asker, config={"model": "other"}, fresh=True).overall.cases == 4
    assert len(asker.asked) == 4
