"""Time: whether what is cited was published when the case allows. Undated articles count nowhere.

Both say nothing about a case that sets no such bound, or whose citations are all undated.
"""

from datetime import date

from evals.case import Case
from evals.result import Result
from index.schema import Filter


def in_window(case: Case, result: Result) -> float | None:
    """The share of dated citations that lie within `since` and `until`."""
    if case.since is None and case.until is None:
        return None
    window = Filter(case.since, case.until)
    return _share([window.admits(day, None) for day in _days(result)])


def by_as_of(case: Case, result: Result) -> float | None:
    """The share of dated citations no later than `as_of`."""
    as_of = case.as_of
    return None if as_of is None else _share([day <= as_of for day in _days(result)])


def _days(result: Result) -> list[date]:
    return [cited.published for cited in result.citations if cited.published]


def _share(kept: list[bool]) -> float | None:
    return sum(kept) / len(kept) if kept else None
