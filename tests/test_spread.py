"""No source fills what a model reads, and a source that is alone is read all the same."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.schema import Article, Hit, Passage
from service.spread import MOST, UNNAMED, source_of, spread


def hit(n: int, outlet: str | None, url: str | None = None, text: str = "") -> Hit:
    text = text or f"It rained for {n} days."
    article = Article(f"k{n}", f"a{n}.txt", text, outlet=outlet, url=url)
    return Hit(Passage(f"p{n}", article.id, 0, len(text), text), article, -float(n))


@given(st.lists(st.sampled_from(["Post", "post", "Times", None]), max_size=14), st.integers(1, 12))
def test_a_source_gets_more_than_its_part_only_where_others_have_no_more(
    outlets: list[str | None], k: int
) -> None:
    hits = [hit(n, outlet) for n, outlet in enumerate(outlets)]
    read = spread(hits, k)
    ids = {each.passage.id for each in read}
    assert len(ids) == len(read) == min(k, len(hits)) and all(each in hits for each in read)
    sources = [(each.article.outlet or "").casefold() for each in read]  # "": of nobody
    left = {(each.article.outlet or "").casefold() for each in hits if each not in read}
    for source in set(sources):
        if sources.count(source) > most(source):
            assert all(sources.count(other) >= most(other) for other in left)
        ranks = [n for n, other in enumerate(sources) if other == source]
        assert [read[n].score for n in ranks] == sorted(
            (read[n].score for n in ranks), reverse=True
        )


def most(source: str) -> int:
    return MOST if source else UNNAMED


def test_a_site_is_a_source_and_so_is_an_article_by_itself() -> None:
    pages = [hit(n, None, f"https://news.example/{n}").article for n in range(2)]
    assert source_of(pages[0]) == source_of(pages[1]) == "news.example"
    assert source_of(hit(1, None).article) != source_of(hit(2, None).article)
    assert source_of(hit(1, None, "http://[").article) == hit(1, None).article.id


def test_five_texts_of_one_outlet_are_three_of_six() -> None:
    hits = [*(hit(n, "Mirror") for n in range(5)), *(hit(n, f"Paper {n}") for n in range(5, 12))]
    read = [each.article.outlet for each in spread(hits, 6)]
    assert read.count("Mirror") == 3 and len(set(read)) == 4


TOLD = "The collapse at the station hurt {} people, {} have said to the paper."


def test_an_outlet_that_repeats_itself_says_it_once() -> None:
    who = ("doctors", "nurses", "drivers", "guards")
    flood = [hit(n, "Mirror", text=TOLD.format(112, name)) for n, name in enumerate(who)]
    others = [hit(n, f"Paper {n}") for n in range(4, 10)]
    read = spread([*flood, *others], 8)
    assert read[:7] == [flood[0], *others] and len(read) == 8, "the rest only fills"
    counted = [hit(n, "Mirror", text=TOLD.format(n, "doctors")) for n in range(3)]
    assert spread([*counted, *others], 4)[:3] == counted, "other figures are other news"
    elsewhere = [replace(flood[1], article=replace(flood[1].article, outlet="Post")), *others]
    assert spread([flood[0], *elsewhere], 8)[:2] == [flood[0], elsewhere[0]]


def test_articles_of_nobody_leave_room_for_those_of_others() -> None:
    flood = [hit(n, None) for n in range(20)]
    others = [hit(n, f"Paper {n}") for n in range(20, 24)]
    assert spread([*flood, *others], 12) == [*flood[:UNNAMED], *others, *flood[UNNAMED:8]]
    assert spread(flood, 12) == flood[:12]
