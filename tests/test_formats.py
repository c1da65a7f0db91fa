"""Sets of questions in other forms: read, refused with the place named, and written back."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.case import Case, Evidence, encode, load, parse
from evals.formats import FORMATS, export, gather
from evals.formats import load as load_any
from evals.formats.articles import to_articles, write
from evals.formats.cells import to_cell, to_facts
from index import sources
from index.errors import UsageError
from index.schema import Article


def as_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def as_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
    return path


def ingested(path: Path, gathered_articles: Any) -> list[Article]:
    write(path, gathered_articles)
    found = list(sources.read(path))
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


# Tables


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


# Plain questions and answers


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


# BEIR


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    as_lines(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Harbour", "text": "The harbour opened."},
        {"_id": "d2", "title": "All title", "text": "", "metadata": {}},
    )
    as_lines(
        folder / "queries.jsonl",
        {"_id": "1", "text": "harbour opening"},
        {"_id": "2", "text": "nobody judged this"},
        {"_id": "3", "text": "all title"},
    )
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t1\n2\td1\t0\n"
    )
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n3\td2\t1\n")
    return folder


def test_beir(tmp_path: Path) -> None:
    gathered = load_any(beir(tmp_path / "set"))
    assert gathered.cases == [
        Case("1", "harbour opening", "test", evidence=(Evidence("d1"), Evidence("d2"))),
        Case("3", "all title", "dev", evidence=(Evidence("d2"),)),
    ]
    assert gathered.notes == ["1 queries without a relevant article were left out."]
    articles = ingested(tmp_path / "articles.jsonl", gathered.articles)
    assert [(a.name, a.text) for a in articles] == [
        ("d1", "The harbour opened."),
        ("d2", "All title"),
    ]


def test_faults_of_a_beir_folder(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set")
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "d3", "title": "", "text": " "}\n{"_id": "d1", "text": "Again."}\nx\n')
    with (folder / "queries.jsonl").open("a") as file:
        file.write('{"text": "no id"}\n')
    with (folder / "qrels" / "test.tsv").open("a") as file:
        file.write("1 d1 1\n9\td1\t1\n3\td9\t1\n")
    with pytest.raises(UsageError) as raised:
        load_any(folder)
    for said in (
        "qrels/test.tsv line 5: must be query id, article id and score",
        "corpus.jsonl line 3: the article: it has no text",
        "corpus.jsonl line 4: the article: its id 'd1' is already that of corpus.jsonl line 1",
        "corpus.jsonl line 5: not JSON",
        "queries.jsonl line 4: '_id' is missing",
        "queries.jsonl line 3: its article 'd9' is not in corpus.jsonl",
        "qrels: no query has the id '9'",
    ):
        assert said in str(raised.value)


# SQuAD


def squad(*questions: Any, title: str = "Old_Mill") -> dict[str, Any]:
    context = "The mill was built in 1820. It burnt down in 1901, and Ann Lee rebuilt it."
    second = {"context": "A museum now.", "qas": []}
    paragraphs = [{"context": context, "qas": list(questions)}, second]
    return {"version": "v2.0", "data": [{"title": title, "paragraphs": paragraphs}]}


def test_squad(tmp_path: Path) -> None:
    answers = [{"text": "1901", "answer_start": 45}, {"text": "in 1901", "answer_start": 0}]
    asked = {"id": "a1", "question": "When did it burn? ", "answers": answers}
    never = {
        "question": "When was it sold?",
        "is_impossible": True,
        "answers": [],
        "plausible_answers": [{"text": "1820", "answer_start": 22}],
    }
    gathered = load_any(as_json(tmp_path / "train.json", squad(asked, never)))
    quote = "It burnt down in 1901, and Ann Lee rebuilt it."
    assert gathered.cases == [
        Case(
            "a1",
            "When did it burn?",
            "extractive",
            facts=(("1901", "in 1901"),),
            evidence=(Evidence("Old Mill", quote),),
        ),
        Case(
            "article-1-paragraph-1-question-2",
            "When was it sold?",
            "impossible",
            answerable=False,
            evidence=(Evidence("Old Mill"),),
        ),
    ]
    (article,) = ingested(tmp_path / "articles.jsonl", gathered.articles)
    assert article.name == "Old Mill" and quote in article.text and "A museum now." in article.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"question": "Q?", "answers": []}, 'does not say "is_impossible": true'),
        (
            {"question": "Q?", "answers": [{"text": "1999", "answer_start": 3}]},
            "not in its context",
        ),
        ({"question": "Q?", "answers": ["1901"]}, "an answer without 'text'"),
        ({"answers": []}, "'question' is missing"),
    ],
)
def test_a_wrong_question_of_squad_is_named(tmp_path: Path, asked: Any, said: str) -> None:
    path = as_json(tmp_path / "train.json", squad(asked))
    with pytest.raises(UsageError) as raised:
        load_any(path)
    assert "article 1 paragraph 1 question 1: " in str(raised.value) and said in str(raised.value)


# MultiHop-RAG


def test_multihop_rag(tmp_path: Path) -> None:
    url = "https://example.org/mill"
    evidence = {"title": "The mill", "url": url, "source": "The Post", "fact": "It burnt."}
    records: list[dict[str, Any]] = [
        {
            "query": "What burnt?",
            "answer": "The mill",
            "question_type": "inference_query",
            "evidence_list": [evidence],
        },
        {
            "query": "Who sang?",
            "answer": "Insufficient information.",
            "question_type": "null_query",
            "evidence_list": [],
        },
    ]
    body = {"title": "The mill", "source": "The Post", "url": url, "author": None}
    body |= {"published_at": "2023-09-28T12:00:00+00:00", "body": "Fire. It burnt. All of it."}
    path = as_json(tmp_path / "questions.json", records)
    alone = load_any(path)
    assert "come without their articles" in alone.notes[0] and not alone.articles
    as_json(tmp_path / "corpus.json", [body])
    for place in (path, tmp_path):
        gathered = load_any(place)
        assert (
            gathered.cases
            == alone.cases
            == [
                Case(
                    "q0001",
                    "What burnt?",
                    "inference",
                    "en",
                    facts=(("The mill",),),
                    evidence=(Evidence(url, "It burnt."),),
                ),
                Case("q0002", "Who sang?", "null", "en", answerable=False),
            ]
        )
        (article,) = ingested(tmp_path / "articles.jsonl", gathered.articles)
        assert (article.name, article.url, article.outlet) == (url, url, "The Post")
        assert article.published == date(2023, 9, 28)
        assert [a.fingerprint for a in to_articles(gathered)] == [article.fingerprint]
    as_json(
        tmp_path / "corpus.json", [body, {**body, "url": ["x"]}, {**body, "url": "u", "body": 5}, 7]
    )
    with pytest.raises(UsageError) as raised:
        load_any(path)
    assert "corpus.json record 2: the article: 'id' must be text" in str(raised.value)
    assert "corpus.json record 3: the article: 'text' is not text" in str(raised.value)
    assert "corpus.json record 4: an article without 'url' or 'title'" in str(raised.value)
    (tmp_path / "corpus.json").unlink()
    del records[0]["evidence_list"]
    records.reverse()
    with pytest.raises(UsageError, match="record 2: 'evidence_list' is missing"):
        load_any(as_json(path, records))


# Telling forms apart


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


# There and back

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


# Whatever stands in a field

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
