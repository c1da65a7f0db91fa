"""Ask every question of a set and keep what came back. A run that was cut off goes on.

The directory of a run holds `run.json` (what was asked of what), `results.jsonl` (a line a case,
on the disk before the next one is asked), and what `evals.outputs` makes of them.
"""

import json
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from evals import outputs, result, summary
from evals.case import Case, fingerprint
from evals.outputs import MADE, PLAN, RESULTS, replace
from evals.result import Result
from evals.summary import Summary
from index.errors import UsageError
from service.schema import Answer, Question

Asker = Callable[[Question], Awaitable[Answer]]
log = logging.getLogger(__name__)


async def run(
    cases: Sequence[Case],
    ask: Asker,
    out: Path,
    *,
    config: Mapping[str, str],
    retrieval_only: bool = False,
    fresh: bool = False,
    progress: bool | None = None,
) -> Summary:
    """Ask what `out` has no result for yet, then write the summary and the report.

    `config` names all that could change an answer; a run under another one is refused unless
    `fresh`, which starts over. Failed questions are asked again by the next run. `progress` is
    shown on standard error: always, never, or (None) when that is a terminal.
    """
    plan = {"set": fingerprint(cases), "retrieval_only": retrieval_only, "config": dict(config)}
    _open(out, plan, fresh=fresh)
    done = _kept(out / "results.jsonl", cases)
    names = {name for case in cases for name in case.articles}
    waiting = [case for case in cases if case.id not in done]
    with (
        (out / "results.jsonl").open("ab") as file,
        tqdm(
            total=len(cases), initial=len(done), unit="question", disable=_hidden(progress)
        ) as bar,
    ):
        for case in waiting:
            done[case.id] = await _ask(case, ask, names, retrieval_only)
            file.write(result.encode(done[case.id]))
            file.flush()
            os.fsync(file.fileno())
            bar.update()
    return _finish(out, cases, done, plan)


def _hidden(progress: bool | None) -> bool | None:
    """tqdm's word for it, where None stands for "unless on a terminal"."""
    return None if progress is None else not progress


async def _ask(case: Case, ask: Asker, names: Collection[str], retrieval_only: bool) -> Result:
    try:
        answer = await ask(case.as_question())
        return result.of(case, answer, names, retrieval_only=retrieval_only)
    except Exception as error:  # whatever it was, it must cost one question and not the run
        trace = log.isEnabledFor(logging.DEBUG)
        log.warning("Question %s failed: %r", case.id, error, exc_info=trace)
        return result.failed(case, error)


def _open(out: Path, plan: Mapping[str, Any], *, fresh: bool) -> None:
    """Make the directory ready; results of another plan are never mixed in."""
    out.mkdir(parents=True, exist_ok=True)
    if fresh:
        for name in (*MADE, RESULTS, PLAN):
            (out / name).unlink(missing_ok=True)
    if (out / "results.jsonl").exists() and (changed := _changed(out / "run.json", plan)):
        raise UsageError(
            f"{out} holds a run that differs ({changed}). Choose another --out or delete it."
        )
    replace(out / "run.json", json.dumps(plan, ensure_ascii=False, indent=1).encode() + b"\n")


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
        replace(out / "results.jsonl", _lines(row for _, row in pairs))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    figures = summary.summarise(pairs, **plan, finished=now)
    outputs.write(out, pairs, figures)
    return figures


def _lines(rows: Iterable[Result]) -> bytes:
    return b"".join(map(result.encode, rows))
