"""Drafts on the page: what is proposed, what a decision does, and whose files it leaves alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals import deciding
from evals.accepting import Drafts
from evals.case import Case, Evidence, encode, load
from index.database import Database
from index.errors import NotFound
from service import feedback as records
from service.cli import app
from service.conversation import UNEXPECTED
from service.proposing import Shown, accept, look, reject
from service.sets import Sets
from tests.fakes import BUDGET, LETTER
from tests.feedback import TAXES, feedback_of
from tests.payloads import PAYLOADS

QUOTE = "Taxes rise by 2 percent from March 1."


def draft(id: str, **changed: Any) -> Case:
    evidence = (Evidence(BUDGET.name, QUOTE),)
    whole = Case(id, f"Question {id}?", "figure", facts=(("2 percent", "2%"),), evidence=evidence)
    return replace(whole, status="draft", **changed)


@pytest.fixture
def sets(tmp_path: Path) -> Iterator[Sets]:
    """Four drafts over two articles."""
    (tmp_path / "sets").mkdir()
    write(tmp_path / "sets" / "drafts.jsonl", *(draft(f"d{n}") for n in range(4)))
    with stored(tmp_path) as database:
        yield Sets(tmp_path / "sets", database, deciding)


@contextmanager
def stored(folder: Path) -> Iterator[Database]:
    """The articles of a small archive, without what finds passages in them."""
    with closing(Database(folder / "archive.sqlite")) as database:
        for article in (BUDGET, LETTER):
            database.put(replace(article, fetched=datetime.now(UTC)), [], [], [])
        yield database


def write(path: Path, *cases: Case) -> None:
    path.write_text("".join(f"{encode(case)}\n" for case in cases), encoding="utf-8")


def given(shown: Shown, **edited: Any) -> tuple[str, ...]:
    """What the page sends with a decision."""
    now = replace(shown, **edited)
    return now.drafts, now.into, now.id, now.question, now.answer


def decided(sets: Sets, name: str = "drafts-accepted.jsonl") -> list[Case]:
    return load(sets.folder / name)


def test_a_draft_is_shown_with_its_passage_marked(sets: Sets) -> None:
    shown = look(sets)
    assert (shown.drafts, shown.into) == ("drafts.jsonl", "drafts-accepted.jsonl")
    assert (shown.id, shown.question, shown.answer) == ("d0", "Question d0?", "2 percent | 2%")
    assert shown.files == [("drafts.jsonl (4 to decide)", "drafts.jsonl")] and shown.sets == []
    assert f"The council passed the budget at night. <mark>{QUOTE}</mark>" in shown.html
    start = BUDGET.text.index(QUOTE)
    link = f"/articles/{BUDGET.id}?version={BUDGET.version}&amp;start={start}"
    assert f'href="{link}' in shown.html
    assert "figure · 4 to decide" in shown.html and shown.unsettled == ""


def test_accepted_edited_and_rejected_as_in_the_terminal(sets: Sets) -> None:
    shown = accept(sets, *given(look(sets)))
    assert "Accepted into drafts-accepted.jsonl." in shown.html and shown.id == "d1"
    shown = accept(sets, *given(shown, question=" Better? ", answer="1 March | March 1\n2%"))
    path = sets.folder / "drafts.jsonl"
    done = CliRunner().invoke(app, ["eval", "accept", str(path)], input="n\nq\n")
    assert "1 decided, 1 left" in done.output
    shown = reject(sets, *given(shown))  # d2, which the terminal has rejected meanwhile
    assert "decided on this one meanwhile" in shown.html and shown.id == "d3"
    shown = accept(sets, *given(shown, answer=""))
    assert (shown.id, shown.drafts, shown.files) == ("", "", [])
    assert "Nothing waits for a decision." in shown.html
    assert [(c.id, c.question, c.facts, c.answerable) for c in decided(sets)] == [
        ("d0", "Question d0?", (("2 percent", "2%"),), True),
        ("d1", "Better?", (("1 March", "March 1"), ("2%",)), True),
        ("d3", "Question d3?", (), False),
    ]
    assert [(c.id, c.status) for c in load(path)] == [("d2", "rejected")]
    assert look(sets).sets == ["drafts-accepted.jsonl"]


def test_what_readers_said_is_decided_on_in_the_same_way(sets: Sets) -> None:
    for said in (feedback_of(TAXES), feedback_of("Who?", verdict="wrong", note="<b>No</b>")):
        sets.database.put_feedback(said.given.question_id, records.encode(said))
    shown = look(sets)
    assert (shown.drafts, shown.question) == ("feedback.jsonl", TAXES)
    assert f"<mark>{QUOTE}</mark>" in shown.html
    told = shown.unsettled or ""
    assert "1 to be looked at" in told and "Who?</b>: is wrong" in told and "&lt;b&gt;No" in told
    shown = accept(sets, *given(shown, into="mine"))
    assert decided(sets, "mine.jsonl")[0].evidence == (Evidence(BUDGET.id, QUOTE),)
    assert shown.drafts == "drafts.jsonl", "it goes on with the next file"
    assert look(sets).id == "d0", "it is not proposed again, whatever set it went to"


def test_an_edit_that_is_no_case_is_told_and_kept(sets: Sets) -> None:
    shown = accept(sets, *given(look(sets), question="  ", answer="kept"))
    assert "&#x27;question&#x27; is blank" in shown.html
    assert (shown.id, shown.question, shown.answer) == ("d0", "  ", "kept")
    shown = accept(sets, *given(shown, question="x" * 4001))
    assert "make them shorter" in shown.html and not list(sets.folder.glob("*accepted*"))


NAMES = ["../data", "/etc/passwd", "a/b.jsonl", ".hidden", "..", "a\\..\\b\0", "x" * 200, "a\nb"]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_leads_elsewhere(sets: Sets, tmp_path: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")}
    shown = accept(sets, *given(look(sets), into=name))
    assert "is no name of a set" in shown.html and shown.id == "d0"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")} == before
    assert accept(sets, *given(look(sets), drafts=name)).id == "d0"


def test_other_files_are_left_alone(sets: Sets, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    write(secret, draft("s"))
    (sets.folder / "link.jsonl").symlink_to(secret)
    (sets.folder / "folder.jsonl").mkdir()
    (sets.folder / "broken.jsonl").write_text('{"id": 7}\n')
    shown = look(sets)
    assert [name for _, name in shown.files] == ["drafts.jsonl"] and shown.sets == []
    assert "broken.jsonl has faults: mend them first (line 1" in (shown.unsettled or "")
    for name in ("link", "folder", "broken", "drafts"):
        assert accept(sets, *given(shown, into=name)).id == "d0"
    assert len(load(secret)) == 1 and len(load(sets.folder / "drafts.jsonl")) == 4


@pytest.mark.parametrize("odd", [None, 7, [], {"a": 1}, "\ud800", "x" * 100_000, *PAYLOADS[::9]])
def test_anything_may_be_sent(sets: Sets, odd: Any) -> None:
    for place in range(5):
        now: list[Any] = list(given(look(sets)))
        now[place] = odd
        for act in (accept, reject):
            shown = act(sets, *now)
            assert UNEXPECTED not in shown.html
            assert "<script" not in shown.html.lower() and "<img" not in shown.html
    assert UNEXPECTED not in look(sets, odd, odd).html


def test_hostile_drafts_stay_texts(sets: Sets) -> None:
    bad = " ".join(PAYLOADS).replace("\ud800", "").replace("\0", "")
    evidence = (Evidence(bad, bad), Evidence(LETTER.name, bad), Evidence(LETTER.name, LETTER.text))
    hostile = draft(bad, question=bad[:3000], type=bad, evidence=evidence)
    write(sets.folder / "drafts.jsonl", hostile)
    shown = look(sets)
    assert shown.id == bad and not {"<script", "<img", "<svg", "<iframe"} & {*shown.html.split(">")}
    assert "<script" not in shown.html.lower() and "is of no article in this archive" in shown.html
    assert "no longer stands in it" in shown.html


def test_many_decide_at_once(sets: Sets) -> None:
    path, into = sets.folder / "drafts.jsonl", sets.folder / "set.jsonl"
    cases = [draft(f"d{n:02}") for n in range(24)]
    write(path, *cases)

    def decide(case: Case) -> bool:
        files = Drafts(path, into)
        try:
            files.accept(case, case) if case.id < "d16" else files.reject(case)
            return True
        except NotFound:
            return False

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(decide, [*cases, *cases]))
    assert sum(done) == 24
    assert sorted(case.id for case in load(into)) == [f"d{n:02}" for n in range(16)]
    assert [(c.id, c.status) for c in load(path)] == [(f"d{n}", "rejected") for n in range(16, 24)]


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with stored(tmp_path) as database:
        shown = look(Sets(tmp_path / "sets", database, deciding))
    assert f"dateline eval draft {tmp_path}" in shown.html and not shown.id


def test_drafts_go_where_the_page_finds_them(tmp_path: Path) -> None:
    with stored(tmp_path) as database:
        command = ["eval", "draft", str(tmp_path), "--data", str(tmp_path)]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        shown = look(Sets(tmp_path / "sets", database, deciding))
    assert shown.drafts == "drafts.jsonl" and "___" in shown.question
