"""PDF and Word files: what is read from them, and what a hostile one does (nothing else)."""

import io
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from random import Random

import docx
import pytest

from index.errors import SourceError
from index.ingest import Report, ingest, read
from index.schema import Article
from index.sources import confined
from index.sources import read as articles_in
from tests.test_web import Shelf

DATA = Path(__file__).parent / "data"
BODY = [
    "The harbour bridge will close to all traffic for a year from August, the council decided.",
    "About 41,000 vehicles cross the bridge every day, and the detour takes twenty minutes.",
]


def pdf(*pages: str, objects: str = "", trailer: str = "") -> bytes:
    """A PDF with these content streams."""
    kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(len(pages)))
    parts = [
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        f"2 0 obj <</Type /Pages /Kids [{kids}] /Count {len(pages)}>> endobj",
        "3 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj",
        objects,
    ]
    for n, page in enumerate(pages):
        parts += [
            f"{10 + 2 * n} 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800]"
            f" /Resources <</Font <</F 3 0 R>>>> /Contents {11 + 2 * n} 0 R>> endobj",
            f"{11 + 2 * n} 0 obj <</Length {len(page)}>> stream\n{page}\nendstream endobj",
        ]
    parts.append(f"trailer <</Root 1 0 R {trailer}>>")
    return ("%PDF-1.4\n" + "\n".join(parts) + "\n%%EOF").encode("latin-1")


def written(*lines: tuple[int, str]) -> str:
    """Lines at their heights above the foot of the page."""
    return "\n".join(f"BT /F 11 Tf 50 {height} Td ({line}) Tj ET" for height, line in lines)


def word(change: Callable[[docx.document.Document], object] | None = None) -> bytes:
    """A Word file with a heading, two paragraphs and a table."""
    document = docx.Document()
    document.add_heading("Harbour bridge to close", 1)
    document.add_paragraph("By Mira Holt")
    document.add_paragraph("Published: 2024-05-01")
    for paragraph in BODY:
        document.add_paragraph(paragraph)
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Ferry", "every ten minutes"
    if change:
        change(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def only(path: Path) -> Article:
    (article,) = articles_in(path)
    assert isinstance(article, Article), article
    return article


def fault(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    (error,) = articles_in(path)
    assert isinstance(error, SourceError), error
    assert str(error).startswith(f"{name}: ") and len(str(error)) < 200
    return str(error)


def test_a_pdf_in_two_columns_is_read_in_order_and_in_whole_paragraphs() -> None:
    article = only(DATA / "harbour.pdf")
    assert article.title == "Harbour bridge to close for a year"
    assert (article.published, article.published_from) == (date(2024, 5, 1), "by-line (line 4)")
    assert article.author == "Mira Holt"
    paragraphs = article.text.split("\n\n")
    assert paragraphs[0].startswith("The harbour bridge will close to all traffic for a year")
    assert paragraphs[0].endswith("the city council decided on Tuesday.")
    assert paragraphs[-1].startswith("The work is expected to cost 380 million crowns")
    assert "said the head of the road office, Pia Lindgren." in article.text
    assert "Åsa Öberg fick en ny färja." in article.text


def test_what_stands_on_every_page_is_no_part_of_the_text(tmp_path: Path) -> None:
    sentences = ["The first ship came in May.", "The second one came in June with the tide of",
                 "the year, and stayed.", "The last has not been seen since."]  # fmt: skip
    pages = [
        written((780, "The Harbour Letter"), (500, text), (20, f"Page {n} of 4"))
        for n, text in enumerate(sentences, 1)
    ]
    (tmp_path / "a.pdf").write_bytes(pdf(*pages))
    text = only(tmp_path / "a.pdf").text
    assert "Letter" not in text and "Page" not in text
    assert "with the tide of the year, and stayed." in text


def test_words_cut_at_the_end_of_a_line_are_whole_again(tmp_path: Path) -> None:
    lines = ["The commission will look into the har-", "bour works, and the Anglo-",
             "Dutch firm that built them, in a re-", "port that is due in the autumn."]  # fmt: skip
    (tmp_path / "a.pdf").write_bytes(pdf(written(*zip((500, 487, 474, 461), lines, strict=True))))
    text = only(tmp_path / "a.pdf").text
    assert "into the harbour works" in text and "in a report that" in text
    assert "Anglo-Dutch" in text or "Anglo- Dutch" in text


def test_a_word_file_is_read_with_its_heading_and_tables(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word())
    article = only(tmp_path / "a.docx")
    assert article.title == "Harbour bridge to close"
    assert (article.published, article.author) == (date(2024, 5, 1), "Mira Holt")
    assert article.text == "\n\n".join([*BODY, "Ferry | every ten minutes"])


def test_when_a_file_was_made_is_not_when_it_was_published(tmp_path: Path) -> None:
    def undated(document: docx.document.Document) -> None:
        document.paragraphs[2].text = ""

    (tmp_path / "a.docx").write_bytes(word(undated))
    (tmp_path / "a.pdf").write_bytes(
        pdf(written((500, BODY[0])), objects="4 0 obj <</CreationDate (D:20240501)>> endobj",
            trailer="/Info 4 0 R")
    )  # fmt: skip
    for name in ("a.docx", "a.pdf"):
        assert only(tmp_path / name).published is None


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_", "/"), data)
    return file.getvalue()


def with_document(xml: bytes) -> bytes:
    """A good Word file whose text is replaced."""
    old, new = io.BytesIO(word()), io.BytesIO()
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            body = xml if entry.filename == "word/document.xml" else source.read(entry)
            target.writestr(entry.filename, body)
    return new.getvalue()


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)
)

