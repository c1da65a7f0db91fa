"""Sets in the forms of BEIR, SQuAD and MultiHop-RAG, with their articles."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evals.case import Case, Evidence
from evals.formats import load as load_any
from evals.formats.articles import to_articles
from index.errors import UsageError
from tests.foreign_sets import as_json, as_lines, ingested, squad


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
