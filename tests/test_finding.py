"""Which article is this? Excerpts as readers paste them, and texts that are from nowhere."""

import asyncio
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from html import escape as html_escaped
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import excerpt_bench
from evals.copies_bench import samples
from index.archive import Archive
from index.errors import UsageError
from index.finding import Place, find
from index.schema import Article
from service.desk import Desk
from service.excerpts import identify
from service.render import place_link
from tests.embedders import HashingEmbedder
from tests.fakes import dateline

QUAY = (
    "The harbour board approved a plan of 2.4 million kronor on Tuesday — after months of delay. "
    "“We won’t close the quay before March,” said chair Ada Berg, who had opposed earlier drafts.\n"
    "\n"
    "Mayor Olof Lind called the plan short-sighted and left the meeting before the vote was taken. "
    "Trams are to run through the old café district from June, if the owners of the land agree."
)
KAJ = (
    "Hamnstyrelsen godkände på tisdagen en plan för kajen som kostar 2,4 miljoner kronor. "
    "Ordföranden Ada Berg lovade att kajen inte stängs före mars, trots att båtarna blir färre."
)
WIRE = (
    "Rail workers across the country walked out on Friday over a pay offer that their union called "
    "an insult, and most night trains were cancelled until Sunday evening."
)
POLISH = f"In other news, {WIRE} Nobody at the ministry wanted to comment on the matter."
HELD = [
    Article("q", "quay", QUAY, "Quay plan", date(2024, 5, 1), outlet="Post", language="en"),
    Article("k", "kaj", KAJ, "Kajplan", date(2024, 5, 2), outlet="Kuriren", language="sv"),
    Article("w2", "later", POLISH, "Briefly", date(2024, 6, 3), outlet="Late", language="en"),
    Article("w1", "first", WIRE, "Walkout", date(2024, 6, 1), outlet="Wire", language="en"),
    Article("w3", "undated", WIRE, "Strike", None, outlet="Blog", language="en"),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add(HELD)
        yield opened


def found(archive: Archive, excerpt: str) -> Place:
    place = find(archive, excerpt)
    assert place is not None
    assert 0 <= place.start < place.end <= len(place.article.text)
    return place


VOTE = (
    "Mayor Olof Lind called the plan short-sighted and left the meeting before the vote was taken"
)
SAID = "“We won’t close the quay before March,” said chair Ada Berg, who had opposed earlier drafts"
WAYS = [
    (VOTE, VOTE),
    (VOTE.upper(), VOTE),
    (VOTE.replace(" ", "\n\t "), VOTE),
    (VOTE.replace("-", "–").replace("meeting", "mee\u00adting"), VOTE),
    (VOTE[2:-2], VOTE),
    (VOTE.replace("called", "thought").replace("before", "ahead of"), VOTE),
    (f'"{SAID}"', SAID),
    (SAID.replace("“", "«").replace("”", "»").replace("’", "'"), SAID),
    (f"{SAID[:40]} … {SAID[41:]}", SAID),
    (unicodedata.normalize("NFD", "run through the old café district from June"), "run through"),
    (unicodedata.normalize("NFD", KAJ[: KAJ.index(". ")]), KAJ[: KAJ.index(". ")]),
    (KAJ[: KAJ.index(". ")].replace("ä", "a"), KAJ[: KAJ.index(". ")]),
]


@pytest.mark.parametrize(("pasted", "stands"), WAYS)
def test_found_however_it_is_pasted(archive: Archive, pasted: str, stands: str) -> None:
    place = found(archive, pasted)
    quote = place.article.text[place.start : place.end]
    assert stands[3:15] in quote and stands[-8:] in quote + " run through"
    assert place.article.name == ("kaj" if stands in KAJ else "quay") and place.also == ()


FOREIGN = [
    "A recipe for plum cake with almonds and cream",
    "Penguins have never been seen in the town hall of Ystad, said the mayor on Tuesday.",
    "The harbour master rejected every drawing of the bridge, and the chair of the board resigned.",
    "De 27 länderna enades sent på natten om en gemensam linje i frågan om gasleveranser.",
    "?!?! … — “” … ?!?! … — “”",
    "🙂" * 30,
    "the of and to in a is that for it as was with be by on not he his but at are this have from",
]


@pytest.mark.parametrize("pasted", FOREIGN)
def test_what_is_from_nowhere_is_refused(archive: Archive, pasted: str) -> None:
    assert find(archive, pasted) is None


def test_an_article_is_not_its_own_continuation(archive: Archive) -> None:
    more = " ".join(
        f"Then came another thing number {n} that nobody had expected." for n in range(9)
    )
    assert find(archive, f"{WIRE} {more}") is None


def test_the_earliest_of_several_and_the_others_beside_it(archive: Archive) -> None:
    place = found(archive, WIRE)
    assert place.article.name == "first"
    assert {copy.name for copy in place.also} == {"later", "undated"}


@pytest.mark.parametrize("pasted", ["", "short", " x \n" * 4])
def test_too_little_is_told(archive: Archive, pasted: str) -> None:
    with pytest.raises(UsageError, match="give at least 20"):
        find(archive, pasted)


def test_an_empty_archive_holds_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path, HashingEmbedder()) as empty:
        assert find(empty, VOTE) is None


