"""Dateline's own words on what several articles say: a fixed template around verbatim answers.

"25 percent [1, Feb 2019]; earlier: 10 percent [2, Sep 2018]"
"""

from collections.abc import Sequence
from datetime import date

from service.schema import Account, Relation

WORDS: dict[Relation, str] = {
    "first": "",
    "same": "also: ",
    "earlier": "earlier: ",
    "differs": "differs: ",
}


def timeline_text(accounts: Sequence[Account]) -> str:
    """The accounts in one line, in their order; empty for none."""
    days = [account.citation.article.published for account in accounts]
    return "; ".join(
        f"{WORDS[a.relation]}{a.text} [{a.citation.number}, {short_day(day, days)}]"
        for a, day in zip(accounts, days, strict=True)
    )


def short_day(day: date | None, among: Sequence[date | None]) -> str:
    """A month if that tells the days apart that differ, else the day; "undated" for none."""
    if day is None:
        return "undated"
    month = [d for d in among if d and (d.year, d.month) == (day.year, day.month)]
    return f"{day:%b %Y}" if len(set(month)) == 1 else f"{day.day} {day:%b %Y}"
