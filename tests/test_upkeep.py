"""Repair, export and import: the archive as a whole, checked, saved and restored."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.database import ARCHIVE
from index.embedding import Vectors
from index.errors import ArchiveError, DatelineError, EmbedderMismatch, UsageError
from index.repair import repair
from index.snapshot import MANIFEST, Manifest, export
from index.unpacking import PART, unpack
from tests.embedders import HashingEmbedder
from tests.test_archive import article, found, in_step
from tests.test_cli import run_apart

pytestmark = pytest.mark.slow

MANY = 30


class Deaf(HashingEmbedder):
    """Knows its name and embeds nothing."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError("nothing may be embedded")


def made(folder: Path, many: int = MANY) -> Path:
    with Archive(folder, HashingEmbedder()) as archive:
        archive.add([article(n) for n in range(many)])
    return folder


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export(made(folder / "data"), folder / "out.zip", "1")
    return folder / "out.zip"


def derived(folder: Path) -> list[Path]:
    return [folder / "vectors-0", folder / "lexical"]


def states(folder: Path) -> dict[str, str]:
    return {each.store: each.state for each in repair(folder, Deaf())}


def lose_words(folder: Path) -> None:
    """One passage for another, so that the count is right."""
    with Archive(folder, HashingEmbedder()) as archive:
        first, second = archive.database.passage_ids()[:2]
        archive.lexical.update([], [first])
        pair = archive.database.load([second])[second]
        from index.lexical import Words

        strange = Words(replace(pair[0], id="strange"), pair[1])
        archive.lexical.update([strange], [])


def lose_vectors(folder: Path) -> None:
    with Archive(folder, HashingEmbedder()) as archive:
        ids = archive.database.passage_ids()[:2]
        vectors = archive.database.vectors(ids)
        archive.vectors.delete(ids[:1])
        archive.vectors.add(["strange"], vectors[ids[1]][None, :])


def test_a_sound_archive_is_left_as_it_is(tmp_path: Path) -> None:
    made(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    assert states(tmp_path) == {"archive": "sound", "vectors": "sound", "words": "sound"}
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("harm", "mended"),
    [
        (lose_words, {"words"}),
        (lose_vectors, {"vectors"}),
        (lambda folder: rmtree(folder / "lexical"), {"words"}),
        (lambda folder: rmtree(folder / "vectors-0"), {"vectors"}),
        (lambda folder: list(map(rmtree, derived(folder))), {"words", "vectors"}),
    ],
)
def test_what_differs_from_the_truth_is_made_anew(
    tmp_path: Path, harm: Callable[[Path], object], mended: set[str]
) -> None:
    harm(made(tmp_path))
    assert {store for store, state in states(tmp_path).items() if state == "made anew"} == mended
    assert set(states(tmp_path).values()) == {"sound"}
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert in_step(archive) == MANY
        assert found(archive, "bakery 1")[0] == "1.txt"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE passages SET vector = zeroblob(256) WHERE rowid = 3", "1 vectors are not of leng"),
        ("UPDATE passages SET vector = zeroblob(8) WHERE rowid = 3", "1 vectors are not of the em"),
        ("UPDATE passages SET end = 100000 WHERE rowid < 3", "2 passages lie outside"),
        ("DELETE FROM articles WHERE name = '3.txt'", "1 passages belong to no article"),
        ("DELETE FROM passages WHERE rowid = 3", "1 articles have no passages"),
    ],
)
def test_what_is_wrong_with_the_truth_is_told(tmp_path: Path, statement: str, says: str) -> None:
    with sqlite3.connect(made(tmp_path) / ARCHIVE) as connection:
        connection.execute(statement)
    connection.close()
    (fault,) = repair(tmp_path, Deaf())
    assert (fault.store, fault.state) == ("archive", "damaged")
    assert says in fault.detail


def test_a_damaged_archive_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = made(tmp_path) / ARCHIVE
    path.write_bytes(b"no database" * 1000)
    (fault,) = repair(tmp_path, Deaf())
    assert fault.state == "damaged" and "dateline import" in fault.detail
    with pytest.raises(ArchiveError, match="damaged.*dateline import"):
        Archive(tmp_path, HashingEmbedder())


def test_an_export_comes_back_whole(tmp_path: Path, packed: Path) -> None:
    manifest = unpack(packed, tmp_path / "new")
    assert (manifest.articles, manifest.passages) == (MANY, MANY)
    assert (manifest.embedder, manifest.dimension) == ("hashing", 64)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [ARCHIVE]
    with Archive(tmp_path / "new", Deaf()) as archive:
        assert in_step(archive) == MANY
        assert archive.get("1.txt").text == article(1).text


def test_an_export_is_one_moment_of_an_archive_in_use(tmp_path: Path) -> None:
    with Archive(tmp_path / "data", HashingEmbedder()) as archive:
        archive.add([article(n) for n in range(20)])
        export(archive.folder, tmp_path / "out.zip", "1")
        archive.add([article(n) for n in range(20, 40)])
    assert unpack(tmp_path / "out.zip", tmp_path / "new").articles == 20
    with Archive(tmp_path / "new", Deaf()) as archive:
        assert in_step(archive) == 20
    assert not list(tmp_path.glob("*.part"))


