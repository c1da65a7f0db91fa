"""Memory that tells nothing, for libraries that write it to files half filled."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_M_PERTURB = -6  # of glibc's malloc.h
_ZEROS = 0xFF  # what is handed out is filled with the complement of this byte

_lock = Lock()
_inside = 0


@contextmanager
def blank_memory() -> Iterator[None]:
    """While this is open, the C library hands out blocks full of zeros.

    Otherwise they hold what they were used for before: pieces of articles, keys. Only glibc can be
    told so; elsewhere this does nothing. A block that grows in place may still end in old bytes.
    """
    _shift(1)
    try:
        yield
    finally:
        _shift(-1)


def _shift(by: int) -> None:
    global _inside
    with _lock:
        _inside += by
        if mallopt := _mallopt():
            mallopt(_M_PERTURB, _ZEROS if _inside else 0)


@cache
def _mallopt() -> Any:
    return getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
