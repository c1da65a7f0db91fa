"""What a server may send, and which of it is what."""

import re
from typing import Literal

from index.errors import SourceError

Kind = Literal["html", "text", "feed", "pdf", "docx"]
MAX_TEXT = 5_000_000  # bytes
MAX_OFFICE = 20_000_000
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/xml": "feed",
    "text/xml": "feed",
    "text/x-opml": "feed",
    "application/pdf": "pdf",
    WORD: "docx",
}
UNSAID = ("", "application/octet-stream")
FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|opml)[\s>]", re.I)
PAGE = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.I)
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I)


def media(content_type: str) -> tuple[str, str | None]:
    """The media type and the charset in a Content-Type."""
    kind, _, rest = content_type.partition(";")
    charset = CHARSET.search(rest)
    return kind.strip().lower(), charset[1] if charset else None


def limit(media: str) -> int:
    """How many bytes may come. Raises SourceError for what is no article at all."""
    if media in UNSAID or MEDIA.get(media) in ("pdf", "docx"):
        return MAX_OFFICE
    if media in MEDIA:
        return MAX_TEXT
    raise SourceError(f"it is {media[:60]!r}: only pages, feeds, text, PDF and Word can be read")


def sniff(media: str, data: bytes) -> Kind:
    """What it is: servers call a feed a page, a page XML, and a PDF anything at all."""
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "pdf"
    if page := PAGE.search(head):
        return "feed" if (feed := FEED.search(head)) and feed.start() < page.start() else "html"
    if FEED.search(head):
        return "feed"
    if media in UNSAID:
        raise SourceError("the server does not say what it is: save it as a file of its kind")
    return MEDIA[media]
