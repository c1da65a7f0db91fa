"""What no article can be read from is one clear fault, whatever its bytes are."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.schema import Article
from index.sources import from_record, read
from index.sources.cleaning import clean
from index.sources.corpus import MAX_LINE
from index.sources.draft import MAX_TEXT
from index.sources.html import MAX_ELEMENTS, MAX_PAGE
from tests.sources import SENTENCE, fault

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
