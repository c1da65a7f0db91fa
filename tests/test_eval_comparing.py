"""Runs shown, compared and gated: every case stands in the report, and no drop passes."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals import compare as comparing
from evals.case import Case
from evals.compare import compare
from evals.gate import gate
from index.errors import UsageError
from service.schema import Answer, Question
from tests.askers import FakeAsker, ask, some


class Page(HTMLParser):
    """What a browser would see of a page: its tags and its addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_report_shows_every_case_and_trusts_none(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    cases = [*some(10), Case("x", evil, '"><img src=x>', facts=((evil,),))]
    ask(cases, tmp_path, FakeAsker(wrong=["Tell 3"], broken=[evil]))
    text = (tmp_path / "report.html").read_text()
    page = Page(text)
    assert page.tags["template"] == 11 and page.tags["script"] == 1
    assert all(address.startswith("#") for address in page.addresses) and "img" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<mark>Gold 0.</mark> More &lt;b&gt;of&lt;/b&gt; it." in text
    assert "retrieved but not chosen" in text


def test_equal_runs_differ_in_nothing_and_pass(tmp_path: Path) -> None:
    for name in ("a", "b"):
        ask(some(40), tmp_path / name, FakeAsker(wrong=["Tell 3"]))
    comparison = compare(tmp_path / "a", tmp_path / "b")
    assert not any(d.change or d.better or d.worse or d.sure for d in comparison.differences)
    assert gate(tmp_path / "b", tmp_path / "a" / "summary.json", max_drop=0) == []


def test_a_planted_drop_is_found_with_its_questions(tmp_path: Path) -> None:
    lost = [5, 17, 31, 48, 62, 75, 88, 101, 133, 160, 187]
    ask(some(200), tmp_path / "a", FakeAsker(wrong=["Tell 0"]))
    ask(some(200), tmp_path / "b", FakeAsker(wrong=[f"Tell {n}" for n in lost]))
    comparison = compare(tmp_path / "a", tmp_path / "b")
    right = comparison.of("right")
    assert right.worse == tuple(f"q{n}" for n in lost) and right.better == ("q0",)
    assert right.change == pytest.approx(-0.05) and right.n == 200
    assert right.low < -0.05 < right.high < 0 and right.sure
    assert comparison.of("facts_found", "plain").change == pytest.approx(-10 / 160)
    assert not comparison.of("mrr@10").worse
    text = comparing.table(comparison)
    assert "right better: q0" in text and "right worse: q5, q17," in text
    reasons = gate(tmp_path / "b", tmp_path / "a", max_drop=2)
    assert [reason.split(" fell")[0] for reason in reasons] == ["right", "facts_found"]
    assert reasons[0].endswith("worse: " + ", ".join(f"q{n}" for n in lost))
    assert gate(tmp_path / "b", tmp_path / "a", max_drop=6.25) == []
    assert len(gate(tmp_path / "b", tmp_path / "a", max_drop=5)) == 1  # exactly 5 points may fall
    assert gate(tmp_path / "a", tmp_path / "b", max_drop=0) == []  # a rise is no reason


def test_wrong_refusals_and_failures_do_not_pass(tmp_path: Path) -> None:
    class Shy(FakeAsker):
        async def __call__(self, question: Question) -> Answer:
            answer = await super().__call__(question)
            shy = question.text in self.wrong
            return replace(answer, status="not_in_articles") if shy else answer

    ask(some(20), tmp_path / "a")
    ask(some(20), tmp_path / "b", Shy(wrong=["Tell 3"]))
    ask(some(20), tmp_path / "c", FakeAsker(broken=["Tell 2"]))
    ask(some(19), tmp_path / "d", retrieval_only=True)
    refused = compare(tmp_path / "a", tmp_path / "b").of("refused_answerable")
    assert (refused.better, refused.worse) == ((), ("q3",))
    reasons = gate(tmp_path / "b", tmp_path / "a", max_drop=2)
    assert any(reason.startswith("refused_answerable rose by 6.2 points") for reason in reasons)
    assert gate(tmp_path / "c", tmp_path / "a", max_drop=2) == ["Failed questions: 1 (q2)."]
    said = " ".join(gate(tmp_path / "d", tmp_path / "a", max_drop=2))
    assert "another set" in said and "Not asked: q19" in said and "retrieval only" in said


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    ask(some(2), tmp_path / "a")
    ask([Case("z", "Tell 9")], tmp_path / "z")
    with pytest.raises(UsageError, match="no question in common"):
        compare(tmp_path / "a", tmp_path / "z")
    with pytest.raises(UsageError, match="No finished run"):
        compare(tmp_path / "a", tmp_path / "nowhere")
    (tmp_path / "a" / "summary.json").write_text("{}")
    with pytest.raises(UsageError, match="not a summary of this version"):
        gate(tmp_path / "z", tmp_path / "a", max_drop=2)