# Bytes, or how to make them where that takes a while.
BROKEN: list[tuple[str, bytes | Callable[[], bytes], str]] = [
    ("empty.pdf", b"", "no PDF"),
    ("words.pdf", b"These are only words.", "no PDF"),
    ("head.pdf", b"%PDF-1.7\n", "no PDF"),
    ("cut.pdf", (DATA / "harbour.pdf").read_bytes()[:9000], "no PDF|no text|broken"),
    ("noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 400, "no PDF|broken"),
    ("picture.pdf", pdf("0 0 m 100 100 l S"), "has no text, only pictures"),
    ("round.pdf", pdf("x").replace(b"/Kids [10 0 R]", b"/Kids [2 0 R]"), "no text|no PDF|broken"),
    ("nested.pdf", pdf("[" * 200_000), "no text|no PDF|broken|memory"),
    ("locked.pdf", pdf("x", objects="5 0 obj <</Filter /Standard /V 2 /R 3 /O (" + "o" * 32
     + ") /U (" + "u" * 32 + ") /P -44>> endobj", trailer="/Encrypt 5 0 R /ID [(a) (b)]"),
     "locked with a password"),
    ("empty.docx", b"", "no Word file"),
    ("words.docx", b"These are only words.", "no Word file"),
    ("zip.docx", zipped(a_txt=b"x"), "no Word file"),
    ("cut.docx", lambda: word()[:-4000], "no Word file"),
    ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no Word file"),
    ("bomb.docx", lambda: with_document(b"<a>" + b" " * 150_000_000 + b"</a>"), "more than 100 MB"),
    ("laughs.docx", lambda: with_document(b"<!DOCTYPE d [" + LAUGHS + b"]><w:document " + W
     + b"><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>"),
     "no text|no Word|broken|memory"),
    ("outside.docx", lambda: with_document(b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
     b"<w:document " + W + b"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body>"
     b"</w:document>"), "no text|no Word|broken"),
    ("deep.docx", lambda: with_document(b"<w:document " + W + b"><w:body>" + b"<w:p>" * 100_000),
     "no Word|broken"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "says"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_or_hostile_file_is_one_clear_fault(
    tmp_path: Path, name: str, data: bytes | Callable[[], bytes], says: str
) -> None:
    made = data if isinstance(data, bytes) else data()
    started = time.monotonic()
    message = fault(tmp_path, name, made)
    assert any(part in message for part in says.split("|")), message
    assert time.monotonic() - started < 40


@pytest.mark.slow
def test_a_bomb_costs_the_child_and_nothing_else(tmp_path: Path) -> None:
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b"(a) Tj " * 150_000) for _ in range(1100)) + packer.flush()
    page = pdf("@", objects="")
    page = page.replace(
        b"<</Length 1>> stream\n@", b"<</Length %d /Filter /FlateDecode>> stream\n" % len(packed)
        + packed,
    )  # fmt: skip
    (tmp_path / "b.pdf").write_bytes(page)
    (tmp_path / "c.txt").write_text(BODY[0])
    (tmp_path / "d.docx").write_bytes(word())
    # A process of its own: here, threads of earlier tests may still take memory.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        good, files = [tmp_path / "c.txt", tmp_path / "d.docx"], [tmp_path / "b.pdf"]
        process.submit(ingested, good).result()  # what reading needs at all
        report, cost = process.submit(ingested, files + good).result()
    assert report.added == 2 and len(report.failed) == 1
    assert report.failed[0].startswith("b.pdf: ")
    assert cost < 50_000_000


def ingested(files: list[Path]) -> tuple[Report, int]:
    """What came of ingesting these, and the bytes by which this process grew at most."""
    before, report = peak(), Report()
    for _ in ingest(read(files), Shelf(), report):
        pass
    return report, peak() - before


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# Pages that have brought down parsers, each of one piece over and over.
BOMBS = {
    "open tags": b"<a ", "comments": b"<!--", "nested": b"<div>", "bold": b"<p><b><i>",
    "attributes": b"<p a=1 b=2 c=3>", "quotes": b'<a href="', "entities": b"&amp;&#x41;&x;",
    "tables": b"<table><tr><td>", "lists": b"<ul><li>", "forms": b"<form><select><option>",
    "scripts": b"<script>var a;", "cdata": b"<![CDATA[", "doctypes": b"<!DOCTYPE html>",
    "words": b"word ", "no spaces": b"a", "breaks": b"<br>", "links": b'<a href="/x">y</a> ',
    "spans": b"<span>x</span>", "paragraphs": b"<p>The ferry leaves at noon.</p>\n",
    "brackets": b"<<<>>>", "closing": b"</div>", "frames": b"<iframe><html>",
    "styles": b"<style>a{", "hidden": b'<p style="' + b"display " * 50 + b'">x</p>',
    "svg": b"<svg><math><p>", "newlines": b"\n", "controls": b"\r\x0c\t",
    "arabic": "مرحبا ".encode(), "combining": "a\u0301\u0301\u0301".encode(),
    "templates": b"<template><p>",
}  # fmt: skip
HEADS = {"json": b'<script type="application/ld+json">', "date": b'<meta name="date" content="'}
FULL = 1_990_000  # bytes, just within the limit of size


def bomb(name: str) -> bytes:
    if name in BOMBS:
        return (b"<html><body><article>" + BOMBS[name] * (FULL // len(BOMBS[name])))[:FULL]
    return b"<html>" + HEADS[name] + (b"[" * FULL if name == "json" else b"1 " * (FULL // 2))


@pytest.mark.parametrize("name", [*BOMBS, *HEADS])
def test_a_page_made_to_hurt_ends_in_time(name: str) -> None:
    page = bomb(name)
    started, before = time.monotonic(), peak()
    try:
        confined.read("html", page, "https://example.org/x")
    except SourceError as error:
        assert len(str(error)) < 200
    assert time.monotonic() - started < confined.SECONDS["html"] + confined.STARTING
    assert peak() - before < 50_000_000


PAGES = [p.read_bytes() for p in sorted((Path(__file__).parent / "data").rglob("*.html"))]


def fuzzed(seed: int) -> bytes:
    """A page of the tests as a fuzzer leaves it: cut, joined, repeated and changed, but text."""
    random = Random(seed)
    page = bytearray(random.choice(PAGES))
    for _ in range(random.randint(3, 40)):
        at, size = random.randrange(len(page)), random.choice([1, 2, 8, 60, 500])
        match random.randrange(5):
            case 0:
                page[at : at + size] = bytes(random.choices(b"<>/=&;!-[]{}\"'ab 019", k=size))
            case 1:
                del page[at : at + size]
            case 2:
                page[at:at] = page[at : at + size] * random.randint(1, 60)
            case 3:
                other = random.choice(PAGES)
                start = random.randrange(len(other))
                page[at:at] = other[start : start + size * 4]
            case _:
                page[at : at + 1] = random.choice([b"<", b">", b"&#0;", b"&", b'"', b"<!--", b"{"])
    return bytes(page)


@pytest.mark.slow
def test_fuzzed_pages_end_in_time_and_keep_no_other_out(tmp_path: Path) -> None:
    for seed in range(20):
        (tmp_path / f"{seed:02}.html").write_bytes(fuzzed(seed))
    (tmp_path / "z.txt").write_text(BODY[0])
    (tmp_path / "plain.html").write_bytes(PAGES[0])
    reports = []
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        process.submit(ingested, [tmp_path / "plain.html"]).result()  # what reading needs at all
        for path in sorted(tmp_path.glob("[0-9z]*")):
            started = time.monotonic()
            report, cost = process.submit(ingested, [path]).result()
            took = time.monotonic() - started
            assert took < confined.SECONDS["html"] + confined.STARTING, path
            assert cost < 50_000_000, path
            reports.append(report)
    assert len(reports) == sum(report.seen for report in reports) == 21
    assert sum(report.added for report in reports) > 1 and reports[-1].added == 1
    assert all("Traceback" not in fault for report in reports for fault in report.failed)
