"""Sets of questions themselves: what is doubtful in them, drafts of them, and their commands."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals import corpus, drafting
from evals.accepting import Drafts
from evals.case import Case, Evidence, encode, load, parse
from evals.drafting import asking, said
from evals.drafting.twins import Swaps
from evals.likeness import alike
from evals.lint import lint
from evals.matching import contains, fold, says
from index.archive import Archive
from index.errors import UsageError
from index.schema import Article
from service.cli import app
from tests.embedders import HashingEmbedder

TODAY = date(2026, 1, 1)
MILL = Article(
    "mill",
    "mill.md",
    "The old mill at Kvarnby burnt down in 1901. Ann Lee rebuilt it for 4,000 crowns.",
    title="A mill burns",
    published=date(2024, 5, 1),
    outlet="The Post",
)


def written(path: Path, *cases: Case) -> Path:
    path.write_text("".join(f"{encode(case)}\n" for case in cases), encoding="utf-8")
    return path


def case(id: str, question: str, fact: str = "Ann Lee", **more: object) -> Case:
    quote = "Ann Lee rebuilt it for 4,000 crowns."
    whole = Case(id, question, facts=((fact,),), evidence=(Evidence("mill.md", quote),))
    return replace(whole, **more)  # type: ignore[arg-type]


def findings(path: Path, *cases: Case, articles: bool = True) -> list[str]:
    known = corpus.by_name([MILL]) if articles else None
    return [str(finding) for finding in lint(written(path, *cases), known, TODAY)]


# Doubts


def test_a_sound_set_has_no_findings(tmp_path: Path) -> None:
    sound = [
        case("a-01", "Who rebuilt the mill?"),
        case("a-02", "What did it cost?", "4,000 crowns"),
        case("a-10", "Was it rebuilt?", "Yes"),
        Case("a-01-twin", "Who rebuilt the mill at Torp?", answerable=False),
    ]
    assert findings(tmp_path / "set.jsonl", *sound) == []
    assert findings(tmp_path / "set.jsonl", *sound, articles=False) == []
    retrieval = Case("r", "mill", evidence=(Evidence("mill.md"),))
    assert findings(tmp_path / "set.jsonl", retrieval) == []


ODD = [
    (case("b", "who rebuilt the  MILL"), "is the question of line 1 (a)"),
    (case("b", "Who has rebuilt the mill?"), "asks almost the same as the question of line 1 (a)"),
    (
        Case("b", "Who rebuilt this mill?", answerable=False),
        "has no answer, but asks what line 1 (a) asks, which has one",
    ),
    (case("b", "What?", evidence=()), "has an answer but no evidence"),
    (case("b", "What?", facts=()), "has an answer but no facts"),
    (case("b", "What?", fact="Bo Ek"), "facts[0]: 'Bo Ek' is not in its evidence"),
    (
        case("b", "When?", fact="1901"),
        "facts[0]: '1901' is not in its evidence, only elsewhere in an article",
    ),
    (
        case("b", "Who?", evidence=(Evidence("mill.md", "Ann Lee built it."),)),
        "evidence[0]: the quote from 'mill.md' is not in it word for word",
    ),
    (
        case("b", "Who?", fact="A mill", evidence=(Evidence("mill.md", "A mill burns"),)),
        "evidence[0]: the quote from 'mill.md' is its title, in no passage",
    ),
    (
        case("b", "Who?", evidence=(Evidence("mole.md", "Ann Lee"),)),
        "evidence[0]: there is no article 'mole.md'",
    ),
    (case("b", "Who?", asked_at=date(2027, 1, 1)), "'asked_at' is 2027-01-01, which is to come"),
    (
        case("b", "Who?", since=date(2025, 1, 1), as_of=date(2024, 6, 1)),
        "its window ends (2024-06-01) before it begins (2025-01-01)",
    ),
    (
        case("b", "Who?", since=date(2025, 1, 1)),
        "its window or outlets leave out its own evidence 'mill.md'",
    ),
    (
        case("b", "Who?", asked_at=date(2024, 4, 30)),
        "was asked on 2024-04-30, before 'mill.md' came out (2024-05-01)",
    ),
    (case("A", "Who?"), "its id differs from 'a' in letter case or space"),
    (Case("c-twin", "Whom?", answerable=False), "is the twin of 'c', not here"),
    (case("b", "Who?", status="draft"), "is a draft: dateline eval accept"),
]


@pytest.mark.parametrize(("odd", "said_of_it"), ODD)
def test_what_is_doubtful_is_told_by_line(tmp_path: Path, odd: Case, said_of_it: str) -> None:
    found = findings(tmp_path / "set.jsonl", case("a", "Who rebuilt the mill?"), odd)
    assert f"line 2: {odd.id}: {said_of_it}" in found


def test_numbers_in_ids_have_one_width(tmp_path: Path) -> None:
    cases = [Case(id, f"Is {id} there?", answerable=False) for id in ("n-01", "n-02", "n-3")]
    assert findings(tmp_path / "set.jsonl", *cases) == [
        "line 3: n-3: its number has another width than 'n-01'"
    ]


def test_faulty_lines_are_findings_too(tmp_path: Path) -> None:
    path = written(tmp_path / "set.jsonl", case("a", "Who?"))
    with path.open("a") as file:
        file.write('{"id": "b"}\n' + encode(case("a", "How?")) + "\n")
    assert [str(finding) for finding in lint(path, None, TODAY)] == [
        "line 2: missing 'question'",
        "line 3: id 'a' is already on line 1",
    ]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Who led the team in Beijing?", "Who led the team in Peking?", False),
        ("What did it cost in 2019?", "What did it cost in 2020?", False),
        ("When did the two leaders meet?", "When did the three leaders meet?", False),
        ("When did the leaders meet there?", "Where did the leaders meet there?", False),
        ("Who led the team in Beijing?", "Who lead the team in Beijing?", True),
        ("who led the team in beijing", "Who led the team in Beijing?", True),
        ("Vem ledde laget till Peking?", "Vem ledde laget i Peking?", True),
    ],
)
def test_questions_that_ask_the_same(a: str, b: str, same: bool) -> None:
    assert list(alike([a, "Is it so?", b])) == ([(0, 2)] if same else [])


@given(st.lists(st.text(min_size=1, max_size=12), max_size=12))
def test_equal_questions_are_always_alike(questions: list[str]) -> None:
    pairs = set(alike(questions))
    for a, one in enumerate(questions):
        for b in range(a + 1, len(questions)):
            assert (a, b) in pairs or one != questions[b] or not any(c.isalnum() for c in one)


# Drafts


@pytest.mark.parametrize(
    ("sentence", "kind", "question", "answer"),
    [
        (
            "The council approved 12 wind farms in the north of the county.",
            "how-many",
            "How many wind farms did the council approve in the north of the county?",
            "12",
        ),
        (
            "The bridge at Halden was opened to traffic on 4 May 1998.",
            "when",
            "When was the bridge at Halden opened to traffic?",
            "May 4, 1998",
        ),
        (
            "Ann Lee founded the first school of the valley in 1911.",
            "when",
            "When did Ann Lee found the first school of the valley?",
            "1911",
        ),
        (
            "Exports of timber to Norway fell by 12.5 percent during the spring.",
            "figure",
            "What figure is left out of this sentence: “Exports of timber to Norway fell by ___ "
            "during the spring.”?",
            "12.5%",
        ),
        (
            "“We never wanted a bridge at Halden,” Mayor Ann Lee said on Monday.",
            "who-said",
            "Who said: “We never wanted a bridge at Halden”?",
            "Lee",
        ),
        (
            '"We never wanted a bridge at Halden", said Lee.',
            "who-said",
            "Who said: “We never wanted a bridge at Halden”?",
            "Ann Lee",
        ),
    ],
)
def test_a_clear_sentence_gives_a_question(
    sentence: str, kind: str, question: str, answer: str
) -> None:
    article = Article("k", "n", f"{sentence}\nAnn Lee left.", language="en")
    (found,) = [p for p in drafting.propose(article) if p.sentence == sentence]
    assert (found.kind, found.question) == (kind, question)
    assert answer in found.answer


@pytest.mark.parametrize(
    "sentence",
    [
        "He opened the bridge at Halden for all traffic in 1998.",
        "The bridge that was built by Lee was opened to all in May.",
        "Prices rose by 3 percent in May and by 4 percent in June.",
        "“We never wanted a bridge at Halden,” he said on Monday.",
        "It fell by 12 percent.",
        "The plan, said to cost 3 million, was dropped (see 4 percent below).",
    ],
)
def test_an_unclear_sentence_gives_none(sentence: str) -> None:
    article = Article("k", "n", sentence, language="en")
    assert not list(asking.propose(sentence, article)) and not list(said.propose(sentence, article))


def paper() -> list[Article]:
    towns = ["Halden", "Torsby", "Kvarnby", "Ramnes", "Solvik", "Granheim"]
    return [
        Article(
            f"k{n}",
            f"{n}.md",
            f"Exports of timber from {town} fell by {n + 2}.5 percent in spring {2011 + n}.\n"
            f"The council of {town} approved {n + 12} wind farms at the meeting.\n"
            f"“We never wanted the bridge to {town} to be free,” Ann Lee said.",
            language="en",
        )
        for n, town in enumerate(towns)
    ]


def test_drafts_stand_on_their_evidence_and_pass_the_lint(tmp_path: Path) -> None:
    articles = paper()
    cases = drafting.draft(articles, count=24, seed=3)
    assert len(cases) == 24 and cases == drafting.draft(articles, count=24, seed=3)
    assert cases != drafting.draft(articles, count=24, seed=4)
    known = corpus.by_name(articles)
    for drafted in cases:
        (evidence,) = drafted.evidence
        assert contains(known[evidence.article].text, evidence.quote)
        assert drafted.status == "draft" and parse(encode(drafted)) == (drafted, [])
        assert drafted.answerable == bool(drafted.facts)
    asked = [drafted.question for drafted in cases if drafted.answerable]
    twins = [drafted for drafted in cases if not drafted.answerable]
    assert len({*asked}) == len(asked) and twins
    for twin in twins:
        original = next(c for c in cases if c.id == twin.id.removesuffix("-twin"))
        changed = {*twin.question.split()} - {*original.question.split()}
        text = known[twin.evidence[0].article].text
        assert len(changed) == 1 and not says(text, changed.pop().strip(".,“”?"))
    accepted = [replace(drafted, status=None) for drafted in cases]
    assert lint(written(tmp_path / "set.jsonl", *accepted), known, TODAY) == []


def test_a_twin_is_not_what_another_article_tells() -> None:
    one, told = paper()[0], replace(MILL, text=paper()[0].text.replace("Halden", "Torsby"))
    other = replace(MILL, text="The train of Torsby goes from Torsby to Torsby.", language="en")
    proposals = [p for p in drafting.propose(one) if "Halden" in p.question]
    assert len(proposals) == 3
    for proposal in proposals:
        twin = Swaps([one, told]).twin(proposal, Random(0))
        assert twin is None or "Torsby" not in twin.question
        twins = [Swaps([one, other]).twin(proposal, Random(seed)) for seed in range(9)]
        assert any(twin and "Torsby" in twin.question for twin in twins), proposal.question


# Accepting


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


# Commands


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
