"""Bodies as they come, unpacked one layer and never beyond the limit."""

import zlib

from index.errors import SourceError

MAX_RATIO = 100  # unpacked to packed; text packs 3 to 20 times
FREE = 1_000_000  # bytes that may be unpacked before the ratio counts
WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Body:
    """Takes in what a server sends. Every method raises SourceError beyond the limit."""

    def __init__(self, encoding: str, limit: int) -> None:
        """`encoding` as in Content-Encoding; `limit` in bytes, packed and unpacked alike."""
        self._limit = limit
        self._taken = 0
        self._data = bytearray()
        self._unpack = None
        if encoding not in ("", "identity"):
            if encoding not in WINDOWS:
                raise SourceError(
                    f"it is packed as {encoding[:40]!r}, which was not asked for: save the page "
                    "as a file and ingest that file"
                )
            self._unpack = zlib.decompressobj(WINDOWS[encoding])

    def take(self, chunk: bytes) -> None:
        """The next bytes."""
        self._taken += len(chunk)
        if self._unpack:
            try:
                # One byte more than there may be, so that what is too much shows.
                chunk = self._unpack.decompress(chunk, self._limit - len(self._data) + 1)
            except zlib.error:
                raise SourceError("its packed data is broken: try again later") from None
        self._data += chunk
        if max(self._taken, len(self._data)) > self._limit:
            raise too_large(self._limit)
        if len(self._data) > max(FREE, MAX_RATIO * self._taken):
            raise SourceError(f"it unpacks to more than {MAX_RATIO} times its size: no page does")

    def __len__(self) -> int:
        return len(self._data)

    def so_far(self) -> bytes:
        """What has come, whether or not it is all there is."""
        return bytes(self._data)

    def whole(self) -> bytes:
        """Everything, once it is there."""
        if self._unpack and self._taken and not self._unpack.eof:
            raise SourceError("its packed data breaks off: try again later")
        return bytes(self._data)


def too_large(limit: int) -> SourceError:
    """The body has more bytes than `limit`."""
    return SourceError(
        f"it is larger than {limit // 1_000_000} MB: save what is wanted of it as a file"
    )
