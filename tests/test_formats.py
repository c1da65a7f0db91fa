"""Sets as tables or plain questions: read, refused with the place named, and told apart."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evals.case import Case, Evidence, load
from evals.formats import FORMATS, export, gather
from evals.formats import load as load_any
from index.errors import UsageError
from tests.foreign_sets import as_json, as_lines


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text(
        "\ufeffQuestion;Answer;Type;Published;Evidence article;Evidence quote;article_2;Remark\r\n"
        '"How much;\nin all?";25 percent | 25%;money;2024-05-01;a.md;"It ""rose"" 25%.";b.md;x\r\n'
        "\r\n"
        '"Who?";"Ann\nBob";;;;;;\r\n',
        encoding="utf-8",
    )
    gathered = load_any(path)
    first, second = gathered.cases
    assert first == Case(
        "q1",
        "How much;\nin all?",
        "money",
        asked_at=date(2024, 5, 1),
        facts=(("25 percent", "25%"),),
        evidence=(Evidence("a.md", 'It "rose" 25%.'), Evidence("b.md")),
    )
    assert second == Case("q2", "Who?", facts=(("Ann",), ("Bob",)))
    assert gathered.notes == ["Columns that were not used: Remark."]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Why?,", "line 4: has no answer: give one, or write no"),
        (",yes", "line 4: 'question' is blank"),
        ("Why?,yes,no,extra", "line 4: 4 cells, but the first row has 3"),
        ("Why?,yes,perhaps", "line 4: 'answerable' is 'perhaps': write yes or no"),
        ("Why?,yes,no", "line 4: 'facts' are given, but 'answerable' is false"),
    ],
)
def test_a_wrong_row_is_named_and_the_good_ones_counted(
    tmp_path: Path, row: str, said: str
) -> None:
    path = tmp_path / "set.csv"
    path.write_text(f'question,answer,answerable\n"Two\nlines?",b,\n{row}\nAnd?,,no\n')
    with pytest.raises(UsageError) as raised:
        load_any(path)
    assert said in str(raised.value) and "good questions: 2" in str(raised.value)
    assert [case.question for case in gather(path).cases] == ["Two\nlines?", "And?"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("query,anwser", "no column 'answer' .is it 'anwser'"),
        ("a,b", "no column 'question'"),
        ("question,answer,answer", "two columns of one name"),
    ],
)
def test_a_table_without_its_columns(tmp_path: Path, head: str, said: str) -> None:
    path = tmp_path / "set.csv"
    path.write_text(f"{head}\na,b\n")
    with pytest.raises(UsageError, match=said):
        load_any(path)


def test_plain_questions_and_answers(tmp_path: Path) -> None:
    records = [
        {"question": "A?", "answer": "25 percent", "difficulty": "high"},
        {"query": "B?", "answers": ["Ann", "Ann Lee"], "id": 7, "lang": "en"},
        {"question": "C?", "answers": [["1"], ["2", "two"]], "article": "a", "quote": "1 or 2"},
        {"question": "D?", "answer": None, "answerable": False},
        {"question": "E?", "answer": 12},
    ]
    expected = [
        Case("q1", "A?", facts=(("25 percent",),)),
        Case("7", "B?", language="en", facts=(("Ann", "Ann Lee"),)),
        Case("q3", "C?", facts=(("1",), ("2", "two")), evidence=(Evidence("a", "1 or 2"),)),
        Case("q4", "D?", answerable=False),
        Case("q5", "E?", facts=(("12",),)),
    ]
    for path in (
        as_lines(tmp_path / "a.jsonl", *records),
        as_json(tmp_path / "a.json", records),
        as_json(tmp_path / "b.json", {"data": records}),
    ):
        gathered = load_any(path)
        assert gathered.cases == expected
        assert gathered.notes == ["Fields that were not used: 'difficulty' (1)."]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"question": "Q?"}, "has no answer"),
        ({"question": "Q?", "answers": []}, "has no answer"),
        ({"answer": "x"}, "missing 'question'"),
        ({"question": "Q?", "answer": {"a": 1}}, "'facts[0][0]' must be text"),
        ({"question": "Q?", "answer": "x", "quote": "y"}, "a quote without its 'article'"),
        ({"question": "Q?", "answer": "x", "id": "one"}, "id 'one' is already that of"),
        (["Q?"], "must be an object in braces"),
    ],
)
def test_a_wrong_record_is_named(tmp_path: Path, record: Any, said: str) -> None:
    good = {"question": "A?", "answer": "b", "id": "one"}
    for path, place in (
        (as_lines(tmp_path / "a.jsonl", good, record), "line 2: "),
        (as_json(tmp_path / "a.json", [good, record]), "record 2: "),
    ):
        with pytest.raises(UsageError) as raised:
            load_any(path)
        assert place + said in str(raised.value) and "good questions: 1" in str(raised.value)


def test_a_form_is_recognised_only_where_it_is_certain(tmp_path: Path) -> None:
    own = as_lines(tmp_path / "own.jsonl", {"id": "1", "question": "Q?", "answerable": False})
    assert load_any(own).cases == load(own)
    text = tmp_path / "set.txt"
    text.write_text("question\tanswer\nQ?\tA\n")
    other = as_json(tmp_path / "other.json", [{"prompt": "Q?"}])
    for path in (text, other, tmp_path):
        with pytest.raises(UsageError, match="say it with --from .dateline, csv"):
            load_any(path)
    assert load_any(text, "csv").cases == [Case("q1", "Q?", facts=(("A",),))]
    with pytest.raises(UsageError, match="no form 'excel': choose one of dateline"):
        load_any(text, "excel")
    with pytest.raises(UsageError, match="no such file"):
        load_any(tmp_path / "nowhere.csv")
    for name in ("beir", "multihop-rag"):
        with pytest.raises(UsageError, match=str(other)):
            load_any(other, name)


def test_what_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    told = Case("c1", "Q?", history=(("a", "b"),))
    striped = Case("c2", "Q?", facts=(("a | b",),))
    padded = Case("c3", " Q?", answerable=False)
    for case in (told, striped, padded):
        with pytest.raises(UsageError, match=f"{case.id}.*fit into a table"):
            export("csv", tmp_path / "set.csv", [case], ())
    with pytest.raises(UsageError, match="c2 does not fit into BEIR"):
        export("beir", tmp_path / "set", [striped], ())
    for name, form in FORMATS.items():
        if form.write is None:
            with pytest.raises(UsageError, match="choose one of dateline, csv, qa, beir"):
                export(name, tmp_path / "set", [striped], ())
