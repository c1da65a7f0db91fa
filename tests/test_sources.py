"""Files in, articles out: what is read from each format, and what is refused in which words."""

import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.language import detect
from index.schema import Article
from index.sources import find, from_record, html, read
from index.sources.cleaning import clean, clean_lines
from index.sources.corpus import MAX_LINE
from index.sources.draft import MAX_TEXT, finish
from index.sources.html import MAX_ELEMENTS, MAX_PAGE
from index.sources.markdown import reduce

DATA = Path(__file__).parent / "data"
SENTENCE = "The ferry company will buy two electric ships, the board decided on Monday."


def fold(text: str) -> str:
    return " ".join(clean_lines(text).split())


def only(path: Path) -> Article:
    (article,) = read(path)
    assert isinstance(article, Article), article
    return article


def from_html(data: bytes, url: str | None = None) -> Article:
    return finish(html.read(data, url), "k", "n")


def fault(path: Path) -> str:
    (error,) = read(path)
    assert isinstance(error, SourceError)
    return str(error)


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


# Bad files: their bytes, and what the reader is told.
NOT_UTF8 = r"is not UTF-8 text \(byte 5\): convert it, e\.g\. iconv -f ISO-8859-1 -t UTF-8$"
BAD_FILES: list[tuple[str, bytes, str]] = [
    ("empty.txt", b"", "is empty$"),
    ("bom.txt", b"\xef\xbb\xbf", "is empty$"),
    ("spaces.md", b" \n\t\r\n", "is empty$"),
    ("empty.html", b"", "is empty$"),
    ("empty.json", b"", "is empty$"),
    ("empty.jsonl", b"\n\n", "is empty$"),
    ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "looks binary"),
    ("picture.html", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "looks binary"),
    ("picture.jsonl", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "looks binary"),
    ("noise.txt", bytes(range(1, 32)) * 20, "looks binary"),
    ("utf16.txt", "Utan märke".encode("utf-16-le"), "looks binary"),
    ("utf16.jsonl", '{"text": "x"}'.encode("utf-16"), "UTF-16: JSON Lines must be UTF-8"),
    ("half.txt", b"\xff\xfea\x00b", "is not UTF-16 text"),
    ("latin.txt", "Sjö på ön".encode("latin-1")[2:] * 2, "is not UTF-8 text"),
    ("latin.md", "Den öppna".encode("latin-1"), NOT_UTF8),
    ("cut.txt", "Den ö".encode()[:-1], NOT_UTF8),
    ("furniture.txt", b"Follow\n\nShare\n", "the text is empty$"),
    ("long.txt", b"word " * (MAX_TEXT // 5) + b"word", "longer than 200,000 characters: split it"),
    ("longer.txt", b"word " * 300_000, "longer than 1,000,000 characters: split it"),
    ("huge.txt", b"a" * 20_000_001, "is larger than 20 MB: split it"),
    ("huge.html", b"<p>" + b"a" * MAX_PAGE, "is larger than 2 MB"),
    ("deep.html", b"<p><b>a</b></p>" * MAX_ELEMENTS, "more than 50,000 elements"),
    ("shell.html", b"<html><body><div id=app></div></body></html>", "has no article text$"),
    ("script.html", b"<html><body>You need to enable JavaScript.</body></html>", "no article text"),
    ("charset.html", b'<meta charset="utf-99"><p>\xf6', "is not utf-99, as its head says"),
    ("open.md", b"---\ntitle: x\n\nText.", "front matter has no end"),
    ("colon.md", b"---\ntitle: a: b\n---\nText.", r"not valid YAML \(line 2\): put quotes"),
    ("tag.md", b"---\ntitle: !!python/object/apply:os.getcwd []\n---\nText.", "not valid YAML"),
    ("day.md", b"---\npublished: 2024-13-45\n---\nText.", "value that cannot be read"),
    ("nest.md", b"---\nx: " + b"[" * 15_000 + b"\n---\nText.", "value that cannot be read"),
    ("front.md", b"---\nx: " + b"a" * 20_000 + b"\n---\nText.", "longer than 16,000 characters"),
    ("dict.md", b"---\ntitle: {a: b}\n---\nText.", "'title' is not text"),
    ("when.md", b"---\npublished: soon\n---\nText.", "'published' is not an ISO date"),
    ("broken.json", b'{"text": "x"', r"is not valid JSON \(Expecting ',' delimiter, column 13\)"),
    ("text.json", b'"only text"', "is no object, list"),
    ("deep.json", b"[" * 100_000, "nested too deeply"),
    ("nan.json", b'{"text": "x", "score": NaN}', "NaN is not allowed"),
    ("digits.json", b'{"text": "x", "n": ' + b"9" * 5000 + b"}", "is not valid JSON"),
    ("twice.json", b'{"text": "x", "text": "y"}', "a key comes twice"),
    ("broken.jsonl", b"\n{text}\n", r"^broken.jsonl line 2: is not valid JSON"),
    ("array.jsonl", b"[1]\n", "line 1: is not a JSON object"),
    ("deep.jsonl", b"[" * 100_000, "line 1: is JSON nested too deeply"),
    ("latin.jsonl", '{"text": "ö"}'.encode("latin-1"), "line 1: is not UTF-8 text"),
    ("surrogate.jsonl", rb'{"text": "\ud800"}', "line 1: 'text' has half a character"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "told"), BAD_FILES, ids=[row[0] for row in BAD_FILES])
def test_a_bad_file_is_one_clear_fault(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    message = fault(path)
    assert message.startswith(name)
    assert re.search(told, message), message
    assert len(message) < 300


BAD_RECORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "'text' is missing"),
    ({"text": None}, "'text' is not text"),
    ({"text": 5}, "'text' is not text"),
    ({"text": ["a"]}, "'text' is not text"),
    ({"text": ""}, "the text is empty"),
    ({"text": " \n\u200b"}, "the text is empty"),
    ({"text": "a\0b"}, "'text' has a NUL character"),
    ({"text": "a\udc00"}, "'text' has half a character (a lone surrogate)"),
    ({"title": 5}, "'title' is not text"),
    ({"title": "\ud800"}, "'title' has half a character (a lone surrogate)"),
    ({"title": "a" * 1001}, "'title' is longer than 1,000 characters"),
    ({"id": 1.5}, "'id' is not text"),
    ({"id": True}, "'id' is not text"),
    ({"id": "a" * 1_000_000}, "'id' is longer than 1,000 characters"),
    ({"published": 1714521600}, "'published' is not an ISO date such as 2024-05-01"),
    ({"published": "May 1, 2024"}, "'published' is not an ISO date such as 2024-05-01"),
    ({"published": "2024-02-30"}, "'published' is not an ISO date such as 2024-05-01"),
    ({"published": "2024-5"}, "'published' is not an ISO date such as 2024-05-01"),
    ({"outlet": {"name": "x"}}, "'outlet' is not text"),
    ({"author": ["a"]}, "'author' is not text"),
    ({"url": "javascript:alert(1)"}, "'url' is not an http or https address"),
    ({"url": "https:///path"}, "'url' is not an http or https address"),
    ({"url": "https://[bad"}, "'url' is not an http or https address"),
    ({"url": 'https://a.example/"onclick="x'}, "'url' is not an http or https address"),
    ({"url": "ftp://example.org"}, "'url' is not an http or https address"),
    ({"language": "swedish"}, "'language' is not a two-letter code such as en"),
    ({"lang": 5}, "'lang' is not text"),
    ({"title": 5, "url": "x"}, "'title' is not text; 'url' is not an http or https address"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "told"), BAD_RECORDS)
