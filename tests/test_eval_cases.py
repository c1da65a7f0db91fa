"""Sets of cases are read; what is wrong in one is told by its line."""

from datetime import date
from pathlib import Path

import pytest

from evals.case import Case, fingerprint, load, unknown_articles
from index.errors import UsageError
from service.schema import Question


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
