"""What a run leaves behind, and what is made of it: report, Markdown, JUnit, comparison, gate."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from evals import comparison_page, outputs, report
from evals.case import Case, Evidence, load
from evals.compare import compare
from evals.gate import gate
from evals.outcome import explain, judge
from evals.result import Cited, Found, Result, decode, encode
from evals.summary import Summary, read, summarise
from evals.summary import encode as encode_summary
from index.errors import UsageError
from service.cli import app
from service.schema import Answer, Question
from tests.askers import FakeAsker, ask, figures, some

RUNNER = CliRunner()
CASES = some(200)


class Sure(FakeAsker):
    """Is sure of what it says to a degree, and says what the check took out."""

    async def __call__(self, question: Question) -> Answer:
        answer = await super().__call__(question)
        number = int(question.text.split()[-1])
        dropped = (f"Perhaps fact {number}.",) if question.text in self.wrong else ()
        return replace(answer, confidence=(number % 9) / 9, dropped=dropped)


def invented(right: Sequence[bool]) -> Summary:
    """A finished run in which these questions went right."""
    pairs = [
        (
            case,
            Result(case.id, "answered", "x", facts_found=(ok,))
            if case.answerable
            else Result(case.id, "not_in_articles" if ok else "answered"),
        )
        for case, ok in zip(CASES, right, strict=False)
    ]
    told = [
        (case, replace(result, answer=f"fact {case.id[1:]}" if ok else "x"))
        for (case, result), ok in zip(pairs, right, strict=True)
    ]
    return summarise(told, set="s", config={}, retrieval_only=False, finished="2026-01-01T00:00:00")


def saved(summary: Summary, path: Path) -> Path:
    path.write_text(encode_summary(summary))
    return path


# The gate


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_drop_fails_the_gate_and_names_the_questions(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    before = generator.random(200) < 0.8
    lost = sorted(generator.choice(np.flatnonzero(before), size=10, replace=False).tolist())
    after = before.copy()
    after[lost] = False  # ten of two hundred: five points
    old = saved(invented(before.tolist()), tmp_path / "old.json")
    new = saved(invented(after.tolist()), tmp_path / "new.json")
    ran = RUNNER.invoke(app, ["eval", "gate", str(new), "--baseline", str(old)])
    assert ran.exit_code == 1
    right = next(line for line in ran.stderr.splitlines() if line.startswith("right fell by 5.0"))
    assert re.findall(r"q\d+", right) == [f"q{n}" for n in lost]
    held = RUNNER.invoke(
        app, ["eval", "gate", str(new), "--baseline", str(old), "--max-drop", "20"]
    )
    assert held.exit_code == 0


@pytest.mark.slow
def test_equal_runs_pass_whatever_the_seed(tmp_path: Path) -> None:
    for seed in range(100):
        right = (np.random.default_rng(seed).random(60) < 0.1 + 0.008 * seed).tolist()
        summary = invented(right)
        one, other = saved(summary, tmp_path / "one.json"), saved(summary, tmp_path / "other.json")
        assert gate(one, other, 0) == []


def test_the_gate_passes_equal_runs_at_the_command_line(tmp_path: Path) -> None:
    ask(some(20), tmp_path / "a", FakeAsker(wrong=["Tell 3"]))
    ask(some(20), tmp_path / "b", FakeAsker(wrong=["Tell 3"]))
    ran = RUNNER.invoke(
        app, ["eval", "gate", str(tmp_path / "b"), "--baseline", str(tmp_path / "a")]
    )
    assert (ran.exit_code, ran.stderr) == (0, "No worse than the baseline.\n")


# Files of a run


def test_a_run_stands_by_itself(tmp_path: Path) -> None:
    summary = ask(some(12), tmp_path, Sure(wrong=["Tell 3"]))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*outputs.MADE, "results.jsonl", "run.json"]
    )
    assert load(tmp_path / "cases.jsonl") == some(12)
    before = {name: (tmp_path / name).read_bytes() for name in outputs.MADE}
    for name in outputs.MADE[2:]:
        (tmp_path / name).unlink()
    again = RUNNER.invoke(app, ["eval", "report", str(tmp_path)])
    assert again.exit_code == 0 and "aurc" in again.stdout
    assert {name: (tmp_path / name).read_bytes() for name in outputs.MADE} == before
    assert read(tmp_path) == summary
    assert summary.overall.figures["aurc"].n == 10 and summary.cases["q3"].confidence == 0.3333


def test_a_run_of_an_earlier_version_still_loads(tmp_path: Path) -> None:
    ask(some(10), tmp_path, FakeAsker(wrong=["Tell 3"]))
    new = figures(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    for row in rows:
        for name in ("confidence", "dropped", "notes"):
            row.pop(name, None)
        for citation in row["citations"]:
            for name in ("before", "after", "title", "outlet", "published", "language"):
                citation.pop(name, None)
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    summary = json.loads((tmp_path / "summary.json").read_text())
    summary["cases"] = {
        id: {"type": scored["type"], "scores": scored["scores"]}
        for id, scored in summary["cases"].items()
    }
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    (tmp_path / "cases.jsonl").rename(tmp_path / "set.jsonl")
    assert gate(tmp_path, tmp_path, 0) == [] and compare(tmp_path, tmp_path).cases == 10
    with pytest.raises(UsageError, match="name their set with --set"):
        outputs.remake(tmp_path)
    outputs.remake(tmp_path, tmp_path / "set.jsonl")
    old = figures(tmp_path)
    assert "aurc" not in old["overall"]["figures"] and "aurc" in new["overall"]["figures"]
    assert old["overall"]["figures"]["right"] == new["overall"]["figures"]["right"]
    assert "<mark>Gold </mark>0. More" in (tmp_path / "report.html").read_text()


def test_an_unfinished_run_has_no_report(tmp_path: Path) -> None:
    ask(some(4), tmp_path)
    rows = (tmp_path / "results.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "results.jsonl").write_bytes(b"".join(rows[:3]))
    ran = RUNNER.invoke(app, ["eval", "report", str(tmp_path)])
    assert isinstance(ran.exception, UsageError) and "lacks results of 1 questions (q3)" in str(
        ran.exception
    )


def test_what_a_result_leaves_out_comes_back() -> None:
    full = Result(
        "1", "answered", "Yes. [1]",
        (Cited(1, "a", "id", "q", 0, 1, False, "b", "c", "T", "O", None, "en"),),
        confidence=0.5, dropped=("No.",), notes=("Why.",), error="x",
    )  # fmt: skip
    assert decode(encode(full)) == full
    bare = Result("1", "answered", citations=(Cited(1, "a", "id", "q", 0, 1),))
    assert decode(encode(bare)) == bare
    assert set(json.loads(encode(bare))["citations"][0]) == {
        "number", "article", "article_id", "quote", "start", "end",
    }  # fmt: skip


def test_junit_has_a_test_case_for_each_question(tmp_path: Path) -> None:
    cases = [
        *some(10),
        Case("nothing", "Tell 3"),
        Case("a\x0b<b>", "Tell \x00 11", "t", facts=(("x",),)),
    ]
    ask(cases, tmp_path, FakeAsker(wrong=["Tell 3"], broken=["Tell 5"]))
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()[0]
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["12", "2", "1", "1"]
    tests = suite.findall("testcase")
    assert [test.get("name") for test in tests[:10]] == [f"q{n}" for n in range(10)]
    assert tests[11].get("name") == "a\ufffd<b>"
    failure = tests[3].find("failure")
    assert failure is not None and failure.get("message") == "retrieved but not chosen"
    assert "Question: Tell 3" in (failure.text or "") and "Facts: fact 3" in (failure.text or "")
    assert tests[5].find("error") is not None and tests[10].find("skipped") is not None
    assert tests[4].get("classname") == "null" and len(tests[4]) == 0


def test_markdown_keeps_its_tables(tmp_path: Path) -> None:
    cases = [*some(10), Case("x|y", "Tell 3", "a|b\nc `d`", facts=(("z",),))]
    ask(cases, tmp_path, FakeAsker(wrong=["Tell 3"]))
    text = (tmp_path / "summary.md").read_text()
    assert "# Evaluation of 11 questions" in text and "| right | 0." in text
    assert "a\\|b c \\`d\\`" in text and "x\\|y" in text
    for block in text.split("\n\n"):
        rows = [row.replace("\\|", "") for row in block.splitlines() if row.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1


# Why a question went wrong


def test_why_is_told_with_ranks() -> None:
    case = Case(
        "1",
        "?",
        facts=(("fact 1",),),
        evidence=(Evidence("a", "Gold a."), Evidence("b", "Gold b.")),
    )
    low = Result("1", "answered", "No.", passages=tuple(
        Found("x", "x", text, 0, 9, 0.0) for text in ["-"] * 6 + ["Gold a.", "Gold b."]
    ))  # fmt: skip
    assert judge(case, low, retrieval_only=False) == "retrieved too low"
    assert explain(case, low, "retrieved too low") == (
        "Gold evidence at rank 7, 8 among the 8 passages."
    )
    half = replace(low, passages=low.passages[:7])
    assert judge(case, half, retrieval_only=False) == "not retrieved"
    assert explain(case, half, "not retrieved") == (
        "Gold evidence at rank 7; 1 of 2 not among the 7 passages."
    )
    none = replace(low, passages=low.passages[:2])
    assert explain(case, none, "not retrieved") == "No gold evidence among the 2 passages."
    refused = replace(none, status="not_in_articles")
    assert judge(case, refused, retrieval_only=False) == "wrongly refused"
    dropped = replace(none, dropped=("It is fact 1.", "Other."))
    assert judge(case, dropped, retrieval_only=False) == "dropped by the check"
    assert explain(case, dropped, "dropped by the check") == "The check took out: It is fact 1."
    articles = Case("1", "?", facts=(("f",),), evidence=(Evidence("x"), Evidence("y")))
    assert (
        explain(articles, none, "not retrieved")
        == "50% of the gold articles are among the passages."
    )


# The report's size


def test_a_large_report_is_bounded() -> None:
    gold = "The gold evidence stands right here."
    text = "Plain words. " * 60 + gold + " More words." * 60
    passages = tuple(Found(f"a{n}", f"a{n}", text, 0, len(text), 1.0) for n in range(12))
    cases = [
        Case(f"q{n}", "Why?", evidence=(Evidence("a0", gold),), facts=(("x",),))
        for n in range(1000)
    ]
    pairs = [(case, Result(case.id, "answered", "y " * 50, passages=passages)) for case in cases]
    summary = summarise(pairs, set="s", config={}, retrieval_only=False, finished="2026-01-01")
    page = report.render(summary, pairs)
    assert len(page) < 10_000_000
    assert page.count(f"<mark>{gold}</mark>") == 10_000


# Comparisons


def test_a_comparison_says_what_it_leaves_out(tmp_path: Path) -> None:
    ask(some(20), tmp_path / "a")
    changed = [
        replace(case, question="Tell 1") if case.id == "q2" else case for case in some(22)[1:]
    ]
    ask(changed, tmp_path / "b", Sure(wrong=["Tell 3", "Tell 6"]))
    found = compare(tmp_path / "a", tmp_path / "b")
    assert (found.cases, found.only_a, found.only_b) == (18, ("q0",), ("q20", "q21"))
    assert found.changed == ("q2",)
    assert found.flips and (found.flips.better, found.flips.worse) == ((), ("q3", "q6"))
    page = tmp_path / "page.html"
    ran = RUNNER.invoke(
        app, ["eval", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--html", str(page)]
    )
    assert ran.exit_code == 0 and "right worse: q3, q6" in ran.stdout
    for text in (ran.stdout, page.read_text()):
        assert "Scored in a only: q0" in text and "Scored in b only: q20, q21" in text
        assert "Not the same case in both, so left out: q2" in text
    html = page.read_text()
    assert html.count("<template>") == 2 and "The answer to 3 is fact 3." in html
    assert "The answer to 3 is nothing." in html and "dropped by the check" in html


def test_runs_without_their_texts_are_compared_by_id(tmp_path: Path) -> None:
    right = [True] * 200
    old = saved(invented(right), tmp_path / "old.json")
    new = saved(invented([*right[:-1], False]), tmp_path / "new.json")
    page = comparison_page.render(old, new)
    assert "q199" in page and "This run does not hold its texts." in page


def test_a_comparison_that_cannot_be_written(tmp_path: Path) -> None:
    ask(some(2), tmp_path / "a")
    where = tmp_path / "no" / "such" / "page.html"
    ran = RUNNER.invoke(app, ["eval", "compare", *[str(tmp_path / "a")] * 2, "--html", str(where)])
    assert isinstance(ran.exception, UsageError) and "Cannot write" in str(ran.exception)


def test_the_area_under_risk_and_coverage_is_compared_in_pairs(tmp_path: Path) -> None:
    class Sharp(Sure):
        async def __call__(self, question: Question) -> Answer:
            answer = await super().__call__(question)
            return replace(answer, confidence=0.1 if question.text in self.wrong else 0.9)

    wrong = [f"Tell {n}" for n in range(0, 60, 3)]
    ask(some(60), tmp_path / "a", Sure(wrong=wrong))
    ask(some(60), tmp_path / "b", Sharp(wrong=wrong))
    area = compare(tmp_path / "a", tmp_path / "b").of("aurc")
    assert area.change < 0 and area.sure and area.n == 48
    same = compare(tmp_path / "a", tmp_path / "a").of("aurc")
    assert (same.change, same.low, same.high) == (0, 0, 0)
