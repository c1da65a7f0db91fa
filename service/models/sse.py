"""Server-sent events, read from bytes that may be split anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.models.replies import Failure

MAX_LINE = 1_000_000  # bytes
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its data lines joined, and its name ("" if it has none)."""

    data: str
    name: str = ""


class EventReader:
    """Turns bytes into events. An event is whole when the empty line after it has come."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._first = True
        self._after_return = False
        self._data: list[str] = []
        self._name = ""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that these bytes complete; `Failure` if a line is too long."""
        if self._after_return and chunk:  # \r\n split between two chunks is one line end
            self._after_return = False
            chunk = chunk.removeprefix(b"\n")
        for part in chunk.splitlines(keepends=True):
            self._line += part.rstrip(b"\r\n")
            if len(self._line) > MAX_LINE:
                raise Failure("sent a line that is too long")
            if part.endswith((b"\n", b"\r")):
                yield from self._take_line()
        self._after_return = self._after_return or chunk.endswith(b"\r")

    def end(self) -> Iterator[Event]:
        """Yield what stands complete but for its empty line, which some servers leave out."""
        yield from self._dispatch()

    def _take_line(self) -> Iterator[Event]:
        raw = bytes(self._line).removeprefix(_BOM) if self._first else bytes(self._line)
        self._first = False
        self._line.clear()
        if not raw:
            yield from self._dispatch()
            return
        field, _, value = raw.decode("utf-8", "replace").partition(":")
        if field == "data":
            self._data.append(value.removeprefix(" "))
        elif field == "event":
            self._name = value.removeprefix(" ")

    def _dispatch(self) -> Iterator[Event]:
        data, name = self._data, self._name
        self._data, self._name = [], ""
        if data:
            yield Event("\n".join(data), name)


class WholeReader:
    """Reads a body that is one piece of data: the event comes at its end."""

    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take the bytes in; there is no event yet."""
        self._body += chunk
        return iter(())

    def end(self) -> Iterator[Event]:
        """Yield the body."""
        yield Event(bytes(self._body).removeprefix(_BOM).decode("utf-8", "replace"))