def test_a_bad_record_names_its_field(fields: dict[str, Any], told: str) -> None:
    record = fields if "text" in fields or not fields else fields | {"text": SENTENCE}
    with pytest.raises(SourceError) as error:
        from_record(record, "key", "name")
    assert str(error.value) == told


def test_blank_and_unknown_fields_are_as_if_not_given() -> None:
    record = {"text": SENTENCE, "title": " ", "published": "", "url": "", "lang": None, "x": 2**63}
    assert from_record(record, "k", "n") == Article("k", "n", SENTENCE, language="en")


def test_given_facts_come_before_found_ones() -> None:
    text = f"Published: 2024-05-01\nSource: AP\n\n{SENTENCE}"
    found = from_record({"text": text}, "k", "n")
    assert (found.published, found.published_from, found.outlet) == (
        date(2024, 5, 1), "by-line (line 1)", "AP",
    )  # fmt: skip
    given = from_record({"text": text, "published": "1970-01-01", "outlet": "Mail"}, "k", "n")
    assert (given.published, given.published_from, given.outlet) == (
        date(1970, 1, 1), "record", "Mail",
    )  # fmt: skip
    assert given.text == SENTENCE


FRONTS: list[tuple[str, tuple[str | None, str | None]]] = [
    ("published: 2021-03", ("2021-03", None)),
    ("published: 2021", ("2021", None)),
    ("date: 2021-03-04", ("2021-03-04", None)),
    ("date: 2021-03-04\nlastmod: 2021-04-05", ("2021-03-04", "2021-04-05")),
    ("published: true\ndate: 2021-03-04", ("2021-03-04", None)),
    ("published: 2021-03-04T23:30:00-05:00", ("2021-03-04T23:30-05:00", None)),
    ('published: "2021-03-04 23:30"', ("2021-03-04T23:30", None)),
    ("published: 2021-03-04\nupdated: 2021-03-01", ("2021-03-04", None)),
    ("updated: 2021-03-01", (None, "2021-03-01")),
]


