"""Bytes to text, or a refusal that says how to convert them. Nothing is guessed: a wrong guess
would put broken letters into quotes.
"""

import codecs
from collections.abc import Sequence
from contextlib import suppress

from index.errors import SourceError

CONVERT = "convert it, e.g. iconv -f ISO-8859-1 -t UTF-8"
CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))


def decode(data: bytes, said: Sequence[str] = ()) -> str:
    """UTF-8, with or without byte order mark, or UTF-16 with one; else the first encoding that the
    server or the page `said` it is and that fits.
    """
    try:
        text = _decode(data)
    except SourceError:
        if not said or b"\0" in data:
            raise
        text = _as_said(data, said)
    if not text or text.isspace():
        raise SourceError("is empty")
    return text


def _as_said(data: bytes, said: Sequence[str]) -> str:
    for encoding in said:
        with suppress(LookupError, UnicodeDecodeError):
            name = codecs.lookup(encoding).name
            return data.decode("cp1252" if name == "iso8859-1" else name)  # as browsers have it
    raise SourceError(f"is not {said[-1]}, as its head says: correct the charset there")


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16", "UTF-16")
    if looks_binary(data):
        raise SourceError("looks binary: only text can be read (UTF-16 needs a byte order mark)")
    return _strict(data, "utf-8-sig", "UTF-8")


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"is not {name} text (byte {error.start + 1}): {CONVERT}") from None


def looks_binary(data: bytes) -> bool:
    """Whether the bytes have a NUL, or more control characters than any text would."""
    head = data[:8192]
    return b"\0" in data or len(head) - len(head.translate(None, CONTROLS)) > len(head) // 20
