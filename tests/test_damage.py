"""Files of the indexes, damaged in every way: what is found is the same, and others do not pay.

Chroma keeps up to a thousand rows in its log alone, so there are more than that.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.archive import Archive
from tests.embedders import HashingEmbedder
from tests.test_archive import TOPICS, article

pytestmark = pytest.mark.slow

MANY = 1200
MEMORY = 1_500_000_000  # bytes that looking at a damaged index may take; torn ones ask for all


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def swell(path: Path) -> None:
    os.truncate(path, 10_000_000_000)  # of which no block is on the disk


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(200, min(len(data), 2000), 3):
        data[at] ^= 0xFF
    path.write_bytes(data)


DAMAGES: list[tuple[str, str, Callable[[Path], object]]] = [
    ("vectors-*", "folder gone", shutil.rmtree),
    ("vectors-*/*-*", "folder gone", shutil.rmtree),
    ("vectors-*/chroma.sqlite3", "file gone", Path.unlink),
    ("vectors-*/chroma.sqlite3", "emptied", empty),
    ("vectors-*/chroma.sqlite3", "cut", cut),
    ("vectors-*/chroma.sqlite3", "bytes flipped", flip),
    ("vectors-*/*/data_level0.bin", "cut", cut),
    ("vectors-*/*/data_level0.bin", "bytes flipped", flip),
    ("vectors-*/*/link_lists.bin", "gone", Path.unlink),
    ("vectors-*/*/link_lists.bin", "cut", cut),
    ("vectors-*/*/link_lists.bin", "grown", swell),
    ("vectors-*/*/header.bin", "bytes flipped", flip),
    ("vectors-*/*/header.bin", "gone", Path.unlink),
    ("vectors-*/*/index_metadata.pickle", "cut", cut),
    ("vectors-*/*/index_metadata.pickle", "gone", Path.unlink),
    ("lexical", "folder gone", shutil.rmtree),
    ("lexical/meta.json", "emptied", empty),
    ("lexical/meta.json", "gone", Path.unlink),
    ("lexical/*.term", "gone", Path.unlink),
    ("lexical/*.idx", "cut", cut),
]

# A child opens it: what is wrong with the files may end a whole process.
LOOK = """
import resource, sys
from tests.test_damage import *
from tests.test_archive import found, in_step
with Archive(Path(sys.argv[1]), HashingEmbedder()) as archive:
    in_step(archive)
    for n in range(0, MANY, 50):
        assert f"{n}.txt" in found(archive, f"{TOPICS[n % 8]} word{n}")
    vectors = archive.database.vectors(archive.database.passage_ids())
    for passage_id, vector in [*vectors.items()][::10]:
        nearest = archive.vectors.search(vector, 10)
        assert nearest[-1][1] > 0.9999 or passage_id in {found for found, _ in nearest}
assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MEMORY
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with Archive(folder, HashingEmbedder()) as archive:
        texts = [f"{TOPICS[n % 8]} word{n} word{n * 7} word{n * 13}." for n in range(MANY)]
        archive.add([article(n, text) for n, text in enumerate(texts)])
        archive.vectors.count()
    return folder


@pytest.mark.parametrize(
    ("pattern", "damage", "harm"), DAMAGES, ids=[f"{p} {d}" for p, d, _ in DAMAGES]
)
def test_damaged_indexes_are_built_anew(
    tmp_path: Path, sound: Path, pattern: str, damage: str, harm: Callable[[Path], object]
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(sound, folder)
    hurt = [path for path in folder.glob(pattern) if path.is_dir() == (harm is shutil.rmtree)]
    assert hurt, "there is nothing to harm"
    for path in hurt:
        harm(path)
    run = subprocess.run([sys.executable, "-c", LOOK, str(folder)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert size(folder) < 2 * size(sound)


def size(folder: Path) -> int:
    """Bytes on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
