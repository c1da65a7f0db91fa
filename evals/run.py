"""Ask every question of a set and keep what came back. A run that was cut off goes on.

The directory of a run holds `run.json` (what was asked of what), `results.jsonl` (a line a case,
written before the next one is asked: a kill loses no answer, a power cut at most those of the last
second), and what `evals.outputs` makes of them.
"""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from evals import judging, outputs, result, summary
from evals.case import Case, fingerprint
from evals.outputs import MADE, PLAN, RESULTS, replace
from evals.progress import Progress
from evals.result import Result
from evals.summary import Summary
from index.errors import DatelineError, UsageError
from service.schema import Answer, Question

Asker = Callable[[Question], Awaitable[Answer]]
SYNC = 1.0  # seconds between waits for the disk
log = logging.getLogger(__name__)


class Stop(DatelineError):
    """No further question can be asked; what is done is kept."""


async def run(
    cases: Sequence[Case],
    ask: Asker,
    out: Path,
    *,
    config: Mapping[str, str],
    retrieval_only: bool = False,
    fresh: bool = False,
    progress: bool | None = None,
    concurrency: int = 1,
) -> Summary:
    """Ask what `out` has no result for yet, then write the summary and the report.

    `config` names all that could change an answer; a run under another one is refused unless
    `fresh`, which starts over. Failed questions are asked again by the next run. `progress` is
    shown on standard error: always, never, or (None) as fits a terminal or a log. `concurrency`
    is how many questions are asked at once. Raises Stop as soon as `ask` does.
    """
    plan = {"set": fingerprint(cases), "retrieval_only": retrieval_only, "config": dict(config)}
    _open(out, plan, fresh=fresh)
    done = _kept(out / RESULTS, cases)
    names = {name for case in cases for name in case.articles}
    waiting = iter([case for case in cases if case.id not in done])
    with (
        _Journal(out / RESULTS) as journal,
        Progress(len(cases), len(done), progress) as shown,
    ):

        async def work() -> None:
            for case in waiting:
                row = await _ask(case, ask, names, retrieval_only)
                done[case.id] = row
                journal.add(row)
                shown.step(row.error is not None)

        try:
            await _together(work, concurrency)
        except Stop as stop:
            raise Stop(
                f"{stop} {len(done)} of {len(cases)} questions are done and kept in {out}: give "
                "the same command again to go on."
            ) from None
    return _finish(out, cases, done, plan)


class _Journal:
    """Results as they come, at the end of a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._synced = monotonic()

    def __enter__(self) -> "_Journal":
        return self

    def __exit__(self, *_: object) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def add(self, row: Result) -> None:
        """Write one; waiting for the disk each time would cost more than all the rest of a run."""
        self._file.write(result.encode(row))
        self._file.flush()
        if monotonic() - self._synced >= SYNC:
            os.fsync(self._file.fileno())
            self._synced = monotonic()


async def _together(work: Callable[[], Coroutine[None, None, None]], count: int) -> None:
    """Run so many at once; the first error ends them all."""
    tasks = [asyncio.create_task(work()) for _ in range(count)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(case: Case, ask: Asker, names: Collection[str], retrieval_only: bool) -> Result:
    try:
        answer = await ask(case.as_question())
        return result.of(case, answer, names, retrieval_only=retrieval_only)
    except Stop:
        raise
    except Exception as error:  # whatever it was, it must cost one question and not the run
        trace = log.isEnabledFor(logging.DEBUG)
        log.warning("Question %s failed: %r", case.id, error, exc_info=trace)
        return result.failed(case, error)


def _open(out: Path, plan: Mapping[str, Any], *, fresh: bool) -> None:
    """Make the directory ready; results of another plan are never mixed in."""
    out.mkdir(parents=True, exist_ok=True)
    if fresh:
        for name in (*MADE, RESULTS, PLAN, judging.FILE):
            (out / name).unlink(missing_ok=True)
    if (out / RESULTS).exists() and (changed := _changed(out / PLAN, plan)):
        raise UsageError(
            f"{out} holds a run that differs ({changed}). Choose another --out or delete it."
        )
    replace(out / PLAN, json.dumps(plan, ensure_ascii=False, indent=1).encode() + b"\n")


def _changed(path: Path, plan: Mapping[str, Any]) -> str:
    """What differs from the plan in the file, or nothing."""
    try:
        before = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return "its run.json is missing or damaged"
    old, new = _flat(before), _flat(plan)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return ", ".join(f"{name}: {old.get(name)}, now {new.get(name)}" for name in names)


def _flat(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: plan.get(name) for name in ("set", "retrieval_only")}, **plan["config"]}


def _kept(path: Path, cases: Sequence[Case]) -> dict[str, Result]:
    """Results that need no asking; torn lines, repeated ids and failures are taken out."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    known, kept = {case.id for case in cases}, dict[str, Result]()
    for line in lines:
        row = result.decode(line) if line.endswith(b"\n") else None
        if row and row.id in known and row.error is None:
            kept.setdefault(row.id, row)
    if len(kept) < len(lines):
        replace(path, b"".join(map(result.encode, kept.values())))
    return kept


def _finish(
    out: Path, cases: Sequence[Case], done: Mapping[str, Result], plan: Mapping[str, Any]
) -> Summary:
    pairs = [(case, done[case.id]) for case in cases]
    if list(done) != [case.id for case in cases]:  # a resumed run: back to the order of the set
        replace(out / RESULTS, _lines(row for _, row in pairs))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    judgements = judging.read(out)
    figures = summary.summarise(pairs, **plan, finished=now, judgements=judgements)
    outputs.write(out, pairs, figures)
    return figures


def _lines(rows: Iterable[Result]) -> bytes:
    return b"".join(map(result.encode, rows))