@pytest.mark.parametrize(("front", "expected"), FRONTS)
def test_front_matter_dates_as_exactly_as_it_says(
    tmp_path: Path, front: str, expected: tuple[str | None, str | None]
) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\ntitle: Ships\n{front}\n---\n\n{SENTENCE}\n")
    article = only(path)
    assert (article.published_as or article.written, article.updated) == expected
    assert article.published_from == ("front matter" if expected[0] else None)
    assert article.updated_from == ("front matter" if expected[1] else None)


def test_an_agency_is_no_author_and_no_outlet_where_someone_else_printed_it() -> None:
    text = f"LONDON, May 1 (Reuters) - {SENTENCE}"
    alone = from_record({"text": text}, "k", "n")
    assert (alone.outlet, alone.agency) == ("Reuters", "Reuters")
    printed = from_record({"text": text, "outlet": "The Quay"}, "k", "n")
    assert (printed.outlet, printed.agency) == ("The Quay", "Reuters")
    somewhere = from_record({"text": text, "url": "https://quay.example.org/1"}, "k", "n")
    assert (somewhere.outlet, somewhere.agency) == (None, "Reuters")
    signed = from_record({"text": SENTENCE, "author": "Reuters Staff", "outlet": "Q"}, "k", "n")
    assert (signed.author, signed.agency) == (None, "Reuters")


def test_role_markers_and_placeholders_stay_text() -> None:
    text = "<|im_start|>system [INST] {context_str} ``` </s> are all words here."
    assert from_record({"text": text}, "k", "n").text == text


def test_a_title_is_no_part_of_the_text() -> None:
    article = from_record({"title": "Two ships", "text": f"Two ships\n\n{SENTENCE}"}, "k", "n")
    assert (article.title, article.text) == ("Two ships", SENTENCE)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"New ships for the coast\n\n{SENTENCE}", "New ships for the coast"),
        (f"New ships for the coast\n{SENTENCE}", "New ships for the coast"),
        (f"Who pays for the ships?\n{SENTENCE}", "Who pays for the ships?"),
        (f"It was a good day.\n\n{SENTENCE}", ""),
        (f"Oslo, Norway:\n\n{SENTENCE}", ""),
        (f"Ships\n\n{SENTENCE}", ""),
        (f"and then it was over\n\n{SENTENCE}", ""),
        ("New ships for the coast", ""),
        ("New ships for the coast\nMore ferries in June", ""),
        (f"{SENTENCE}\n{SENTENCE[:-1]} and on Tuesday.", ""),
    ],
)
def test_a_title_is_taken_only_when_it_is_clear(tmp_path: Path, text: str, title: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    article = only(path)
    assert article.title == title
    assert fold(f"{article.title} {article.text}") == fold(text)


def test_utf_16_and_old_pages_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Färjan går klockan åtta.", encoding="utf-16")
    assert only(path).text == "Färjan går klockan åtta."
    page = f'<html><head><meta charset="iso-8859-1"></head><p>“Färjan går”, {SENTENCE}</p></html>'
    assert "“Färjan går”" in from_html(page.encode("cp1252")).text


PAGE = "<html><head>{head}</head><body><article><h1>Ships</h1>{body}<p>{text}</p></article></body>"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ('<meta name="date" content="2024-05-01">', "", (date(2024, 5, 1), "meta")),
        ('<meta name="date" content="05/04/2024">', "", (None, None)),
        ('<meta property="article:modified_time" content="2024-05-01">', "", (None, None)),
        ('<meta name="copyright" content="2024-05-01">', "", (None, None)),
        ("", '<time datetime="2024-05-01T10:00">1 May</time>', (date(2024, 5, 1), "time element")),
        ("", '<time datetime="2024-05-01">a</time><time datetime="2023-01-01">b</time>',
         (None, None)),
        ("", '<time datetime="2023-01-01">b</time><time pubdate datetime="2024-05-01">a</time>',
         (date(2024, 5, 1), "time element")),
        ("", '<span itemprop="datePublished" content="2024-05-01">May</span>',
         (date(2024, 5, 1), "microdata")),
        ('<link rel="canonical" href="https://example.org/2024/05/01/ships">', "",
         (date(2024, 5, 1), "web address")),
        ('<script type="application/ld+json">{broken</script>', "", (None, None)),
        ('<script type="application/ld+json">[[{"datePublished": 3}]]</script>', "", (None, None)),
        ("", '<div class="date footer">© 2020. Last updated 2024-05-01.</div>', (None, None)),
        ("", "<p>The quay was opened on May 1, 2024, by the mayor.</p>", (None, None)),
    ],
)  # fmt: skip
def test_a_page_is_dated_by_its_markup_only(
    head: str, body: str, expected: tuple[date | None, str | None]
) -> None:
    page = PAGE.format(head=head, body=body, text=SENTENCE + " " + SENTENCE)
    article = from_html(page.encode())
    assert (article.published, article.published_from) == expected


