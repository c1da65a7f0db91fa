"""What sites ask of programs that read them, in their robots.txt (RFC 9309).

It is read by the standard library's parser, which follows the first rule that fits, and takes `*`
within a path as it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from index.errors import SourceError

AGENT = "Dateline"  # what rules for this program are headed by
MAX_SIZE = 500_000  # bytes; what follows is not read
LONGEST_DELAY = 30.0  # seconds between two requests, however many a site asks for
KEPT = 3600.0  # seconds for which the rules of a site are not asked for again
SITES = 1000  # whose rules are kept


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said when asked for its robots.txt."""

    status: int
    data: bytes


class Robots:
    """The rules of every site that has been asked for them."""

    def __init__(self, ask: Callable[[str], Reply]) -> None:
        """`ask` fetches an address; it raises SourceError if it gets no reply."""
        self._ask = ask
        self._known: dict[str, tuple[RobotFileParser, float]] = {}

    def check(self, address: str) -> float:
        """Seconds to leave between two requests to the site, 0 if it does not say.

        Raises SourceError if the site does not want the page read by programs.
        """
        rules = self._rules(urljoin(address, "/robots.txt"))
        if not rules.can_fetch(AGENT, address):
            host = urlsplit(address).hostname
            raise SourceError(
                "its robots.txt asks programs not to read it: save the page as a file and ingest "
                f"that file. If the site is yours, name it in DATELINE_FETCH_ALLOW={host}"
            )
        return min(float(rules.crawl_delay(AGENT) or 0), LONGEST_DELAY)

    def _rules(self, place: str) -> RobotFileParser:
        known = self._known.get(place)
        if known is not None and monotonic() - known[1] < KEPT:
            return known[0]
        reply = self._ask(place)
        if reply.status == 429 or reply.status >= 500:
            raise SourceError(
                f"its robots.txt cannot be had (the server said {reply.status}): try again later"
            )
        rules = parse(reply.data if reply.status == 200 else b"")
        if len(self._known) >= SITES:
            self._known.clear()
        self._known[place] = (rules, monotonic())
        return rules


def parse(data: bytes) -> RobotFileParser:
    """The rules in a robots.txt; one that is empty, or no text, has none."""
    lines = data[:MAX_SIZE].decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    parser = RobotFileParser()
    parser.parse([line for line in lines if _is_sound(line)])
    return parser


def _is_sound(line: str) -> bool:
    """Whether the parser can take the line: it fails on addresses such as http://[."""
    try:
        urlsplit(line.partition(":")[2].strip())
    except ValueError:
        return False
    return True
