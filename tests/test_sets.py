"""Drafts decided on in the terminal, and the commands for sets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals import corpus
from evals.accepting import Drafts
from evals.case import load
from evals.matching import fold
from index.archive import Archive
from index.errors import UsageError
from service.cli import app
from tests.embedders import HashingEmbedder
from tests.sets import MILL, case, paper, written


def drafts_in(path: Path) -> Path:
    return written(path, *(case(f"d{n}", f"Question {n}?", status="draft") for n in range(4)))


def test_drafts_are_accepted_edited_and_rejected(tmp_path: Path) -> None:
    path, into = drafts_in(tmp_path / "drafts.jsonl"), tmp_path / "set.jsonl"
    keys = "y\nwhat?\ne\nBetter question?\n4,000 | 4 000\ny\nn\nq\n"
    done = CliRunner().invoke(app, ["eval", "accept", str(path), "--to", str(into)], input=keys)
    assert done.exit_code == 0, done.output
    assert "mill.md: Ann Lee rebuilt it for 4,000 crowns." in done.output
    assert "3 decided, 1 left" in done.output
    kept = load(into)
    assert [(c.id, c.question, c.status) for c in kept] == [
        ("d0", "Question 0?", None),
        ("d1", "Better question?", None),
    ]
    assert kept[1].facts == (("4,000", "4 000"),)
    assert [(c.id, c.status) for c in load(path)] == [("d2", "rejected"), ("d3", "draft")]
    again = CliRunner().invoke(
        app, ["eval", "accept", str(path), "--to", str(into)], input="e\n\n-\ny\n"
    )
    assert again.exit_code == 0 and "1 decided, 0 left" in again.output
    assert (load(into)[-1].answerable, load(into)[-1].facts) == (False, ())


def test_an_edit_that_is_no_case_is_refused(tmp_path: Path) -> None:
    path, into = drafts_in(tmp_path / "drafts.jsonl"), tmp_path / "set.jsonl"
    drafts = Drafts(path, into)
    first = drafts.waiting[0]
    with pytest.raises(UsageError, match="'question' is blank"):
        drafts.accept(first, replace(first, question=" "))
    assert not into.exists() and len(Drafts(path, into).waiting) == 4
    with pytest.raises(UsageError, match="one file"):
        Drafts(path, path)


def test_a_kill_between_the_two_files_doubles_no_case(tmp_path: Path) -> None:
    path, into = drafts_in(tmp_path / "drafts.jsonl"), tmp_path / "set.jsonl"
    before = path.read_bytes()
    drafts = Drafts(path, into)
    drafts.accept(drafts.waiting[0], drafts.waiting[0])
    path.write_bytes(before)  # as if it had been killed before the second write
    assert [draft.id for draft in Drafts(path, into).waiting] == ["d1", "d2", "d3"]
    assert [draft.id for draft in load(into)] == ["d0"]


def command(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    talk = done.output + (f"{done.exception}" if done.exception else "")
    code = 2 if isinstance(done.exception, UsageError) else done.exit_code
    return code, " ".join(talk.split())


def test_import_and_export(tmp_path: Path) -> None:
    table, out = tmp_path / "set.csv", tmp_path / "set.jsonl"
    table.write_text("question,answer\nWho?,Ann\nWhat?,\n")
    code, talk = command("import", table, "--out", out)
    assert code == 2 and "line 3: has no answer" in talk and "good questions: 1" in talk
    assert not out.exists()
    code, talk = command("import", table, "--out", out, "--skip")
    assert code == 1 and "error: line 3: has no answer" in talk
    assert [c.question for c in load(out)] == ["Who?"]
    code, talk = command("import", table, "--out", out, "--skip")
    assert code == 2 and "is there already" in talk
    code, _ = command("export", out, "--to", "csv", "--out", tmp_path / "back.csv")
    assert code == 0 and "Who?,Ann,yes,q1" in (tmp_path / "back.csv").read_text()
    code, talk = command("export", out, "--to", "csv", "--out", tmp_path / "no" / "back.csv")
    assert code == 2 and "make it first" in talk


def test_imported_articles_go_to_a_file_of_their_own(tmp_path: Path) -> None:
    context = "The mill burnt down in 1901. Nobody was hurt."
    answers = [{"text": "1901", "answer_start": 23}]
    asked = {"id": "1", "question": "When did it burn?", "answers": answers}
    data = [{"title": "Mill", "paragraphs": [{"context": context, "qas": [asked]}]}]
    (tmp_path / "train.json").write_text(json.dumps({"data": data}))
    out = tmp_path / "set.jsonl"
    assert command("import", tmp_path / "train.json", "--out", out)[0] == 0
    articles, faults = corpus.read([tmp_path / "set.articles.jsonl"])
    assert [(a.name, a.text) for a in articles] == [("Mill", context)] and not faults
    assert command("lint", out, "--corpus", tmp_path / "set.articles.jsonl")[0] == 0


def test_lint_and_draft(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for article in paper():
        (folder / article.name).write_text(article.text)
    out = tmp_path / "drafts.jsonl"
    assert command("draft", folder, "--out", out, "--count", "6")[0] == 0
    assert len(load(out)) == 6
    code, talk = command("lint", out, "--corpus", folder)
    assert code == 1 and "6 findings on 6 lines" in talk and "is a draft" in talk
    (tmp_path / "dull.txt").write_text("Nothing of note.")
    code, talk = command("draft", tmp_path / "dull.txt", "--out", tmp_path / "none.jsonl")
    assert code == 2 and "clear pattern" in talk


def test_articles_are_read_from_a_data_directory(tmp_path: Path) -> None:
    with Archive(tmp_path / "data", HashingEmbedder()) as archive:
        archive.add([MILL])
    articles, faults = corpus.read([tmp_path / "data"])
    assert [article.fingerprint for article in articles] == [MILL.fingerprint] and not faults
    assert fold(corpus.by_name(articles)["mill.md"].title) == "a mill burns"
    with pytest.raises(UsageError, match="no such file"):
        corpus.read([tmp_path / "nowhere"])


def test_what_is_no_set_of_ours_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "set.csv"
    table.write_text("question,answer\nWho?,Ann\n")
    code, talk = command("lint", table)
    assert code == 2 and "dateline eval import" in talk
    drafts = written(tmp_path / "drafts.jsonl", case("a", "Who?", status="draft"))
    code, talk = command("run", drafts, "--out", tmp_path / "run")
    assert code == 2 and "dateline eval accept" in talk and not (tmp_path / "run").exists()


def test_a_server_and_a_corpus_do_not_go_together(tmp_path: Path) -> None:
    path = written(tmp_path / "set.jsonl", case("a", "Who?"))
    code, talk = command("run", path, "--server", "http://host", "--corpus", tmp_path)
    assert code == 2 and "--server has its own articles" in talk
