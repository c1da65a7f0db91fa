"""Hold a run against a baseline: the reasons, if any, why it must not pass."""

from collections.abc import Iterator
from pathlib import Path

from evals.compare import Difference, between
from evals.metrics import LOWER_IS_BETTER
from evals.summary import HEADLINES, Summary, read

SLACK = 1e-6  # a drop of exactly the limit passes, whatever the rounding of floats


def gate(run: Path, baseline: Path, max_drop: float) -> list[str]:
    """Reasons to refuse the run; none means it passes.

    `max_drop` is in points (2 lets a share fall from 0.80 to 0.78) and holds for every headline
    figure. `baseline` is a `summary.json` or the directory of a run.
    """
    new, old = read(run), read(baseline)
    return [*_unlike(new, old), *_drops(new, old, max_drop)]


def _unlike(new: Summary, old: Summary) -> Iterator[str]:
    """Why the two cannot be held against each other in full."""
    if new.set != old.set:
        yield "The baseline was measured on another set, or on an earlier state of this one."
    if new.retrieval_only and not old.retrieval_only:
        yield "The baseline has answers, the run has retrieval only."
    gone = [id for id in old.cases if id not in new.cases and id not in new.failed]
    if gone:
        yield f"Not asked: {', '.join(gone)}."
    if len(new.failed) > len(old.failed):
        yield f"Failed questions: {len(new.failed)} ({', '.join(new.failed)})."


def _drops(new: Summary, old: Summary, max_drop: float) -> Iterator[str]:
    if not set(new.cases) & set(old.cases):
        return
    compared = between(old, new)
    measured = {difference.metric for difference in compared.differences}
    for name in HEADLINES:
        if name in measured:
            yield from _drop(compared.of(name), max_drop)


def _drop(d: Difference, max_drop: float) -> Iterator[str]:
    rises = d.metric in LOWER_IS_BETTER
    lost = 100 * (d.change if rises else -d.change)
    if lost > max_drop + SLACK:
        way = "rose" if rises else "fell"
        yield (
            f"{d.metric} {way} by {lost:.1f} points, from {d.a:.3f} to {d.b:.3f}"
            f" ({max_drop:g} allowed); worse: {', '.join(d.worse)}"
        )
