"""Cases survive the way into a form and back, and any field may hold anything."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.case import Case, Evidence, encode, parse
from evals.formats import export, gather
from evals.formats import load as load_any
from evals.formats.cells import to_cell, to_facts
from index.errors import UsageError
from tests.foreign_sets import as_json, as_lines, ingested, squad

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30)
PLAIN = WORDS.map(lambda text: " ".join(text.replace("|", "").split())).filter(bool)
DAYS = st.none() | st.dates(date(1900, 1, 1))


@st.composite
def sets(draw: st.DrawFn, text: st.SearchStrategy[str], rich: bool) -> list[Case]:
    """Cases with distinct ids; `rich` ones have all that a case can have."""
    cases = []
    for id in draw(st.lists(PLAIN, min_size=1, max_size=4, unique=True)):
        answerable = draw(st.booleans())
        facts = st.lists(st.lists(text, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
        evidence = st.lists(st.builds(Evidence, PLAIN, st.just("") | text), max_size=3).map(tuple)
        more: dict[str, Any] = {
            "history": draw(st.lists(st.tuples(text, text), max_size=2).map(tuple)),
            "outlets": draw(st.lists(text, max_size=2).map(tuple)),
            "status": draw(st.sampled_from([None, "draft", "rejected"])),
        }
        case = Case(
            id,
            draw(text),
            draw(PLAIN),
            draw(st.none() | st.sampled_from(["en", "sv"])),
            answerable,
            asked_at=draw(DAYS),
            facts=draw(facts) if answerable else (),
            evidence=draw(evidence),
            since=draw(DAYS),
            until=draw(DAYS),
            as_of=draw(DAYS),
            **(more if rich else {}),
        )
        cases.append(case)
    return cases


def back(form: str, cases: list[Case], name: str, articles: Any = ()) -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        export(form, Path(folder, name), cases, articles)
        return load_any(Path(folder, name), form).cases


@settings(deadline=None, max_examples=60)
@given(sets(WORDS.filter(str.strip), rich=True))
def test_cases_survive_our_form_and_plain_json(cases: list[Case]) -> None:
    assert [parse(encode(case))[0] for case in cases] == cases
    assert back("dateline", cases, "set.jsonl") == cases
    assert back("qa", cases, "set.jsonl") == cases


@settings(deadline=None, max_examples=60)
@given(sets(PLAIN, rich=False))
def test_cases_survive_a_table(cases: list[Case]) -> None:
    assert back("csv", cases, "set.csv") == cases


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.text("abcåäö-_./:123", min_size=1), PLAIN, min_size=1, max_size=4),
    st.lists(st.tuples(PLAIN, st.sampled_from(["dev", "test"]), st.randoms()), max_size=4),
)
def test_cases_survive_beir(texts: dict[str, str], asked: list[Any]) -> None:
    articles = [{"id": name, "text": text} for name, text in texts.items()]
    cases = []
    for n, (question, split, random) in enumerate(asked):
        names = random.sample(sorted(texts), random.randint(1, len(texts)))
        cases.append(Case(f"q{n}", question, split, evidence=tuple(map(Evidence, names))))
    if cases:
        found = back("beir", cases, "set", articles)
        assert {c.id: (c.question, c.type, set(c.articles)) for c in found} == {
            c.id: (c.question, c.type, set(c.articles)) for c in cases
        }


@given(st.lists(st.lists(PLAIN, min_size=1, max_size=3), max_size=3))
def test_facts_survive_a_cell(facts: list[list[str]]) -> None:
    assert to_facts(to_cell(facts)) == facts


ODD: list[Any] = [
    None,
    True,
    -3,
    1.5,
    "",
    " ",
    "x",
    [],
    {},
    ["a"],
    {"a": 1},
    [[]],
    "\ud800",
    float("nan"),
]
GOOD: dict[str, Any] = {
    "squad": squad({"question": "When?", "answers": [{"text": "1901", "answer_start": 45}]}),
    "qa": [{"question": "Q?", "answers": ["A"], "article": "a", "asked_at": "2024-01-01"}],
    "multihop-rag": [
        {
            "query": "Q?",
            "answer": "A",
            "question_type": "inference_query",
            "evidence_list": [{"title": "T", "url": "http://u/x", "fact": "F."}],
        }
    ],
    "corpus": [{"title": "T", "url": "http://u/x", "body": "F.", "published_at": "2024-01-01"}],
    "beir": {"corpus": {"_id": "d", "text": "T."}, "queries": {"_id": "q", "text": "Q?"}},
}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value, itself first."""
    yield at
    keys = range(len(value)) if isinstance(value, list) else value
    for key in keys if isinstance(value, dict | list) else ():
        yield from places(value[key], (*at, key))


def changed(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    inner = changed(value[at[0]], at[1:], new)
    kept = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    kept[at[0]] = inner
    return kept if isinstance(value, dict) else list(kept.values())


@pytest.mark.parametrize("form", GOOD)
def test_any_field_may_hold_anything(tmp_path: Path, form: str) -> None:
    as_json(tmp_path / "corpus.json", GOOD["corpus"])
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("q\td\t1\n")
    for at in places(GOOD[form]):
        for odd in ODD:
            value = changed(GOOD[form], at, odd)
            read_as, path = form, tmp_path / "set.json"
            if form == "beir":
                if not at:
                    continue
                path = tmp_path
                for name, record in value.items():
                    as_lines(tmp_path / f"{name}.jsonl", record)
            elif form == "corpus":
                read_as, path = "multihop-rag", as_json(path, GOOD["multihop-rag"])
                as_json(tmp_path / "corpus.json", value)
            else:
                as_json(path, value)
            try:
                gathered = gather(path, read_as)
            except UsageError:
                continue
            assert all(parse(encode(case)) == (case, []) for case in gathered.cases)
            if gathered.articles:
                ingested(tmp_path / "articles.jsonl", gathered.articles)
