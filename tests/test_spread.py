"""No source fills what a model reads, and a source that is alone is read all the same."""

from hypothesis import given
from hypothesis import strategies as st

from index.schema import Article, Hit, Passage
from service.spread import MOST, source_of, spread


def hit(n: int, outlet: str | None, url: str | None = None) -> Hit:
    article = Article(f"k{n}", f"a{n}.txt", "It rained.", outlet=outlet, url=url)
    return Hit(Passage(f"p{n}", article.id, 0, 10, "It rained."), article, -float(n))


@given(st.lists(st.sampled_from(["Post", "post", "Times", None]), max_size=14), st.integers(1, 12))
def test_a_source_gets_more_than_its_part_only_where_others_have_no_more(
    outlets: list[str | None], k: int
) -> None:
    hits = [hit(n, outlet) for n, outlet in enumerate(outlets)]
    read = spread(hits, k)
    ids = {each.passage.id for each in read}
    assert len(ids) == len(read) == min(k, len(hits)) and all(each in hits for each in read)
    sources = [source_of(each.article) for each in read]
    left = {source_of(each.article) for each in hits if each.passage.id not in ids}
    for source in set(sources):
        if sources.count(source) > MOST:
            assert all(sources.count(other) >= MOST for other in left)
        ranks = [each.score for each in read if source_of(each.article) == source]
        assert ranks == sorted(ranks, reverse=True)


def test_a_site_is_a_source_and_so_is_an_article_by_itself() -> None:
    pages = [hit(n, None, f"https://news.example/{n}").article for n in range(2)]
    assert source_of(pages[0]) == source_of(pages[1]) == "news.example"
    assert source_of(hit(1, None).article) != source_of(hit(2, None).article)
    assert source_of(hit(1, None, "http://[").article) == hit(1, None).article.id


def test_five_texts_of_one_outlet_are_three_of_six() -> None:
    hits = [*(hit(n, "Mirror") for n in range(5)), *(hit(n, f"Paper {n}") for n in range(5, 12))]
    read = [each.article.outlet for each in spread(hits, 6)]
    assert read.count("Mirror") == 3 and len(set(read)) == 4
