"""`dateline eval compare A B --html FILE`: two runs side by side, with the questions that flipped.

The texts come from the folders of the runs; where these lack them, the ids alone are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals import outputs, plots, rendering
from evals.compare import SURE, Comparison, between, left_out
from evals.metrics import LOWER_IS_BETTER
from evals.outcome import explain, judge
from evals.result import Result
from evals.summary import HEADLINES, Pair, Summary, read
from evals.table import ALL
from evals.views import clipped
from index.errors import UsageError


@dataclass(frozen=True, slots=True)
class Side:
    """What one run made of a question."""

    outcome: str
    reason: str
    result: Result


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run scores better than the other."""

    id: str
    type: str
    way: str  # "better" or "worse" in b
    question: str
    facts: tuple[str, ...]
    a: Side | None  # None where the run does not hold its texts
    b: Side | None


def render(a: Path, b: Path) -> str:
    """The page. Raises UsageError where the two cannot be compared."""
    old, new = read(a), read(b)
    comparison = between(old, new)
    headlines = [d for d in comparison.differences if d.type == ALL and d.metric in HEADLINES]
    return rendering.render(
        "comparison.jinja",
        comparison=comparison,
        names=_names(a, b),
        runs=(old, new),
        other_set=old.set != new.set,
        left_out=left_out(comparison),
        settings=_settings(old, new),
        plot=plots.differences(headlines) if headlines else "",
        flips=_flips(comparison, new, _texts(a, old), _texts(b, new)),
        lower=LOWER_IS_BETTER,
        sure=SURE,
        clip=clipped,
    )


def _names(a: Path, b: Path) -> tuple[str, str]:
    first, second = (_folder(path).resolve() for path in (a, b))
    return (str(first), str(second)) if first.name == second.name else (first.name, second.name)


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _texts(path: Path, summary: Summary) -> Mapping[str, tuple[Pair, Side]]:
    """Each case with its result, or nothing where the folder does not hold them."""
    try:
        pairs = outputs.read(_folder(path))
    except UsageError:
        return {}
    return {case.id: ((case, result), _side((case, result), summary)) for case, result in pairs}


def _side(pair: Pair, summary: Summary) -> Side:
    outcome = judge(*pair, retrieval_only=summary.retrieval_only)
    return Side(outcome, clipped(explain(*pair, outcome)), pair[1])


def _settings(old: Summary, new: Summary) -> list[tuple[str, str, str]]:
    """What differs in the settings: name, before, after."""
    a, b = dict(old.config), dict(new.config)
    names = [name for name in {**a, **b} if a.get(name) != b.get(name)]
    return [(name, a.get(name, "–"), b.get(name, "–")) for name in names]


def _flips(
    comparison: Comparison,
    new: Summary,
    a: Mapping[str, tuple[Pair, Side]],
    b: Mapping[str, tuple[Pair, Side]],
) -> list[Flip]:
    flipped = comparison.flips
    if flipped is None:
        return []
    ways = [(id, "worse") for id in flipped.worse] + [(id, "better") for id in flipped.better]
    return [_flip(id, way, new.cases[id].type, a.get(id), b.get(id)) for id, way in ways]


def _flip(
    id: str, way: str, kind: str, a: tuple[Pair, Side] | None, b: tuple[Pair, Side] | None
) -> Flip:
    known = b or a
    case = known[0][0] if known else None
    return Flip(
        id=id,
        type=kind,
        way=way,
        question=case.question if case else id,
        facts=tuple(" / ".join(forms) for forms in case.facts) if case else (),
        a=a[1] if a else None,
        b=b[1] if b else None,
    )
