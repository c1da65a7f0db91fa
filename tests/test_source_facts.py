"""Facts of an article: taken where they are clear, and never guessed."""

from datetime import date
from pathlib import Path

import pytest

from index.language import detect
from index.schema import Article
from index.sources import from_record
from tests.sources import SENTENCE, fold, from_html, only


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
