"""Publication facts: found where a line says nothing else, never guessed from running text."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import parse
from index.dating import Dated, check
from index.facts import AGENCIES, Facts, read

BODY = "The council met for three hours and put the question off until the autumn."
LINE = "by-line (line 1)"
MAY, THIRD = Dated("2024-05-01", LINE), Dated("2024-05-03", LINE)
NIGHT = Dated("2024-05-01T22:15-04:00", LINE)
MORNING = Dated("2024-05-01T10:15", LINE)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("date 2024-05-01 Bloomberg", Facts(published=MAY, agency="Bloomberg")),
        ("Published: 2024-05-01", Facts(published=MAY)),
        ("Published on Wednesday, May 1, 2024 at 10:15 p.m. EDT", Facts(published=NIGHT)),
        ("Published 1 May 2024 | Updated 3 May 2024", Facts(published=MAY, updated=THIRD)),
        ("Posted 1st of May 2024, updated 2024-05-03", Facts(published=MAY, updated=THIRD)),
        ("May 1, 2024", Facts(published=MAY)),
        ("March 2021", Facts(published=Dated("2021-03", LINE))),
        ("Mars 2021", Facts(published=Dated("2021-03", LINE))),
        ("Published 2021", Facts(published=Dated("2021", LINE))),
        ("25/12/2023", Facts(published=Dated("2023-12-25", LINE))),
        ("01.05.2024", Facts(published=MAY)),
        ("Veröffentlicht am 1. Mai 2024, 10.15 Uhr", Facts(published=MORNING)),
        ("Publié le mercredi 1er mai 2024 à 10h15", Facts(published=MORNING)),
        ("Publicado el 1 de mayo de 2024", Facts(published=MAY)),
        ("By Jane Doe | Reuters | May 1, 2024",
         Facts(published=MAY, agency="Reuters", author="Jane Doe")),
        ("By Jane Doe and John Roe", Facts(author="Jane Doe and John Roe")),
        ("By Jane Doe, AFP", Facts(agency="AFP", author="Jane Doe")),
        ("By Jane Doe, BBC", Facts(outlet="BBC", author="Jane Doe")),
        ("By Jane Doe, May 1, 2024", Facts(published=MAY, author="Jane Doe")),
        ("By Jane Doe in Nairobi", Facts(author="Jane Doe")),
        (
            "By Jane Doe · Example Times · 1 May 2024 · 4 min read",
            Facts(published=MAY, outlet="Example Times", author="Jane Doe"),
        ),
        ("By Jane Doe | Staff Writer | May 1, 2024", Facts(published=MAY, author="Jane Doe")),
        ("Reuters - 2024-05-01", Facts(published=MAY, agency="Reuters")),
        ("Source: AP", Facts(agency="AP")),
        ("Source: The Example Times", Facts(outlet="The Example Times")),
        ("© 2024 Agence France-Presse", Facts(agency="Agence France-Presse")),
        ("By Reuters", Facts(agency="Reuters")),
        ("By Reuters Staff", Facts(agency="Reuters")),
        ("Källa: TT", Facts(agency="TT")),
        ("Publicerad: 1 maj 2024 kl. 10.15", Facts(published=MORNING)),
        ("Publicerad onsdag den 1 maj 2024", Facts(published=MAY)),
        ("Publicerad 2024-05-01 10:15 | Uppdaterad 2024-05-03",
         Facts(published=MORNING, updated=THIRD)),
        ("Av Åsa Öberg | Exempelbladet | 2024-05-01",
         Facts(published=MAY, outlet="Exempelbladet", author="Åsa Öberg")),
        ("Text: Åsa Öberg", Facts(author="Åsa Öberg")),
        ("Updated: May 3, 2024", Facts(updated=THIRD)),
        ("Last updated on 3 May 2024", Facts(updated=THIRD)),
        ("Zuletzt aktualisiert am 3. Mai 2024", Facts(updated=THIRD)),
    ],
)  # fmt: skip
def test_a_line_of_facts_is_read_and_removed(line: str, expected: Facts) -> None:
    found = read(f"{line}\n\n{BODY}\n{BODY}")
    assert found.text.strip() == f"{BODY}\n{BODY}"
    assert replace(found, text="") == expected


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
        "Published: 2199-05-04",
        "2021",
        "Standards for 2021",
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
    assert (found.agency, found.outlet) == ("AP", None)
    assert "Source" not in found.text


def test_an_agency_alone_counts_at_the_ends_only() -> None:
    assert read(f"Reuters\n{BODY}").agency == "Reuters"
    assert read(f"{BODY}\n(TT)").agency == "TT"
    assert read(f"{BODY}\nAP\n{BODY}").agency is None


def test_a_dateline_names_the_agency_and_stays() -> None:
    text = f"LONDON, May 1 (Reuters) - {BODY}"
    assert read(text) == Facts(text, agency="Reuters")
    assert read(f"(Reuters) – {BODY}").agency == "Reuters"
    assert read(f"{text}\nSource: AP").agency == "AP"


def test_a_dateline_with_a_year_dates_the_text() -> None:
    text = f"LONDON, May 1, 2024 (AP) — {BODY}"
    assert read(text) == Facts(text, Dated("2024-05-01", "dateline"), agency="AP")
    assert read(f"Published: 2024-05-03\n{text}").published == Dated("2024-05-03", LINE)


def test_the_line_is_the_one_in_the_text_as_given() -> None:
    found = read(f"A hall for the harbour\n\n\nPublished: 2024-05-01\n{BODY}").published
    assert found == Dated("2024-05-01", "by-line (line 4)")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2024/5/1", "2024-05-01"),
        ("2024-05-01T23:30:00-05:00", "2024-05-01T23:30-05:00"),
        ("2024-05-01T06:30:00.000Z", "2024-05-01T06:30+00:00"),
        ("2024-05-01 06:30:00 +0200", "2024-05-01T06:30+02:00"),
        ("Wed, 01 May 2024 10:00:00 GMT", "2024-05-01T10:00+00:00"),
        ("Wed, 01 May 2024 10:00:00 -0000", "2024-05-01T10:00+00:00"),
        ("Wed May 01 2024 23:30:00 GMT+0200 (Summer Time)", "2024-05-01T23:30+02:00"),
        ("May 1, 2024 10:15 PM ET", "2024-05-01T22:15"),
        ("May 1, 2024, 12:05 a.m. EST", "2024-05-01T00:05-05:00"),
        ("2024-05-01T25:00", "2024-05-01"),
        ("Dec. 31, 2018", "2018-12-31"),
        ("31 Dec 2018", "2018-12-31"),
        ("31 december 2018", "2018-12-31"),
        ("1 de mayo de 2024", "2024-05-01"),
        ("1. toukokuuta 2024", "2024-05-01"),
        ("25/12/2024", "2024-12-25"),
        ("12/25/2024", "2024-12-25"),
        ("5/5/2024", "2024-05-05"),
        ("04.05.2024", "2024-05-04"),
        ("04/05/2024", None),  # the fourth of May or the fifth of April?
        ("May 2024", "2024-05"),
        ("2024-05", "2024-05"),
        ("2024", "2024"),
        ("1714521600", None),
        ("yesterday", None),
        ("2024-13-01", None),
        ("2024-02-30", None),
        ("", None),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(written: str, expected: str | None) -> None:
    assert parse(written) == expected


@given(st.text("0123456789-/.:T Zmay+", max_size=30))
def test_what_is_parsed_is_a_date(text: str) -> None:
    found = parse(text)
    assert found is None or check(found) == found


@given(st.text(alphabet=st.sampled_from("By Av:|,.-0123456789 \nMay maj Published Reuters(T)é")))
def test_reading_never_fails_and_never_adds(text: str) -> None:
    found = read(text)
    lines = text.split("\n")
    kept = found.text.split("\n")
    assert len(kept) == len(lines)
    assert all(after in ("", before) for before, after in zip(lines, kept, strict=True))


def test_no_agency_is_empty() -> None:
    assert all(name == name.strip() and name for name in AGENCIES)