@given(st.integers(0, 40), st.integers(12, 25))
def test_any_words_of_an_article_are_found_where_they_stand(
    archive: Archive, first: int, many: int
) -> None:
    words = list(re.finditer(r"\S+", QUAY))[first : first + many]
    start, end = words[0].start(), words[-1].end()
    place = found(archive, QUAY[start:end])
    assert place.article.name == "quay" and place.likeness == 100
    within = QUAY[start:end].strip("“”—., ")
    assert within in QUAY[place.start : place.end]
    assert QUAY[place.start : place.end] in QUAY[start:end]


def shown(archive: Archive, excerpt: str) -> str:
    async def page() -> str:
        return await identify(Desk(dateline(archive)), excerpt)

    return asyncio.run(page())


def test_the_page_shows_all_of_it(archive: Archive) -> None:
    html = shown(archive, VOTE)
    start = QUAY.index(VOTE)
    link = html_escaped(place_link(HELD[0], start, start + len(VOTE)))
    for part in ("Quay plan", "Post", "1 May 2024", VOTE, f'href="{link}"', "100 percent"):
        assert part in html
    assert "Also in" in shown(archive, WIRE)


@pytest.mark.parametrize(
    ("excerpt", "said"),
    [
        (FOREIGN[0], "Not in the collection."),
        ("short", "give at least 20"),
        ("<script>alert(1)</script> in the town hall of Ystad", "Not in the collection."),
        ("\ud800\0 and many more words than twenty", "Not in the collection."),
    ],
)
def test_the_page_says_why_not(archive: Archive, excerpt: str, said: str) -> None:
    html = shown(archive, excerpt)
    assert said in html and "<script" not in html and "Traceback" not in html


def test_the_measure_counts_what_it_says(tmp_path: Path) -> None:
    articles = [sample.article for sample in samples(1, 0, 160)]
    random = Random(1)
    kept, out = excerpt_bench.split(articles, random)
    assert len(out) == 50 and not {a.key for a in kept} & {a.key for a in out}
    tries = excerpt_bench.excerpts(kept, out, random)
    assert [t.kind for t in tries].count("altered") == 100
    assert {t.kind for t in tries if t.text in t.article.text} == {"verbatim", "foreign"}
    some = [next(t for t in tries if t.kind == kind) for kind in excerpt_bench.SIZES]
    with excerpt_bench.archive_of(kept) as archive:
        outcomes = [excerpt_bench.tried(archive, each) for each in some]
    assert all(o.right for o in outcomes[:3])
    assert excerpt_bench.report([o for o in outcomes for _ in range(2)]).count("\n") == 4