def test_nothing_is_written_over(tmp_path: Path, packed: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        export(made(tmp_path / "data", 1), packed, "1")
    with pytest.raises(UsageError, match="not empty.*--data NEW"):
        unpack(packed, tmp_path / "data")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="mine.txt"):
        unpack(packed, tmp_path / "other")


def test_an_import_that_was_killed_can_be_made_again(tmp_path: Path, packed: Path) -> None:
    (tmp_path / PART).mkdir()
    (tmp_path / PART / ARCHIVE).write_bytes(b"half")
    assert unpack(packed, tmp_path).articles == MANY


Members = list[tuple[zipfile.ZipInfo, bytes]]


def taken(packed: Path) -> tuple[dict[str, object], bytes]:
    with zipfile.ZipFile(packed) as opened:
        return json.loads(opened.read(MANIFEST)), opened.read(ARCHIVE)


def put(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members:
            opened.writestr(name, data)
    return path


def signed(manifest: dict[str, object], data: bytes, **changed: object) -> bytes:
    truthful = {"size": len(data), "sha256": sha256(data).hexdigest()}
    return json.dumps({**manifest, **truthful, **changed}).encode()


def with_sql(data: bytes, statement: str, folder: Path) -> bytes:
    path = folder / "changed.sqlite"
    path.write_bytes(data)
    with sqlite3.connect(path) as connection:
        connection.executescript(statement)
    connection.close()
    return path.read_bytes()


def linked(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def refused(file: Path, folder: Path, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        unpack(file, folder / "new")
    assert not list((folder / "new").iterdir())


def test_hostile_exports_are_refused(tmp_path: Path, packed: Path) -> None:
    manifest, data = taken(packed)
    good, out = signed(manifest, data), tmp_path / "out.zip"
    bomb = bytes(50_000_000)

    def sql(statement: str) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
        changed = with_sql(data, statement, tmp_path)
        return (MANIFEST, signed(manifest, changed)), (ARCHIVE, changed)

    rows: list[tuple[tuple[tuple[str | zipfile.ZipInfo, bytes], ...], str]] = [
        (((MANIFEST, good),), "holds"),
        (((MANIFEST, good), (ARCHIVE, data), ("../evil", b"x")), "evil"),
        (((MANIFEST, good), ("/" + ARCHIVE, data)), "holds"),
        (((MANIFEST, good), (linked(ARCHIVE), b"/etc/passwd")), "no plain file"),
        (((linked(MANIFEST), b"/etc/passwd"), (ARCHIVE, data)), "no plain file"),
        (((MANIFEST, good), (ARCHIVE, data[:-1])), "size"),
        (((MANIFEST, good), (ARCHIVE, data[:-1] + b"!")), "checksum"),
        (((MANIFEST, signed(manifest, bomb)), (ARCHIVE, bomb)), "more than an archive could"),
        (((MANIFEST, b" " * 200_000 + good), (ARCHIVE, data)), "manifest is too long"),
        (((MANIFEST, b"{"), (ARCHIVE, data)), "manifest cannot be read"),
        (((MANIFEST, b"[" * 50_000), (ARCHIVE, data)), "manifest cannot be read"),
        (((MANIFEST, signed(manifest, data, size="9")), (ARCHIVE, data)), "no counts"),
        (((MANIFEST, signed(manifest, data, format="99")), (ARCHIVE, data)), "format 99"),
        (((MANIFEST, signed(manifest, b"no sql")), (ARCHIVE, b"no sql")), "no archive"),
        (sql("CREATE VIEW v AS SELECT 1"), "holds a view"),
        (sql("CREATE TRIGGER t DELETE ON meta BEGIN SELECT 1; END"), "holds a trigger"),
        (sql("CREATE VIRTUAL TABLE t USING fts5(x)"), "holds a virtual table"),
        (sql("UPDATE passages SET vector = zeroblob(8)"), "vectors are not"),
    ]
    for members, says in rows:
        refused(put(out, *members), tmp_path, says)
    out.write_bytes(b"PK no zip")
    refused(out, tmp_path, "no sound export")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
def test_a_changed_export_is_never_half_imported(
    tmp_path: Path, packed: Path, place: float, flip: int, cut: bool
) -> None:
    raw = bytearray(packed.read_bytes())
    at = int(place * len(raw))
    raw[at] ^= flip
    out, new = tmp_path / "out.zip", tmp_path / "new"
    out.write_bytes(raw[:at] if cut else raw)
    rmtree(new, ignore_errors=True)
    try:
        manifest = unpack(out, new)
    except DatelineError:
        assert not list(new.iterdir())
    else:  # a byte that means nothing here, such as a time
        sound, _ = taken(packed)
        assert asdict(manifest)["sha256"] == sound["sha256"]


def test_a_folder_named_in_an_export_is_not_touched(tmp_path: Path, packed: Path) -> None:
    manifest, data = taken(packed)
    canary = tmp_path / "vectors-7"
    canary.mkdir()
    (canary / "mine.txt").write_text("keep")
    changed = with_sql(data, "INSERT INTO meta VALUES ('vectors', '../vectors-7')", tmp_path)
    put(tmp_path / "out.zip", (MANIFEST, signed(manifest, changed)), (ARCHIVE, changed))
    unpack(tmp_path / "out.zip", tmp_path / "new")
    with Archive(tmp_path / "new", Deaf()) as archive:
        assert in_step(archive) == MANY
    assert (canary / "mine.txt").read_text() == "keep"


def test_an_import_needs_room(tmp_path: Path, packed: Path) -> None:
    manifest, data = taken(packed)
    vast = Manifest(**{**manifest, "size": 10**15})  # type: ignore[arg-type]
    assert vast.size > 10**14
    put(tmp_path / "out.zip", (MANIFEST, json.dumps(asdict(vast)).encode()), (ARCHIVE, data))
    refused(tmp_path / "out.zip", tmp_path, "size is not that")


def test_a_reindex_that_was_killed_goes_on(tmp_path: Path) -> None:
    made(tmp_path)

    class Mortal(HashingEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            if self.embedded >= 16:
                raise KeyboardInterrupt
            return super().embed(texts)

    with Archive(tmp_path, Mortal("other"), any_embedder=True) as archive:
        with pytest.raises(KeyboardInterrupt):
            archive.reindex()
    with pytest.raises(EmbedderMismatch, match="half made anew"):
        Archive(tmp_path, HashingEmbedder("other"))
    with pytest.raises(ArchiveError, match="dateline reindex"):
        repair(tmp_path, HashingEmbedder("other"))
    counting = HashingEmbedder("other")
    with Archive(tmp_path, counting, any_embedder=True) as archive:
        assert archive.reindex() == MANY
        assert counting.embedded == MANY - 16
    with Archive(tmp_path, HashingEmbedder("other")) as archive:
        assert in_step(archive) == MANY


def test_repair_speaks_on_the_command_line(tmp_path: Path) -> None:
    rmtree(made(tmp_path) / "lexical")
    done = run_apart("repair", "--json", data=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = {row["store"]: row["state"] for row in json.loads(done.stdout)}
    assert rows == {"archive": "sound", "vectors": "sound", "words": "made anew"}
    with sqlite3.connect(tmp_path / ARCHIVE) as connection:
        connection.execute("UPDATE passages SET vector = zeroblob(8)")
    connection.close()
    done = run_apart("repair", data=tmp_path)
    assert done.returncode == 1
    assert "archive: damaged" in done.stdout
    done = run_apart("repair", data=tmp_path / "nowhere")
    assert done.returncode == 1 and "There is no archive" in done.stderr


def test_an_archive_moves_by_the_command_line(tmp_path: Path) -> None:
    out = str(tmp_path / "out.zip")
    with Archive(tmp_path / "data", HashingEmbedder()) as archive:  # as a server holds it
        archive.add([article(n) for n in range(3)])
        done = run_apart("export", out, "--json", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles"] == 3
    done = run_apart("import", out, data=tmp_path / "new", DATELINE_EMBEDDER="packaged")
    assert done.returncode == 0, done.stderr
    assert "Imported 3 articles" in done.stderr
    assert "'hashing'" in done.stderr and "reindex" in done.stderr
    assert run_apart("import", out, data=tmp_path / "new").returncode == 2
    assert run_apart("export", out, data=tmp_path / "new").returncode == 2


FULL = """
import resource, sys
from pathlib import Path
from tests.test_archive import *
from index.errors import ArchiveError
from index.language import detect
detect("What it goes by is unpacked on the disk, at first use.")
resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, 2_500_000))
with Archive(Path(sys.argv[1]), HashingEmbedder()) as archive:
    n = 0
    try:
        while n < 2000:
            archive.add([article(n)])
            n += 1
            print(n, flush=True)
    except ArchiveError as error:
        print(error, file=sys.stderr)
    assert n < 2000
    for kept in range(0, n, 9):  # questions are answered, and what they cite cannot be noted
        assert f"{kept}.txt" in found(archive, f"{TOPICS[kept % 8]} {kept}")
        archive.cite([archive.get(f"{kept}.txt")])
"""


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "disk is full" in done.stderr
    kept = len(done.stdout.split())
    assert kept
    with Archive(tmp_path, HashingEmbedder()) as archive:
        in_step(archive)
        assert archive.database.counts()[0] >= kept
        assert archive.add([article(n) for n in range(kept)]) == ["unchanged"] * kept


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveError, match="cannot be written.*--data"):
        Archive(tmp_path / "file", HashingEmbedder())
    with pytest.raises(ArchiveError, match="cannot be written.*--data"):
        Archive(Path("/proc/dateline"), HashingEmbedder())


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_read_only_directory_is_told(tmp_path: Path) -> None:
    made(tmp_path).chmod(0o500)
    with pytest.raises(ArchiveError, match="cannot be written"):
        Archive(tmp_path, HashingEmbedder())
