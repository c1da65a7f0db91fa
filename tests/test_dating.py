"""Dates that are not known to the day are intervals, and no more exact than they were found."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import dating
from index.schema import Filter

DAYS = st.dates(date(1500, 1, 1), date(2199, 12, 31))
WRITTEN = st.builds(lambda day, much: day.isoformat()[:much], DAYS, st.sampled_from([4, 7, 10]))
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n)))


@given(WRITTEN, DAYS)
def test_a_date_is_the_interval_of_the_days_that_it_may_be(written: str, day: date) -> None:
    inside = dating.first(written) <= day <= dating.last(written)
    assert inside == day.isoformat().startswith(written)
    assert dating.check(written) == written


@given(WRITTEN, st.none() | DAYS, st.none() | DAYS)
def test_a_window_keeps_what_it_shares_a_day_with(
    written: str, since: date | None, until: date | None
) -> None:
    first, last = dating.first(written), dating.last(written)
    shares = max(first, since or first) <= min(last, until or last)
    # A window that ends before it begins is refused before anything is asked.
    if since is None or until is None or since <= until:
        assert Filter(since, until).admits(first, None, last) == shares


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1)), ZONES, ZONES)
def test_a_time_is_dated_by_its_own_offset_and_in_utc_by_the_zone(
    local: datetime, own: timezone, zone: timezone
) -> None:
    local = local.replace(second=0, microsecond=0, tzinfo=own)
    written = dating.of_moment(local)
    assert dating.check(written) == written and dating.moment(written) == local
    assert dating.first(written) == local.date()
    moved = dating.at(written, zone)
    assert dating.same_moment(moved, written)
    universal = own.utcoffset(None) == timedelta(0)
    assert dating.first(moved) == (local.astimezone(zone) if universal else local).date()


@pytest.mark.parametrize(
    "written", ["", "21", "2021-13", "2021-02-30", "2021-3", "2021-03-04T10", "2021-03-04T25:00"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        dating.check(written)


def test_tomorrow_and_the_zero_of_a_clock_are_not_believed() -> None:
    now = datetime.now(UTC)
    assert dating.is_credible(now.date().isoformat())
    assert not dating.is_credible((now + timedelta(3)).date().isoformat())
    assert not dating.is_credible("1970-01-01T00:00+00:00")
    assert dating.is_credible("1970-01-01") and dating.is_credible("1812")
