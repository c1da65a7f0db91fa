"""Files are found in order, inside their folder, and what is wrong is said."""

import os
from pathlib import Path

import pytest

from index.errors import SourceError
from index.schema import Article
from index.sources import find, read
from tests.sources import SENTENCE


def test_find_walks_in_order_and_skips_what_is_no_article(tmp_path: Path) -> None:
    wanted = ["a.txt", "b/c.MD", "b/d.html", "e.jsonl"]
    skipped = ["README.md", "b/Readme.md", ".hidden.txt", ".git/x.txt", "f.doc", "g.zip", "h"]
    for name in wanted + skipped:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.relative_to(tmp_path).as_posix() for path in find(tmp_path)] == wanted
    assert find(tmp_path / "README.md") == [tmp_path / "README.md"]


def test_find_never_leaves_the_folder_and_never_opens_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x")
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.txt").write_text("x")
    (root / "out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "loop.txt").symlink_to("loop.txt")
    (root / "again.txt").symlink_to("in/a.txt")
    (root / "zero.txt").symlink_to("/dev/zero")
    (root / "accounts.txt").symlink_to("/etc/passwd")
    (root / "up.txt").symlink_to("../outside.txt")
    (root / "around").symlink_to(root)
    (root / "folder.txt").mkdir()
    os.mkfifo(root / "pipe.txt")
    odd = [root / ("a" * 251 + ".txt"), root / os.fsdecode(b"\xff.txt")]
    for path in odd:
        path.write_text(SENTENCE)
    assert [path.resolve() for path in find(root)] == [
        odd[0],
        (root / "in" / "a.txt").resolve(),
        odd[1],
    ]
    told = [*read(odd[0]), *read(odd[1])]
    assert isinstance(told[0], Article) and "not valid UTF-8" in str(told[1])


ARCHIVES = (".zip", ".tar", ".gz", ".tar.gz", ".7z", ".rar", ".epub", ".docm", "")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing", "no such file or folder: .*missing: check the spelling"),
        ("mis\0sing", "no such file or folder"),
        ("a" * 300, "cannot be read: File name too long"),
        (
            "empty",
            r"no supported files in .*empty \(\.txt \.md \.html \.json \.jsonl \.pdf \.docx\)",
        ),
        *((f"a{end}", f"a{end}: not a supported type: use one of") for end in ARCHIVES),
        ("pipe.txt", "pipe.txt: not a regular file"),
        ("loop.txt", "no such file or folder"),
    ],
)
def test_find_says_what_is_wrong(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "empty").mkdir()
    for end in ARCHIVES:
        (tmp_path / f"a{end}").write_text("x")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with pytest.raises(SourceError, match=told):
        find(tmp_path / name)
