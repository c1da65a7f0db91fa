"""Publication facts: found where a line says nothing else, never guessed from running text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.facts import AGENCIES, Facts, parse_day, read

BODY = "The council met for three hours and put the question off until the autumn."
MAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("date 2024-05-01 Bloomberg", Facts("", MAY, "line 1", "Bloomberg")),
        ("Published: 2024-05-01", Facts("", MAY, "line 1")),
        ("Published on Wednesday, May 1, 2024 at 10:15 p.m. EDT", Facts("", MAY, "line 1")),
        ("Published 1 May 2024 | Updated 3 May 2024", Facts("", MAY, "line 1")),
        ("Posted 1st of May 2024, updated 2024-05-03 10:00", Facts("", MAY, "line 1")),
        ("May 1, 2024", Facts("", MAY, "line 1")),
        ("By Jane Doe | Reuters | May 1, 2024", Facts("", MAY, "line 1", "Reuters", "Jane Doe")),
        ("By Jane Doe and John Roe", Facts(author="Jane Doe and John Roe")),
        ("By Jane Doe, AFP", Facts(outlet="AFP", author="Jane Doe")),
        ("By Jane Doe, May 1, 2024", Facts("", MAY, "line 1", None, "Jane Doe")),
        ("By Jane Doe in Nairobi", Facts(author="Jane Doe")),
        (
            "By Jane Doe · Example Times · 1 May 2024 · 4 min read",
            Facts("", MAY, "line 1", "Example Times", "Jane Doe"),
        ),
        ("By Jane Doe | Staff Writer | May 1, 2024", Facts("", MAY, "line 1", None, "Jane Doe")),
        ("Reuters - 2024-05-01", Facts("", MAY, "line 1", "Reuters")),
        ("Source: AP", Facts(outlet="AP")),
        ("By Reuters", Facts(outlet="Reuters")),
        ("Källa: TT", Facts(outlet="TT")),
        ("Publicerad: 1 maj 2024 kl. 10.15", Facts("", MAY, "line 1")),
        ("Publicerad onsdag den 1 maj 2024", Facts("", MAY, "line 1")),
        ("Publicerad 2024-05-01 10:15 | Uppdaterad 2024-05-02", Facts("", MAY, "line 1")),
        ("Av Åsa Öberg | Exempelbladet | 2024-05-01",
         Facts("", MAY, "line 1", "Exempelbladet", "Åsa Öberg")),
        ("Text: Åsa Öberg", Facts(author="Åsa Öberg")),
        ("Updated: May 3, 2024", Facts()),
    ],
)  # fmt: skip
def test_a_line_of_facts_is_read_and_removed(line: str, expected: Facts) -> None:
    found = read(f"{line}\n\n{BODY}\n{BODY}")
    assert found.text.strip() == f"{BODY}\n{BODY}"
    assert (found.published, found.published_from) == (expected.published, expected.published_from)
    assert (found.outlet, found.author) == (expected.outlet, expected.author)


@pytest.mark.parametrize(
    "line",
    [
        "The mayor speaks at the opening of the hall, January 31, 2019.",
        "Talks broke down on Sunday.",
        "On May 1, 2024, the law took effect.",
        "May 1, 2024 was a quiet day at the border.",
        "Published reports say the bank lost 2 billion.",
        "Updated rules take effect in May 2024",
        "By Monday the roads were clear again",
        "By the end of May 2024 all was settled",
        "Source: people familiar with the plans",
        "Published: 2024-02-31",
        "Published: 05/04/2024",
        "10:30",
        "By then the talks were over, AP",
        "By Jane Doe | and so it went on",
        "Dates for the hearing have not been set.",
        "Av de tre förslagen föll två",
    ],
)
def test_nothing_is_read_from_other_lines(line: str) -> None:
    text = f"{line}\n\n{BODY}"
    assert read(text) == Facts(text)


def test_dates_over_the_parts_of_a_chronicle_are_not_the_date_of_publication() -> None:
    text = f"How it went\n1 May 2024\n{BODY}\n2 May 2024\n{BODY}"
    assert read(text) == Facts(text)


def test_a_date_deep_in_the_text_is_not_the_date_of_publication() -> None:
    text = "\n".join([BODY] * 10 + ["1 May 2024"] + [BODY] * 10)
    assert read(text) == Facts(text)


def test_the_foot_of_a_text_may_name_its_source() -> None:
    found = read(f"{BODY}\n" * 9 + "\nSource: AP")
    assert found.outlet == "AP"
    assert "Source" not in found.text


def test_an_agency_alone_counts_at_the_ends_only() -> None:
    assert read(f"Reuters\n{BODY}").outlet == "Reuters"
    assert read(f"{BODY}\nTT").outlet == "TT"
    assert read(f"{BODY}\nAP\n{BODY}").outlet is None


def test_a_dateline_names_the_agency_and_stays() -> None:
    text = f"LONDON, May 1 (Reuters) - {BODY}"
    assert read(text) == Facts(text, outlet="Reuters")
    assert read(f"{text}\nSource: AP").outlet == "AP"


def test_the_line_is_the_one_in_the_text_as_given() -> None:
    assert read(f"A hall for the harbour\n\n\nPublished: 2024-05-01\n{BODY}").published_from == (
        "line 4"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01", MAY),
        ("2024/5/1", MAY),
        ("2024-05-01T23:30:00-05:00", MAY),
        ("2024-05-01T06:30:00.000Z", MAY),
        ("2024-05-01 06:30:00 +0200", MAY),
        ("Wed, 01 May 2024 10:00:00 GMT", MAY),
        ("Dec. 31, 2018", date(2018, 12, 31)),
        ("31 Dec 2018", date(2018, 12, 31)),
        ("31 december 2018", date(2018, 12, 31)),
        ("04/05/2024", None),  # the fourth of May or the fifth of April?
        ("May 2024", None),
        ("yesterday", None),
        ("2024-13-01", None),
        ("", None),
    ],
)
def test_a_day_is_read_only_where_it_is_certain(written: str, expected: date | None) -> None:
    assert parse_day(written) == expected


@given(st.text(alphabet=st.sampled_from("By Av:|,.-0123456789 \nMay maj Published Reuters(T)é")))
def test_reading_never_fails_and_never_adds(text: str) -> None:
    found = read(text)
    lines = text.split("\n")
    kept = found.text.split("\n")
    assert len(kept) == len(lines)
    assert all(after in ("", before) for before, after in zip(lines, kept, strict=True))


def test_no_agency_is_empty() -> None:
    assert all(name == name.strip() and name for name in AGENCIES)
