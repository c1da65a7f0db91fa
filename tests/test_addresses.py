"""Addresses of one article are one, and those of different articles stay different."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError
from index.web.addresses import canonical, clean, fold

ONE = [
    ("https://news.example.org/a/b", [
        "http://news.example.org/a/b", "https://NEWS.example.org:443/a/b/", "news.example.org/a/b",
        "https://www.news.example.org/a/b?utm_source=x&utm_medium=y#top",
        "https://news.example.org/a/b?fbclid=1&gclid=2&mc_eid=3", "https://news.example.org/a/b?",
    ]),
    ("https://news.example.org/a?id=3&p=x", [
        "http://news.example.org:80/a?id=3&utm_campaign=z&p=x", "https://news.example.org/a/?id=3&p=x",
    ]),
    ("https://news.example.org", ["http://www.news.example.org/?utm_id=1", "http://news.example.org"]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "spellings"), ONE)
def test_spellings_of_one_address_are_one(key: str, spellings: list[str]) -> None:
    for spelling in spellings:
        assert fold(spelling if "://" in spelling else f"https://{spelling}") == key


def test_different_articles_stay_different() -> None:
    pairs = [("/a?id=1", "/a?id=2"), ("/a", "/b"), ("/a", "/A"), ("/a?b=1", "/a"), ("/", "/a")]
    for one, two in pairs:
        assert fold(f"https://e.org{one}") != fold(f"https://e.org{two}")
    assert fold("https://e.org:8443/") != fold("https://e.org/")


@given(
    st.from_regex(r"https?://(www\.)?[a-z]{1,9}\.(org|se)(:80|:443|:8080)?", fullmatch=True),
    st.text("abA/.%20é?&=#_-", max_size=30),
    st.sampled_from(["", "?utm_source=a", "&fbclid=1", "#x", "/"]),
)
def test_folding_is_done_once_for_all(host: str, path: str, more: str) -> None:
    try:
        folded = fold(f"{host}/{path}{more}")
    except SourceError:
        return
    assert fold(folded) == folded
    assert fold(clean(f"{host}/{path}{more}")) == folded


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("https://news.example.org/story", "https://news.example.org/story"),
        ("/story?utm_source=x", "https://news.example.org/story"),
        ("https://www.news.example.org/story", "https://www.news.example.org/story"),
        ("https://evil.example.com/story", None),
        ("javascript:alert(1)", None),
        ("http://a:b@news.example.org/", None),
        ("https://news.example.org/", None),
        ("http://[bad", None),
        ("", None),
        (None, None),
    ],
)
def test_a_page_may_name_its_address_on_its_own_site(
    said: str | None, believed: str | None
) -> None:
    fetched = "https://news.example.org/amp/story?utm_medium=y"
    assert canonical(said, fetched) == (believed or "https://news.example.org/amp/story")