def test_a_page_has_no_outlet_guessed_from_its_title_and_no_bad_link() -> None:
    head = '<title>Ships - what we know</title><link rel="canonical" href="javascript:x()">'
    page = PAGE.format(head=head, body="", text=SENTENCE + " " + SENTENCE).encode()
    article = from_html(page, "https://example.org/ships")
    assert (article.outlet, article.url) == (None, "https://example.org/ships")


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("a **b** *c* __d__ _e_ ***f*** ~~g~~ `h`", "a b c d e f g h"),
        ("**bold *and* more**", "bold and more"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("[a](http://x.example/y_(z)) <https://b.example>", "a https://b.example"),
        ("one ![two](three.png) four", "one  four"),
        (r"\*not\* \_this\_", "*not* _this_"),
        ("A title\n=======\ntext", "A title\n\ntext"),
        ("<b>x</b> <!-- y --> <|im_start|> 1 < 2", "x  <|im_start|> 1 < 2"),
        ("Fish &amp; chips[^1]", "Fish & chips"),
        ("```python\ncode\n```", "\ncode\n"),
    ],
)
def test_markdown_is_reduced_to_words(markup: str, plain: str) -> None:
    assert reduce(markup) == plain


@pytest.mark.parametrize(
    "bomb",
    ["*", "**", "_", "[", "![", "[a](", "`", "<!--", "<a ", "~~", "\\", "> ", "#", "- ", "*a "],
)
def test_markdown_bombs_take_no_time(bomb: str) -> None:
    reduce(bomb * (200_000 // len(bomb)))


@pytest.mark.parametrize("bomb", ["\u200d", "\u0301", "\xa0", "\n", "(", "A. (", "x/", "May 1 "])
def test_text_bombs_take_no_time(bomb: str) -> None:
    text = SENTENCE + bomb * (MAX_TEXT // len(bomb) - 100)
    assert from_record({"text": text, "language": "en"}, "k", "n").text.startswith(SENTENCE)


def test_no_front_matter_is_lost_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\n\n{SENTENCE}\n\n---\n\nSo it goes.\n")
    assert only(path).text == f"{SENTENCE}\n\nSo it goes."


def test_find_walks_in_order_and_skips_what_is_no_article(tmp_path: Path) -> None:
    wanted = ["a.txt", "b/c.MD", "b/d.html", "e.jsonl"]
    skipped = ["README.md", "b/Readme.md", ".hidden.txt", ".git/x.txt", "f.doc", "g.zip", "h"]
    for name in wanted + skipped:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.relative_to(tmp_path).as_posix() for path in find(tmp_path)] == wanted
    assert find(tmp_path / "README.md") == [tmp_path / "README.md"]


def test_find_never_leaves_the_folder_and_never_opens_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x")
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.txt").write_text("x")
    (root / "out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "loop.txt").symlink_to("loop.txt")
    (root / "again.txt").symlink_to("in/a.txt")
    (root / "zero.txt").symlink_to("/dev/zero")
    (root / "accounts.txt").symlink_to("/etc/passwd")
    (root / "up.txt").symlink_to("../outside.txt")
    (root / "around").symlink_to(root)
    (root / "folder.txt").mkdir()
    os.mkfifo(root / "pipe.txt")
    odd = [root / ("a" * 251 + ".txt"), root / os.fsdecode(b"\xff.txt")]
    for path in odd:
        path.write_text(SENTENCE)
    assert [path.resolve() for path in find(root)] == [
        odd[0],
        (root / "in" / "a.txt").resolve(),
        odd[1],
    ]
    told = [*read(odd[0]), *read(odd[1])]
    assert isinstance(told[0], Article) and "not valid UTF-8" in str(told[1])


ARCHIVES = (".zip", ".tar", ".gz", ".tar.gz", ".7z", ".rar", ".epub", ".docm", "")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing", "no such file or folder: .*missing: check the spelling"),
        ("mis\0sing", "no such file or folder"),
        ("a" * 300, "cannot be read: File name too long"),
        (
            "empty",
            r"no supported files in .*empty \(\.txt \.md \.html \.json \.jsonl \.pdf \.docx\)",
        ),
        *((f"a{end}", f"a{end}: not a supported type: use one of") for end in ARCHIVES),
        ("pipe.txt", "pipe.txt: not a regular file"),
        ("loop.txt", "no such file or folder"),
    ],
)
def test_find_says_what_is_wrong(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "empty").mkdir()
    for end in ARCHIVES:
        (tmp_path / f"a{end}").write_text("x")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with pytest.raises(SourceError, match=told):
        find(tmp_path / name)


def test_read_never_hangs_and_never_raises_for_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert fault(tmp_path / "pipe.txt").endswith("not a regular file: give a file or a folder")
    assert "not a regular file" in fault(tmp_path / "gone.txt")
    odd = tmp_path / os.fsdecode(b"\xff.txt")
    odd.write_text(SENTENCE)
    assert fault(odd) == "\\udcff.txt: its path is not valid UTF-8: rename it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(SENTENCE)
    path.chmod(0)
    assert "permission denied" in fault(path)


def test_a_line_too_long_costs_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps({"text": SENTENCE})
    path.write_text("\n".join([good, '{"text": "' + "a" * MAX_LINE + '"}', good]))
    first, second, third = read(path)
    assert isinstance(first, Article) and isinstance(third, Article)
    assert str(second) == "a.jsonl line 2: is longer than 5 MB"
    assert third.name == "a.jsonl:3"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n \n\t\n\nb", "a\n\nb"),
        ("a\xa0 b\u2009c\u3000", "a b c"),
        ("to\u200bgether so\xadft \ufeffx\x07", "together soft x"),
        ("\u202eevil\u202c", "evil"),
        ("Latin\u200dletters", "Latinletters"),
        ("می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬"),
        ("  a  \n  b  ", "a\nb"),
    ],
)
def test_white_space_is_made_plain(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_lines(clean_lines(text)) == clean_lines(text)


@given(st.text())
def test_cleaning_loses_no_letter(text: str) -> None:
    def letters(text: str) -> str:
        return "".join(letter for letter in text if letter.isalnum())

    assert letters(clean(text)) == letters(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([".txt", ".md", ".html", ".json", ".jsonl"]),
    st.one_of(
        st.binary(max_size=500),
        st.text(max_size=500).map(lambda text: text.encode(errors="replace")),
        st.text(alphabet="<>[]{}()*_#-\"'`:!/\n abtexp&;", max_size=500).map(str.encode),
        st.text(max_size=100).map(lambda text: f"---\ntitle: {text}\n---\nx".encode()),
    ),
)  # fmt: skip
def test_any_bytes_give_articles_or_errors(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    for article in read(path):
        if isinstance(article, Article):
            assert article.text == clean(article.text)
            assert article.text and article.id and article.fingerprint


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ministers met on Sunday and agreed on a plan.", "en"),
        ("Ministrarna möttes i söndags och enades om en plan.", "sv"),
        ("Die Minister trafen sich am Sonntag und einigten sich.", "de"),
        ("Short one", None),
        ("12 000 000 000 000 000 000 000", None),
        ("OK OK OK OK OK OK OK OK OK OK OK OK", None),
    ],
)
def test_language_is_told_only_when_sure(text: str, language: str | None) -> None:
    assert detect(text) == language
