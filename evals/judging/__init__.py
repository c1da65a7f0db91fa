"""Judgements by other models, kept apart from what is measured: each names who judged.

A judgement is a line of `judged.jsonl` in the folder of a run; a judge that fails on a question
scores nothing there, and is counted.
"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evals.case import Case
from evals.result import Result
from index.errors import UsageError

FILE = "judged.jsonl"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge said of one answer."""

    id: str  # of the case
    judge: str
    scores: dict[str, float] = field(default_factory=dict)  # by metric, in [0, 1]
    failed: dict[str, str] = field(default_factory=dict)  # by metric: why there is no score


JUDGEMENT = TypeAdapter(Judgement)
Asks = Callable[[Case, Result], Awaitable[Judgement | None]]


def read(run: Path) -> list[Judgement]:
    """All judgements of a run, the last of each judge on each question; none where none judged."""
    path = run / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    latest = {(one.id, one.judge): one for line in lines if (one := _decode(line))}
    return list(latest.values())


async def judge(run: Path, pairs: Sequence[tuple[Case, Result]], judge: str, ask: Asks) -> None:
    """Have every answer of a run judged that this judge has not judged yet.

    Each judgement is written as soon as it is there, so a run that is cut off goes on.
    """
    known = {one.id for one in read(run) if one.judge == judge and not one.failed}
    try:
        with (run / FILE).open("ab") as file:
            file.write(b"\n" if file.tell() else b"")  # ends a line that was torn, if there is one
            for case, result in pairs:
                if case.id in known or result.status is None or result.refused:
                    continue
                if (said := await ask(case, result)) is not None:
                    file.write(JUDGEMENT.dump_json(said) + b"\n")
                    file.flush()
    except OSError as error:
        raise UsageError(f"Cannot write {run / FILE} ({error.strerror}).") from None


def by_judge(judgements: Sequence[Judgement]) -> Mapping[str, dict[str, Judgement]]:
    """The judgements of each judge, by the id of the case."""
    found: dict[str, dict[str, Judgement]] = defaultdict(dict)
    for one in judgements:
        found[one.judge][one.id] = one
    return found


def _decode(line: bytes) -> Judgement | None:
    """None for a line that was torn when its writer was stopped."""
    try:
        return JUDGEMENT.validate_json(line)
    except (ValidationError, json.JSONDecodeError):
        return None
