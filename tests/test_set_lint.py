"""What is doubtful in a set of questions is told by its line."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import corpus
from evals.case import Case, Evidence, encode
from evals.likeness import alike
from evals.lint import lint
from tests.sets import MILL, TODAY, case, written


def findings(path: Path, *cases: Case, articles: bool = True) -> list[str]:
    known = corpus.by_name([MILL]) if articles else None
    return [str(finding) for finding in lint(written(path, *cases), known, TODAY)]


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
