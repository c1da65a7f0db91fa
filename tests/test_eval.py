"""Sets, runs, reports, comparisons and the gate, with an asker that knows its answers."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals import compare as comparing
from evals.case import Case, Evidence, fingerprint, load, unknown_articles
from evals.compare import compare
from evals.gate import gate
from evals.run import run
from evals.summary import Summary, read
from evals.table import table
from index.errors import UsageError
from index.schema import Article, Hit, Passage
from service.schema import Answer, Citation, Question, Sentence

CONFIG = {"model": "fake"}


class FakeAsker:
    """Answers "The answer to N is fact N." from article N; stumbles where told to."""

    def __init__(self, wrong: Collection[str] = (), broken: Collection[str] = ()) -> None:
        self.wrong = wrong
        self.broken = broken
        self.asked: list[str] = []

    async def __call__(self, question: Question) -> Answer:
        self.asked.append(question.text)
        if question.text in self.broken:
            raise RuntimeError("The model fell <over>")
        number = question.text.split()[-1]
        article = Article(f"k{number}", f"{number}.md", f"Gold {number}. More <b>of</b> it.")
        passage = Passage(f"{article.id}:0", article.id, 0, len(article.text), article.text)
        if question.text.startswith("Null"):
            return Answer("not_in_articles", (), (), (), "fake", seconds={"retrieve": 0.01})
        told = "nothing" if question.text in self.wrong else f"fact {number}"
        return Answer(
            status="answered",
            sentences=(Sentence(f"The answer to {number} is {told}.", (1,)),),
            citations=(Citation(1, article, article.text[:5], 0, 5),),
            hits=(Hit(passage, article, 0.123456789),),
            answerer="fake",
            seconds={"retrieve": 0.0123456, "answer": 0.5},
        )


def some(count: int) -> list[Case]:
    """Cases q0, q1, ...; every fifth has no answer."""
    return [
        Case(f"q{n}", f"Null {n}", "null", answerable=False)
        if n % 5 == 4
        else Case(
            f"q{n}",
            f"Tell {n}",
            "plain",
            facts=((f"fact {n}",),),
            evidence=(Evidence(f"{n}.md", f"Gold {n}."),),
        )
        for n in range(count)
    ]


def ask(
    cases: Sequence[Case],
    out: Path,
    asker: FakeAsker | None = None,
    config: Mapping[str, str] = CONFIG,
    **options: Any,
) -> Summary:
    asker = asker or FakeAsker()
    return asyncio.run(run(cases, asker, out, config=config, progress=False, **options))


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


def figures(out: Path) -> dict[str, Any]:
    """The summary without its stamp."""
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text())
    del summary["finished"]
    return summary


# Sets


def test_a_set_is_read(tmp_path: Path) -> None:
    lines = [
        '{"id": "1", "type": "t", "question": "Why?\u2028Now", "language": "en",'
        ' "answerable": true, "asked_at": "2023-11-05T23:30:00-05:00", "history": [["a", "b"]],'
        ' "facts": [["25 percent", "25%"]], "evidence": [{"article": "a.md", "quote": "q"}],'
        ' "since": "2023-01-01", "until": null, "as_of": "2023-06-30", "outlets": ["AP"]}',
        "",
        '{"id": "2", "question": "Who?", "answerable": false, "asked_at": null}',
    ]
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    first, second = load(path)
    assert first.as_question() == Question(
        text="Why?\u2028Now",
        history=(("a", "b"),),
        since=date(2023, 1, 1),
        as_of=date(2023, 6, 30),
        outlets=("AP",),
        asked_at=date(2023, 11, 5),
    )
    assert (first.quotes, first.articles) == (("q",), ("a.md",))
    assert second == Case("2", "Who?", answerable=False)
    assert unknown_articles([first, second], {"b.md"}) == ["a.md"]
    assert fingerprint([first, second]) != fingerprint([second, first])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"id": "1", "question": "q", "anwserable": true}',
            "unknown field 'anwserable' (did you mean 'answerable'?)",
        ),
        ('{"id": "1", "question": "q", "mood": 1}', "unknown field 'mood'"),
        ('{"id": "1"}', "missing 'question'"),
        ('{"question": "q"}', "missing 'id'"),
        ('{"id": "1", "question": "q",}', "not JSON (trailing comma at column 29)"),
        ("# a comment", "not JSON (expected value at column 1)"),
        ("id,question", "not JSON (expected value at column 1)"),
        ('["1", "q"]', "must be an object in braces"),
        ('{"id": 1, "question": "q"}', "'id' must be text"),
        ('{"id": " ", "question": "q"}', "'id' is blank"),
        ('{"id": "1", "question": "\\n"}', "'question' is blank"),
        ('{"id": "1", "question": "' + "q" * 4001 + '"}', "'question' is 4001 characters long"),
        (
            '{"id": "1", "question": "q", "answerable": "yes"}',
            "'answerable' must be true or false",
        ),
        ('{"id": "1", "question": "q", "facts": "x"}', "'facts' must be a list"),
        ('{"id": "1", "question": "q", "facts": ["x"]}', "'facts[0]' must be a list"),
        ('{"id": "1", "question": "q", "facts": [[]]}', "'facts[0]' is empty"),
        (
            '{"id": "1", "question": "q", "facts": [["x"]], "answerable": false}',
            "'facts' are given, but 'answerable' is false",
        ),
        (
            '{"id": "1", "question": "q", "evidence": [{"artcle": "a", "quote": "b"}]}',
            "unknown field 'evidence[0].artcle' (did you mean 'article'?)",
        ),
        ('{"id": "1", "question": "q", "history": [["a"]]}', "missing 'history[0][1]'"),
        (
            '{"id": "1", "question": "q", "asked_at": "2023-13-01"}',
            "'asked_at': '2023-13-01' is not an ISO date",
        ),
        ('{"id": "1", "question": "q", "asked_at": 5}', "'asked_at' must be an ISO date"),
        ('{"id": "0", "question": "q"}', "id '0' is already on line 1"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "0", "question": "q"}\n\n' + line + "\n")
    with pytest.raises(UsageError) as raised:
        load(path)
    assert "line 3: " in str(raised.value) and said in str(raised.value)


def test_all_faults_of_a_set_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "1"}\n' * 50)
    with pytest.raises(UsageError) as raised:
        load(path)
    said = str(raised.value).splitlines()
    assert len(said) == 22 and said[20].strip().startswith("line 20:")
    assert said[21].strip() == "... and 30 more"


@pytest.mark.parametrize("content", [None, b"", b"\n \n", "{}".encode("utf-16")])
def test_a_set_that_is_no_set(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"set\.jsonl"):
        load(path)


# Runs


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


# Reports


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


# Comparing and gating


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
