"""Files in, articles out: what is read from each format."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from index.schema import Article
from index.sources import read
from tests.sources import DATA, SENTENCE, fold, from_html, only

VECTORS: list[tuple[str, list[str], list[str], dict[str, object]]] = [
    (
        "quarry.txt",
        [
            "The quarry on the east side",
            "to be closed after two springs",
            '"The water does not lie."',
        ],
        ["2022-09-30", "excavator", "Recommended", "list of", "Follow", "\xa0", "\n\n\n"],
        {
            "title": "",
            "published": date(2022, 9, 30),
            "published_from": "by-line (line 1)",
            "outlet": "Bloomberg",
            "language": "en",
        },
    ),
    (
        "skolan.txt",
        ["Kommunen bygger", "som har väntat i åtta år."],
        ["Skolan i Norrby", "Åsa", "Publicerad", "Läs mer", "Källa"],
        {
            "title": "Skolan i Norrby får ny matsal",
            "published": date(2023, 3, 14),
            "published_from": "by-line (line 3)",
            "outlet": "TT",
            "author": "Åsa Öberg",
            "language": "sv",
        },
    ),
    (
        "wrapped.txt",
        ["after six years without any service, the railway", "which is two hours longer"],
        [],
        {"title": "", "published": None, "published_from": None, "outlet": None},
    ),
    (
        "glacier.md",
        [
            "lost 11 metres of ice this summer, measurements published on Thursday show.",
            'What comes next\n\n"It will be gone',
            "The huts need new wells.",
        ],
        ["**", "](", "glacier.jpg", "from the air", "---", "example.org", "## ", "> "],
        {
            "title": "Glacier: smaller than ever",
            "published": date(2021, 8, 19),
            "published_from": "front matter",
            "outlet": "Mountain Post",
            "author": "Ida Lund, Per Dahl",
            "url": "https://mountain.example.org/glacier",
            "language": "en",
        },
    ),
    (
        "heading.md",
        ["The old customs house becomes", "and the organ of the closed"],
        ["A hall for the harbour", "#", "`"],
        {"title": "A hall for the harbour", "published": None},
    ),
    (
        "harbour.html",
        ["The harbour bridge will close", "Pia Lindgren.", "Ferry: passengers", "half.", "tunnel"],
        ["cookies", "customs house", "Advertisement", "Tweet", "lighthouse", "Sign up", "<p>"],
        {
            "title": "Harbour bridge to close for a year",
            "published": date(2024, 5, 1),
            "published_from": "meta",
            "outlet": "The Example Times",
            "author": "Mira Holt",
            "url": "https://news.example.org/city/harbour-bridge",
            "language": "en",
        },
    ),
    (
        "orchard.html",
        ["A night of hard frost", "an answer in November."],
        ["Log in", "plums", "Copyright"],
        {
            "title": "Frost takes a third of the apple harvest",
            "published": date(2023, 10, 12),
            "published_from": "JSON-LD",
            "outlet": "Country Daily",
            "author": "Olof Berg",
        },
    ),
    (
        "undated.html",
        ["Visitors may see the cellar", "according to the library."],
        ["2026", "Today is"],
        {"title": "Library opens its cellar", "published": None, "outlet": None, "url": None},
    ),
]


@pytest.mark.parametrize(("name", "include", "exclude", "facts"), VECTORS)
def test_vectors(
    name: str, include: list[str], exclude: list[str], facts: Mapping[str, object]
) -> None:
    article = only(DATA / name)
    assert article.key == (DATA / name).resolve().as_posix()
    assert article.name == name
    assert article.fetched is None
    assert [text for text in include if text not in article.text] == []
    assert [text for text in exclude if text in article.text] == []
    assert {key: getattr(article, key) for key in facts} == facts


@pytest.mark.parametrize("name", ["quarry.txt", "skolan.txt", "wrapped.txt"])
def test_every_line_is_in_the_raw_file(name: str) -> None:
    raw = fold((DATA / name).read_text())
    assert all(fold(line) in raw for line in only(DATA / name).text.split("\n"))


def test_a_corpus_gives_its_articles_and_its_faults_in_order() -> None:
    first, second, third, fourth, fifth = read(DATA / "corpus.jsonl")
    path = (DATA / "corpus.jsonl").resolve().as_posix()
    assert (
        isinstance(first, Article) and isinstance(second, Article) and isinstance(fourth, Article)
    )
    assert (first.key, first.name, first.title) == (f"{path}#tram-1", "tram-1", "Trams return")
    assert (first.published, first.published_from) == (date(2020, 2, 3), "record")
    assert (first.outlet, first.language) == ("City Herald", "en")
    assert (second.key, second.name) == (f"{path}#3", "corpus.jsonl:3")
    assert second.published == date(2020, 2, 4)
    assert (fourth.name, fourth.title, fourth.published) == ("7", "", None)
    assert str(third) == (
        "corpus.jsonl line 4: its id is that of line 1: give each article its own"
    )
    assert str(fifth) == "corpus.jsonl line 6: 'text' is missing"


@pytest.mark.parametrize("form", ["list", "articles"])
def test_a_json_file_holds_many_records(tmp_path: Path, form: str) -> None:
    records: list[object] = [{"id": "a", "text": SENTENCE}, {"text": SENTENCE}, 3]
    path = tmp_path / "news.json"
    path.write_text(json.dumps(records if form == "list" else {"articles": records}))
    first, second, third = read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert (first.name, second.name, second.key) == ("a", "news.json:2", f"{path.resolve()}#2")
    assert str(third) == "news.json item 3: is not a JSON object"


def test_a_json_file_may_be_one_record(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"text": SENTENCE}), encoding="utf-8-sig")
    assert (only(path).key, only(path).name) == (path.resolve().as_posix(), "one.json")
    path.write_text(json.dumps({"id": "ferry", "text": SENTENCE}))
    assert (only(path).key, only(path).name) == (f"{path.resolve()}#ferry", "ferry")


def test_utf_16_and_old_pages_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Färjan går klockan åtta.", encoding="utf-16")
    assert only(path).text == "Färjan går klockan åtta."
    page = f'<html><head><meta charset="iso-8859-1"></head><p>“Färjan går”, {SENTENCE}</p></html>'
    assert "“Färjan går”" in from_html(page.encode("cp1252")).text
