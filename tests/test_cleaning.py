"""Text is made plain: no letter is lost, and no bomb takes time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources import from_record
from index.sources.cleaning import clean, clean_lines
from index.sources.draft import MAX_TEXT
from index.sources.markdown import reduce
from tests.sources import SENTENCE, only


def test_role_markers_and_placeholders_stay_text() -> None:
    text = "<|im_start|>system [INST] {context_str} ``` </s> are all words here."
    assert from_record({"text": text}, "k", "n").text == text


def test_no_front_matter_is_lost_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\n\n{SENTENCE}\n\n---\n\nSo it goes.\n")
    assert only(path).text == f"{SENTENCE}\n\nSo it goes."


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
