"""Plain text: no markup to read, so a title and broken lines are known by their form alone."""

MAX_TITLE = 120  # characters
TITLE_WORDS = range(2, 21)
WRAPPED = range(50, 101)  # characters: how long the lines are that an editor has broken
STOPS = (".", "!", "?", "…", "。", "！", "？")
CLOSING = "\"'“”‘’«»)]"


def split_title(text: str) -> tuple[str, str]:
    """The title and what follows it; "" and the whole text when no line clearly is a title."""
    first, _, rest = text.partition("\n")
    rest = rest.strip("\n")
    return (first, rest) if _is_title(first, rest) else ("", text)


def unwrap(text: str) -> str:
    """Join paragraphs that an editor has broken into lines; leave all other lines alone."""
    return "\n\n".join(_unwrap(block) for block in text.split("\n\n"))


def _is_title(first: str, rest: str) -> bool:
    # Short, itself no sentence, and a longer sentence after it: all three, or it is body text.
    if len(first) > MAX_TITLE or len(first.split()) not in TITLE_WORDS:
        return False
    if first.lstrip("\"'“”‘’«»„([¿¡")[:1].islower() or _ends(first, (".", ",", ":", ";", "…")):
        return False
    after = rest.partition("\n")[0]
    return len(after) > len(first) and _ends(after, STOPS)


def _ends(line: str, marks: tuple[str, ...]) -> bool:
    return line.rstrip(CLOSING).endswith(marks)


def _unwrap(block: str) -> str:
    lines = block.split("\n")
    going_on = sum(line[:1].islower() for line in lines[1:])
    even = all(len(line) in WRAPPED for line in lines[:-1])
    return " ".join(lines) if even and 2 * going_on >= len(lines) else block
