"""Answers judged by other models: kept apart; a judge that fails is counted."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals import judging, outputs
from evals.case import Case
from evals.judging.answers import AnswerJudge
from evals.judging.citations import CitationJudge
from evals.result import Cited, Result, encode
from evals.summary import read, summarise
from index.errors import ModelError, UsageError
from service.cli import app
from service.models.openai_api import OpenAIModel
from tests.model_server import ModelServer, Reply, body, running, stream

CASES = [
    Case("c1", "What did the mayor cut?", type="one", facts=(("bus fares", "fares"),)),
    Case("c2", "Who opened the bridge?", type="two"),
    Case("c3", "What was refused?", type="two", answerable=False),
]
RISE, CUT = "Taxes rise by 2 percent.", "The mayor cut bus fares."


def cited(number: int, quote: str) -> Cited:
    return Cited(number, "a.md", "id", quote, 0, len(quote))


RESULTS = [
    Result("c1", "answered", f"{CUT} [1]", (cited(1, CUT),)),
    Result("c2", "answered", f"{RISE} [1] [2] Trains are late.", (cited(1, RISE), cited(2, CUT))),
    Result("c3", "not_in_articles"),
]
PAIRS = list(zip(CASES, RESULTS, strict=True))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run."""
    (tmp_path / "results.jsonl").write_bytes(b"".join(map(encode, RESULTS)))
    figures = summarise(PAIRS, set="s", config={}, retrieval_only=False, finished="2026-01-01")
    outputs.write(tmp_path, PAIRS, figures)
    return tmp_path


def judged(run: Path, *replies: Reply) -> tuple[list[judging.Judgement], int]:
    """What a model with these replies says, and how often it was asked."""

    async def main() -> int:
        async with ModelServer(*replies) as server:
            model = OpenAIModel(server.url, "wise")
            try:
                await judging.judge(run, PAIRS, "wise", AnswerJudge(model))
            finally:
                await model.close()
            return len(server.requests)

    asked = asyncio.run(main())
    return judging.read(run), asked


def test_marks_of_a_language_model(run: Path) -> None:
    yes, no, mark = stream("YES"), stream("No."), stream("4.0\nNearly all of it.")
    said, asked = judged(run, yes, no, mark, no, yes)
    assert [(one.id, one.scores) for one in said] == [
        ("c1", {"faithfulness": 1, "relevancy": 0, "correctness": 0.75}),
        ("c2", {"faithfulness": 0, "relevancy": 1}),  # its facts are not known
    ]
    assert asked == 5  # a refusal is not judged


@pytest.mark.parametrize(
    "reply", [stream("Hard to say."), stream("nothing at all"), body("", status=400)]
)
def test_a_judge_without_a_mark_scores_nothing(run: Path, reply: Reply) -> None:
    said, _ = judged(run, reply)
    assert all(not one.scores for one in said)
    assert set(said[0].failed) == {"faithfulness", "relevancy", "correctness"}
    figures = outputs.remake(run)
    assert figures.judged["wise"].failed == 2 and not figures.judged["wise"].figures


def test_a_mark_out_of_range_is_none(run: Path) -> None:
    said, _ = judged(run, stream("yes"), stream("yes"), stream("9\nSplendid."), stream("yes"))
    assert "correctness" not in said[0].scores and said[0].failed["correctness"]


def test_judging_goes_on_where_it_was(run: Path) -> None:
    replies = [stream("yes"), stream("yes"), stream("5.0\nFine."), stream("yes")]
    _, first = judged(run, *replies)
    lines = (run / judging.FILE).read_bytes().splitlines(keepends=True)
    (run / judging.FILE).write_bytes(lines[0] + lines[1][:9])
    said, second = judged(run, stream("yes"))
    assert first == 5 and second == 2  # what was torn is asked again, and nothing else
    assert {one.id for one in said} == {"c1", "c2"}


def contains(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """An inference model that knows only what is there word by word."""
    return [hypothesis.rstrip(".") in premise for premise, hypothesis in pairs]


def test_citations_by_inference(run: Path) -> None:
    asyncio.run(judging.judge(run, PAIRS, "nli", CitationJudge("nli", contains)))
    scores = {one.id: one.scores for one in judging.read(run)}
    assert scores["c1"] == {"alce_recall": 1, "alce_precision": 1}
    # Two sentences, one of them borne out; of its two citations only the first is of use.
    assert scores["c2"] == {"alce_recall": 0.5, "alce_precision": 0.5}


def test_judged_figures_stand_apart(run: Path) -> None:
    asyncio.run(judging.judge(run, PAIRS, "nli", CitationJudge("nli", contains)))
    before = read(run)
    after = outputs.remake(run)
    assert after.overall == before.overall and after.types == before.types
    assert after.judged["nli"].figures["alce_recall"].mean == 0.75
    assert after.judged["nli"].types["two"]["alce_recall"].n == 1
    for name in ("report.html", "summary.md"):
        assert "udged by nli" in (run / name).read_text()


def test_from_the_command_line(run: Path) -> None:
    with running(stream("yes"), stream("yes"), stream("5.0\nFine."), stream("no")) as server:
        done = CliRunner().invoke(app, ["eval", "judge", str(run), "--url", server.url])
    assert done.exit_code == 0, done.output
    assert "judged by default" in done.output and "correctness" in done.output
    nobody = CliRunner().invoke(app, ["eval", "judge", str(run)])
    assert isinstance(nobody.exception, UsageError)
    gone = CliRunner().invoke(app, ["eval", "judge", str(run), "--url", "http://127.0.0.1:9/v1"])
    assert isinstance(gone.exception, ModelError) and "127.0.0.1:9" in str(gone.exception)


def test_an_inference_model_that_is_none(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["eval", "judge", str(run), "--nli", str(tmp_path / "none")])
    assert isinstance(done.exception, UsageError) and "inference model" in str(done.exception)
