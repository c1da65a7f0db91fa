"""The one class round Chroma: what goes in is checked, and what comes out is what went in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.errors import ArchiveError
from index.vectors import VectorStore, missing
from tests.embedders import HashingEmbedder

SIZES = (0, 1, 99, 100, 101, 999, 1000, 1001, 5461, 5462)
TOO_MANY = 33_000  # more than the 32,766 variables of a statement


def unit(many: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    drawn = np.random.default_rng(seed).standard_normal((many, 4))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    opened = VectorStore(tmp_path, 4)
    opened.add(["a", "b", "c"], unit(3))
    yield opened
    opened.close()


def odd(value: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    vectors = unit(2)
    vectors[1, 2] = value
    return vectors


REFUSED: list[tuple[str, Callable[[VectorStore], object], str]] = [
    ("NaN", lambda s: s.add(["x", "y"], odd(np.nan)), "not finite"),
    ("infinite", lambda s: s.add(["x", "y"], odd(np.inf)), "not finite"),
    ("minus infinite", lambda s: s.add(["x", "y"], odd(-np.inf)), "not finite"),
    ("too short", lambda s: s.add(["x"], unit(1)[:, :3]), "3 numbers came to a store of 4"),
    ("too long", lambda s: s.add(["x"], np.ones((1, 5), np.float32)), "5 numbers .* reindex"),
    ("search for NaN", lambda s: s.search(odd(np.nan)[1], 3), "not finite"),
    ("search for infinite", lambda s: s.search(odd(np.inf)[1], 3), "not finite"),
    ("search for too short", lambda s: s.search(unit(1)[0, :2], 3), "2 numbers"),
    ("no server", lambda s: VectorStore("http://127.0.0.1:9", 4), "No Chroma server answers"),
    ("no URL", lambda s: VectorStore("chroma.example.org", 4), "no URL of a Chroma server"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "call", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_chroma_would_take_in_silence_is_refused(
    store: VectorStore, name: str, call: Callable[[VectorStore], object], says: str
) -> None:
    with pytest.raises(ArchiveError, match=says):
        call(store)
    assert store.ids() == {"a", "b", "c"}, "nothing of it went in"


def test_what_is_there_is_left_and_what_is_not_is_no_error(store: VectorStore) -> None:
    """A kill makes that what was done is done again."""
    before = store.search(unit(3)[0], 1)
    store.add(["a", "d"], unit(2, seed=9))
    assert store.search(unit(3)[0], 1) == before and store.count() == 4
    store.delete(["d", "nobody"])
    store.delete([])
    store.add([], unit(0))
    assert store.ids() == {"a", "b", "c"}
    assert [found for found, _ in store.search(unit(3)[0], 99)][0] == "a"
    assert len(store.search(unit(3)[0], 99)) == 3
    store.clear()
    assert (store.count(), store.search(unit(1)[0], 3)) == (0, [])


@pytest.mark.slow
@pytest.mark.parametrize("many", SIZES)
def test_no_number_of_rows_is_too_large(tmp_path: Path, many: int) -> None:
    store, ids, vectors = VectorStore(tmp_path, 4), [f"p{n}" for n in range(many)], unit(many)
    store.add(ids, vectors)
    assert store.count() == many and store.ids() == {*ids}
    some = list(zip(ids, vectors, strict=True))[:: max(1, many // 50)]
    assert missing(store, iter(some)) <= 0.02
    assert len(store.search(unit(1)[0], many + 1)) == many
    store.delete([*ids, *(f"q{n}" for n in range(TOO_MANY))])
    assert store.count() == 0


def test_no_number_of_ids_is_too_large_for_sql(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as archive:
        ids = [f"none-{n}" for n in range(TOO_MANY)]
        database = archive.database
        assert database.load(ids) == database.vectors(ids) == database.embedded(ids) == {}
        assert database.copies(ids) == {}
        database.settle(ids)
        database.mark_drafted(range(TOO_MANY))


def test_what_is_filled_in_bulk_is_found_and_written_as_ever_afterwards(tmp_path: Path) -> None:
    ids, vectors = [f"p{n}" for n in range(450)], unit(450)
    filled = VectorStore(tmp_path, 4, synced=200)
    filled.add(ids[:400], vectors[:400])
    filled.close()
    written = {path: path.read_bytes() for path in tmp_path.rglob("*.pickle")}
    assert all(b"p399" in content for content in written.values()) and written
    opened = VectorStore(tmp_path, 4)
    opened.add(ids[400:], vectors[400:])
    assert {opened.search(vector, 1)[0][0] for vector in vectors} == {*ids}
    assert {path: path.read_bytes() for path in written} == written, "50 are too few"
    opened.close()
