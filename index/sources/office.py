"""PDF and Word files: their words, paragraph by paragraph. Only the child process runs this.

When the file was made says nothing of when its text was published, so no date is taken from it
but one that stands in the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any
from zipfile import BadZipFile, ZipFile

from index.errors import SourceError
from index.sources.cleaning import one_line
from index.sources.draft import MAX_RAW, Draft, check_length

MAX_UNZIPPED = 100_000_000  # bytes in a Word file
FURNITURE_PAGES = 3  # a line at the head or foot of so many pages is no part of the text
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
PAGE_NUMBER = re.compile(
    r"(?:(?:page|sida|seite)\s*)?\d{1,4}(?:\s*(?:/|of|av|von)\s*\d{1,4})?", re.I
)
BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])(?=[a-zß-öø-ÿ])")
HEADINGS = ("title", "heading 1", "rubrik", "rubrik 1", "titel", "überschrift 1")


def read_pdf(data: bytes) -> Draft:
    """The text of a PDF. Raises SourceError for pictures of text, and for what has a password."""
    pages = list(_pages(data))
    text = "\n\n".join(_without_furniture(pages))
    if not text.strip():
        raise SourceError("has no text, only pictures: run it through OCR first, e.g. ocrmypdf")
    return Draft(text)


def read_docx(data: bytes) -> Draft:
    """The text of a Word file, tables row by row; the title is its first heading."""
    _check_zip(data)
    document = _docx(data)
    blocks = list(_blocks(document))
    title = one_line(blocks[0][1]) if blocks and blocks[0][0].lower() in HEADINGS else None
    text = "\n\n".join(text for _, text in blocks[1 if title else 0 :])
    check_length(text, MAX_RAW)
    if not text.strip():
        raise SourceError("has no text")
    author = one_line(document.core_properties.author or "")
    return Draft(text, title=title, author=author if " " in author else None)


def _pages(data: bytes) -> Iterator[list[str]]:
    """The paragraphs of each page."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextContainer
    from pdfminer.pdfdocument import PDFPasswordIncorrect, PDFTextExtractionNotAllowed
    from pdfminer.psexceptions import PSException

    length = 0
    try:
        for page in extract_pages(BytesIO(data)):
            boxes = [box.get_text() for box in page if isinstance(box, LTTextContainer)]
            length += sum(map(len, boxes))
            check_length("" if length <= MAX_RAW else " " * (MAX_RAW + 1), MAX_RAW)
            yield [paragraph for box in boxes if (paragraph := _paragraph(box))]
    except (PDFPasswordIncorrect, PDFTextExtractionNotAllowed):
        raise SourceError("is locked with a password: save it without one") from None
    except (PSException, ValueError, KeyError, TypeError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError("is no PDF that can be read: save it anew") from None


def _paragraph(box: str) -> str:
    """One box of text, its lines joined and words put together that the line end had cut."""
    lines = "\n".join(line.strip() for line in box.translate(LIGATURES).split("\n"))
    return BROKEN_WORD.sub("", lines.strip()).replace("\xad\n", "").strip()


def _without_furniture(pages: list[list[str]]) -> Iterator[str]:
    """All paragraphs but page numbers, and what stands at the edge of page after page."""
    edges = Counter(text for page in pages for text in {*page[:1], *page[-1:]})
    kept = [
        text
        for page in pages
        for text in page
        if not PAGE_NUMBER.fullmatch(text) and edges[text] < FURNITURE_PAGES
    ]
    yield from _joined(kept)


def _joined(paragraphs: Iterable[str]) -> Iterator[str]:
    """Paragraphs whole: a column or a page may end in the middle of a sentence."""
    whole = ""
    for text, after in pairwise([*paragraphs, ""]):
        flat = text if _is_list(text) else " ".join(text.split("\n"))
        whole = f"{whole} {flat}" if whole else flat
        if after[:1].islower() and not whole.endswith((".", "!", "?", ":", "”", '"')):
            continue
        yield whole
        whole = ""


def _is_list(text: str) -> bool:
    # By-lines and tables have short lines; broken running text fills them.
    lines = text.split("\n")
    return len(lines) > 1 and max(map(len, lines)) < 40


def _check_zip(data: bytes) -> None:
    try:
        with ZipFile(BytesIO(data)) as file:
            size = sum(entry.file_size for entry in file.infolist())
            names = set(file.namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        raise SourceError("is no Word file that can be read: save it anew as .docx") from None
    if size > MAX_UNZIPPED:
        limit = f"{MAX_UNZIPPED // 1_000_000} MB"
        raise SourceError(f"unpacks to more than {limit}: save only its text")
    if "[Content_Types].xml" not in names:
        raise SourceError("is no Word file: save it anew as .docx")


def _docx(data: bytes) -> Any:
    import docx

    try:
        return docx.Document(BytesIO(data))
    except (ValueError, KeyError, SyntaxError, BadZipFile):  # SyntaxError: what lxml raises
        raise SourceError("is no Word file that can be read: save it anew as .docx") from None


def _blocks(document: Any) -> Iterator[tuple[str, str]]:
    """Each paragraph and each row of a table: its style and its text."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)
                yield "", " | ".join(filter(None, cells))
        elif block.text.strip():
            yield block.style.name if block.style is not None else "", block.text
