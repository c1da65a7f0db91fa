"""The checks of `evals.kill_bench` see what a kill could leave behind."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from evals.hashing import HashingEmbedder
from evals.kill_checks import Sums, Trial
from index.archive import Archive
from index.schema import Article

OLD = [Article(f"k{n}", f"n{n}", f"The {n} ministers of land {n} met in town {n}.") for n in "abc"]
NEW = [replace(article, text=f"{article.text} Corrected.") for article in OLD[:2]]
ALL = {article.id for article in OLD}


def found(folder: Path, acknowledged: set[str], *, changed: bool = True) -> set[str]:
    """The names of the faults in the archive, where OLD was in and NEW is to come."""
    sums = Sums()
    trial = Trial(HashingEmbedder(), sums)
    trial.expect(OLD)
    if changed:
        trial.expect(NEW)
    trial.check(folder, acknowledged, acknowledged, Random(1))
    return {name for name, many in sums.faults.items() if many}


def made(folder: Path, work: Callable[[Archive], object]) -> Path:
    with Archive(folder, HashingEmbedder()) as archive:
        work(archive)
    return folder


@pytest.mark.slow
def test_before_while_and_after_a_change_nothing_is_wrong(tmp_path: Path) -> None:
    folder = made(tmp_path, lambda archive: archive.add(OLD[:1]))
    assert not found(folder, {OLD[0].id}, changed=False)
    made(folder, lambda archive: archive.add(OLD))
    assert not found(folder, set())
    made(folder, lambda archive: archive.add(NEW[:1]))
    assert not found(folder, {NEW[0].id})
    made(folder, lambda archive: archive.add(NEW))
    assert not found(folder, ALL)


@pytest.mark.parametrize(
    ("work", "fault"),
    [
        (lambda archive: archive.add(OLD[:2]), "lost"),
        (lambda archive: archive.add([*OLD, NEW[0]]), "acknowledged, yet as before"),
        (
            lambda archive: archive.add([*OLD, *NEW]) and archive.add(OLD),
            "versions lost or doubled",
        ),
        (
            lambda archive: archive.add([*OLD, replace(NEW[0], text="Another."), NEW[1]]),
            "partial, or of two versions",
        ),
    ],
)
def test_what_is_wrong_is_seen(
    tmp_path: Path, work: Callable[[Archive], object], fault: str
) -> None:
    folder = made(tmp_path, lambda archive: archive.add(OLD[:1]) and work(archive))
    assert fault in found(folder, ALL)
