"""Markdown with YAML front matter, reduced to the words a reader sees."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

from frontmatter.default_handlers import YAMLHandler
from yaml import SafeLoader, YAMLError

from index.errors import SourceError
from index.sources.draft import MAX_RAW, Draft, check_length
from index.sources.records import to_draft

MAX_FRONT = 16_000  # characters; YAML is slow
KEYS = (
    *("title", "published", "updated", "outlet", "source", "agency", "author", "url", "language"),
    "lang",
)
INSTEAD = {"published": ("date",), "updated": ("modified", "lastmod", "last_modified_at")}
OPENS = re.compile(r"---[ \t]*\n[ \t]*[\w-]+[ \t]*:")

ON = r"\n(?!\s*\n)"  # a line break within a paragraph
LINK = rf"\[((?:[^\[\]\n]|{ON})+)\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\[\]\n]*\])"
STARS = rf"(?<![*\\])(\*{{1,3}})(?=[^\s*])((?:[^*\n]|{ON})+)(?<=\S)\1(?!\*)"
LOW_LINES = rf"(?<![\w\\])(_{{1,3}})(?=[^\s_])((?:[^_\n]|{ON})+)(?<=\S)\1(?!\w)"

# In this order. None may search to the end of the text from many places: that takes minutes.
MARKUP = (
    (re.compile(r"^ {0,3}(?:```|~~~).*$", re.M), ""),
    (re.compile(r"^ {0,3}(?:=+|-{3,}|\*{3,}|_{3,}|(?:[*-] ){2,}[*-])[ \t]*$", re.M), ""),
    (re.compile(r"^ {0,3}\|?[ :|-]*-[ :|-]*\|[ :|-]*$", re.M), ""),  # the rule under a table head
    (re.compile(r"^(?: {0,3}>[ \t]?)+", re.M), ""),
    (re.compile(r"^( {0,3}#{1,6}[ \t].*?)[ \t]+#+[ \t]*$", re.M), r"\1"),
    (re.compile(r"^ {0,3}#{1,6}[ \t]+", re.M), ""),
    (re.compile(r"^[ \t]*[*+-][ \t]+(?=\S)", re.M), ""),
    (re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$", re.M), ""),  # where a link leads
    (re.compile(r"!\[[^\[\]\n]*\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"), ""),  # a picture
    (re.compile(r"\[\^[^\[\]\n]+\]"), ""),  # the mark of a footnote
    (re.compile(LINK), r"\1"),
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>"), ""),
    (re.compile(r"<!--[^<]*?-->"), ""),
    *[(re.compile(STARS), r"\2")] * 2,  # twice: one may stand in the other
    *[(re.compile(LOW_LINES), r"\2")] * 2,
    (re.compile(r"~~(?=\S)([^~\n]+)~~"), r"\1"),
    (re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+)\1(?!`)"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)
HEADING = re.compile(r"\s*(?:#[ \t]+(?P<hash>.+?)[ \t]*#*|(?P<line>\S.*)\n=+[ \t]*)(?:\n|\Z)")


def read(raw: str) -> Draft:
    """The text without markup; the title from front matter, a leading heading, or the text."""
    check_length(raw, MAX_RAW)
    front, body = split_front(raw.replace("\r\n", "\n"))
    record: dict[str, object] = {key: _plain(front[key]) for key in KEYS if key in front}
    for key, names in INSTEAD.items():
        if record.get(key) is None or isinstance(front.get(key), bool):  # as in "published: true"
            record[key] = next((_plain(front[n]) for n in names if front.get(n) is not None), None)
    heading = HEADING.match(body)
    if record.get("title") is None and heading:
        record["title"] = reduce(heading["hash"] or heading["line"])
        body = body[heading.end() :]
    draft = to_draft(record | {"text": reduce(body)}, "front matter")
    return draft if draft.title else replace(draft, title=None)


def reduce(text: str) -> str:
    """Markdown without its markup, line for line."""
    for pattern, plain in MARKUP:
        text = pattern.sub(plain, text)
    return unescape(text)


def split_front(raw: str) -> tuple[dict[str, object], str]:
    """The front matter, empty when there is none, and the body."""
    handler, raw = YAMLHandler(), raw.lstrip()
    if not OPENS.match(raw):
        return {}, raw
    try:
        front, body = handler.split(raw)
    except ValueError:
        raise SourceError("the front matter has no end: close it with a line of ---") from None
    if len(front) > MAX_FRONT:
        raise SourceError(f"the front matter is longer than {MAX_FRONT:,} characters")
    values = _load(handler, front)
    if not isinstance(values, dict):
        raise SourceError("the front matter is no list of keys and values")
    return values, body


def _load(handler: YAMLHandler, front: str) -> object:
    try:
        # Not the handler's own choice: the C loader crashes the process on deep nesting.
        return handler.load(front, Loader=SafeLoader)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        advice = "put quotes round values that contain a colon"
        raise SourceError(f"the front matter is not valid YAML{where}: {advice}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # A date that cannot be, a tag that does not fit its value, endless depth.
        raise SourceError("the front matter has a value that cannot be read") from None


def _plain(value: object) -> object:
    """What YAML makes of a bare word, as the text it was written as."""
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, int | float) and abs(value) < 1e15:
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value
