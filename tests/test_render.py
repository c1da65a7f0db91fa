"""Nothing foreign becomes markup, and what is shown is what was found."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from index import dating
from index.schema import Article
from service.changes import SHOWN
from service.pipeline import Said
from service.reading import Reading
from service.render import (
    outward_link,
    place_link,
    render_answer,
    render_articles,
    render_failure,
    render_opening,
    render_pending,
)
from service.render_article import render_article
from service.schema import Account, Answer, Citation, Lack, Reason, Sentence
from tests.fakes import cite, copy, hit
from tests.fakes_page import ANSWER, FERRY, HARBOUR, NOTES, REFUSAL, SENTENCES
from tests.payloads import PAYLOADS

LINK = re.compile(
    r"/|https?://[^@]+|/articles/[0-9a-f]{16}(\?version=[0-9a-f]{16}(&start=\d+&end=\d+#quote)?)?"
)


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, and the addresses in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.feed(page)

    def unversioned(self) -> list[str]:
        """The addresses, in which a version, which any text has its own of, is left out."""
        return [re.sub(r"version=[0-9a-f]{16}", "version=", link) for link in self.links]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def altered(**changes: Any) -> Article:
    return replace(HARBOUR, **changes)


def answer_of(article: Article) -> str:
    also = (copy(article),)
    citation = Citation(1, article, article.text, 0, len(article.text), also)
    refusal = replace(REFUSAL, hits=(replace(hit(article), also=also),))
    said = replace(ANSWER, sentences=SENTENCES[:1], citations=(citation,))
    return render_answer("?", said) + render_answer("?", refusal) + render_articles([article], 9)


def article_views(article: Article) -> str:
    page = render_article(Reading(article, (copy(article),)), 0, len(article.text))
    return answer_of(article) + page


def said(text: str) -> str:
    sentence = Sentence(text, (1,))
    answer = replace(ANSWER, sentences=(sentence,))
    pending = render_pending("?", [Said(sentence, ANSWER.citations[:1])])
    return render_answer("?", answer) + pending


def account(text: str) -> Account:
    citation = replace(ANSWER.citations[0], quote=text)
    return Account(citation, (0, len(text)), "earlier")


FIELDS: dict[str, Callable[[str], str]] = {
    "title": lambda text: article_views(altered(title=text)),
    "name": lambda text: article_views(altered(title="", name=text)),
    "outlet": lambda text: article_views(altered(outlet=text)),
    "author": lambda text: article_views(altered(author=text)),
    "text": lambda text: article_views(altered(text=text)),
    "date found": lambda text: article_views(altered(published_from=text)),
    "change found": lambda text: article_views(altered(updated="2024-04-02", updated_from=text)),
    "agency": lambda text: article_views(altered(agency=text)),
    "language": lambda text: article_views(altered(language=text)),
    "question": lambda text: render_answer(text, ANSWER) + render_pending(text, []),
    "message": lambda text: render_failure("?", text),
    "sentence": said,
    "note": lambda text: render_answer("?", replace(ANSWER, notes=(text,))),
    "dropped": lambda text: render_answer("?", replace(ANSWER, dropped=(text,))),
    "reason": lambda text: render_answer("?", replace(REFUSAL, reason=Reason("near", text))),
    "lack": lambda text: render_answer(
        "?", replace(ANSWER, status="partial", lacks=(Lack("name", text, text),))
    ),
    "account": lambda text: render_answer("?", replace(ANSWER, accounts=(account(text),))),
    "answerer": lambda text: render_answer("?", replace(ANSWER, answerer=text)),
}


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_becomes_markup(field: str) -> None:
    plain = Skeleton(FIELDS[field]("plain"))
    for payload in PAYLOADS:
        page = Skeleton(FIELDS[field](payload))
        assert page.tags == plain.tags, payload
        assert page.unversioned() == plain.unversioned()[: len(page.links)] or field == "text"
        assert all(LINK.fullmatch(link) for link in page.links), payload


def test_no_address_becomes_more_than_a_link() -> None:
    without = Skeleton(article_views(altered(url="")))
    with_link = Skeleton(article_views(HARBOUR))
    for payload in PAYLOADS:
        page = Skeleton(article_views(altered(url=payload)))
        assert page.tags in (without.tags, with_link.tags), payload
        assert all(LINK.fullmatch(link) for link in page.links), payload


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a?b=1&c=2#d", True),
        ("HTTP://EXAMPLE.ORG/", True),
        ("https://sv.example.org/år/1", True),
        ("ftp://example.org/a", False),
        ("javascript:alert(1)//https://example.org", False),
        ("https://user:secret@example.org/", False),
        ("https://", False),
        ("https://example.org/a b", False),
        (" https://example.org/", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_are_linked(url: str | None, linked: bool) -> None:
    link = outward_link(url)
    assert bool(link) is linked
    assert not linked or 'rel="noopener noreferrer nofollow"' in link


def marks(page: str) -> list[str]:
    return [unescape(mark) for mark in re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)]


def test_the_quote_is_marked_where_it_stands() -> None:
    citation = cite(1, HARBOUR, "It cost 412 million crowns")
    page = render_article(Reading(HARBOUR), citation.start, citation.end)
    assert marks(page) == ["It cost 412 million crowns"]
    assert page.count('<mark id="quote" tabindex="-1">') == 1


def test_a_quote_over_several_paragraphs_is_marked_in_each() -> None:
    article = replace(NOTES, text="One & two.\n\nThree\nfour.\n \nFive.\n")
    page = render_article(Reading(article), article.text.index("two"), article.text.index("ve."))
    assert marks(page) == ["two.", "Three\nfour.", "Fi"]
    assert page.index('<mark id="quote" tabindex="-1">two') > 0
    assert page.count('id="quote"') == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (0, None), (None, 5), (5, 5), (9, 3), (-4, 3), (0, 10**9), (10**9, 10**9 + 1)],
)
def test_a_wrong_place_is_ignored(start: int | None, end: int | None) -> None:
    assert marks(render_article(Reading(HARBOUR), start, end)) == []


def test_an_article_page_says_what_is_known_and_what_is_not() -> None:
    page = render_article(Reading(HARBOUR))
    for part in (HARBOUR.title, "The Harbour Post", "Ida Ek", "12 March 2024", HARBOUR.url):
        assert part and part in page
    assert '<main lang="en">' in page
    assert "undated" in re.sub(
        r"<style>.*</style>", "", render_article(Reading(NOTES)), flags=re.DOTALL
    )
    assert '<main lang="">' in render_article(Reading(FERRY))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2021-03", "March 2021"),
        ("2021", "2021"),
        ("2021-03-04T23:30-05:00", "4 March 2021"),
        (None, "12 March 2024"),
    ],
)
def test_a_date_is_shown_no_more_exactly_than_it_is_known(written: str | None, shown: str) -> None:
    day = dating.first(written) if written else HARBOUR.published
    article = altered(published=day, published_as=written)
    said = f'<time datetime="{written or "2024-03-12"}" title="Date found: front matter">{shown}<'
    assert said in render_article(Reading(article)) and said in answer_of(article)
    listed = render_article(Reading(HARBOUR, (copy(article),)))
    assert f" · {shown}</li>" in listed and "1 March 2021" not in listed


def test_what_changed_and_who_wrote_it_are_told_apart_from_who_printed_it_when() -> None:
    page = render_article(Reading(altered(updated="2024-04-02T10:00+02:00", updated_from="meta")))
    changed = '<time datetime="2024-04-02T10:00+02:00" title="Found: meta">2 April 2024</time>'
    assert f"12 March 2024</time> · updated {changed}" in page
    assert '<span class="agency">from AP</span>' in answer_of(altered(agency="AP"))
    assert 'class="agency"' not in answer_of(altered(agency="AP", outlet="AP"))


def test_an_article_page_asks_for_nothing() -> None:
    page = render_article(Reading(HARBOUR))
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def test_an_article_without_words_is_still_a_page() -> None:
    assert "<main" in render_article(Reading(replace(NOTES, text="", title="")))


def test_the_text_is_shown_whole() -> None:
    text = "\n\n  One.\nTwo.\n\t\n\nThree.\n\n\n"
    page = render_article(Reading(replace(NOTES, text=text)), 4, 9)
    body = re.findall(r'<p dir="auto">(.*?)</p>', page, re.DOTALL)
    assert [re.sub("<[^>]+>", "", part) for part in body] == ["  One.\nTwo.", "Three."]


def test_every_sentence_has_chips_that_lead_to_its_passages() -> None:
    page = render_answer("What did it cost?", ANSWER)
    chips = re.findall(r'<a class="chip" href="([^"]+)"[^>]*aria-label="([^"]+)"', page)
    assert [unescape(href) for href, _ in chips] == [
        place_link(c.article, c.start, c.end) for c in ANSWER.citations
    ]
    assert [label for _, label in chips] == [
        "Source 1: Harbour tunnel opens two years late, The Harbour Post, 12 March 2024",
        "Source 2: Notes from the council meeting, undated",
    ]
    assert (
        page.index(SENTENCES[0].text) < page.index('class="chip"') < page.index(SENTENCES[1].text)
    )


@pytest.mark.parametrize(
    "text", ["It cost 412 million, they say.", *filter(str.isprintable, PAYLOADS)]
)
def test_the_bare_answer_is_set_off_and_still_text(text: str) -> None:
    start, end = len(text) // 3, 2 * len(text) // 3
    sentence = Sentence(text, (1,), (start, end))
    page = render_answer("?", replace(ANSWER, sentences=(sentence,)))
    found = re.search(r'<p class="answer"><span dir="auto">(.*?)</span>', page, re.DOTALL)
    assert found
    before, bare, after = re.split("</?strong>", found[1])
    assert (before + bare + after, bare) == (escape(text), escape(text[start:end]))


def test_the_sources_show_quote_outlet_date_and_original() -> None:
    page = render_answer("?", ANSWER)
    sources = page[page.index("<h3>Sources") :]
    assert ANSWER.citations[0].quote in sources and 'datetime="2024-03-12"' in sources
    assert "The Harbour Post" in sources and 'href="https://example.org/harbour"' in sources
    assert '<span class="undated">undated</span>' in sources


def test_a_refusal_names_the_nearest_articles_once_each() -> None:
    others = [replace(FERRY, key=f"other {n}", title=f"Other {n}") for n in range(5)]
    page = render_answer("?", replace(REFUSAL, hits=(*REFUSAL.hits, *map(hit, others))))
    assert "Not in these articles." in page and "Sources" not in page
    assert page.count(FERRY.title) == 1 and page.count("Other") == 2


def test_a_refusal_of_an_empty_archive_names_none() -> None:
    assert "nearest" not in render_answer("?", replace(REFUSAL, hits=()))


@pytest.mark.parametrize(
    ("dropped", "words"),
    [
        (("One.",), "1 sentence left out: no passage bears it out"),
        (("One.", "Two."), "2 sentences left out: no passage bears them out"),
    ],
)
def test_sentences_left_out_are_told_but_closed(dropped: tuple[str, ...], words: str) -> None:
    page = render_answer("?", replace(ANSWER, dropped=dropped))
    assert f"<summary>{words}</summary>" in page and "<details open" not in page


def test_the_small_line_says_how_long_and_by_whom() -> None:
    quoted: Answer = replace(ANSWER, answerer="quotes")
    assert "0.42 s · a-model" in render_answer("?", ANSWER)
    assert "0.42 s · in the articles’ own words" in render_answer("?", quoted)
    assert "0.03 s · quotes" in render_answer("?", REFUSAL)


def test_notes_and_a_part_answer_are_told() -> None:
    page = render_answer("?", replace(ANSWER, status="partial", notes=("The model was silent.",)))
    assert "Only part of this" in page and "The model was silent." in page


def test_lists_say_when_they_are_not_whole() -> None:
    assert "The newest 2 of 700 articles." in render_articles([HARBOUR, FERRY], 700)
    assert "newest" not in render_articles([HARBOUR, FERRY], 2)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "dateline ingest"), (1, "1 article in"), (1200, "1,200 articles in")]
)
def test_the_opening_counts(count: int, words: str) -> None:
    assert words in render_opening(count)
    assert count or "dateline ingest" in render_articles([], 0)


def test_only_an_answer_that_is_remembered_can_be_judged() -> None:
    assert "This is right" not in render_answer("?", ANSWER)
    for answer, state in ((ANSWER, "answered"), (REFUSAL, "refused")):
        page = render_answer("?", replace(answer, id='0"<b>'))
        assert page.count("<button") == 2 and f'class="judging {state}"' in page
        assert 'data-answer="0&quot;&lt;b&gt;"' in page


MAY, JUNE = (datetime(2024, month, 3, tzinfo=UTC) for month in (5, 6))
CHANGED = altered(text=HARBOUR.text.replace("412 million", "450 million"), fetched=JUNE)
HISTORY = (CHANGED, altered(fetched=MAY))


def plain(page: str) -> str:
    return re.sub("<style>.*</style>|<[^>]+>", "", page, flags=re.DOTALL)


def test_a_correction_can_be_seen() -> None:
    page = render_article(Reading(CHANGED, history=HISTORY))
    assert "Changed on 3 June 2024" in plain(page) and "earlier version" not in page
    assert "<del>412</del><ins>450</ins> million crowns" in page
    assert f"/articles/{HARBOUR.id}?version={HARBOUR.version}" in Skeleton(page).links
    assert "Crews had pumped" not in page.split("</section>")[0], "it has not changed"


def test_an_earlier_version_says_so_and_shows_what_came_after() -> None:
    history = (altered(text="All is new.", fetched=JUNE), *HISTORY)
    page = render_article(Reading(CHANGED, history=history), 0, 10)
    assert "This is an earlier version" in page and marks(page) == [HARBOUR.text[:10]]
    assert page.count("<details open>") == 1 and "<ins>450</ins>" not in page
    assert f"/articles/{HARBOUR.id}" in Skeleton(page).links
    assert plain(page).count("Changed on") == 1


def test_an_article_that_never_changed_says_nothing_of_it() -> None:
    assert "Changed" not in render_article(Reading(HARBOUR, history=(HARBOUR,)))


def test_of_many_changes_only_the_newest_are_shown_in_full() -> None:
    history = tuple(altered(text=f"Number {n}.", fetched=MAY) for n in range(9))
    page = render_article(Reading(history[0], history=history))
    assert plain(page).count("Changed on") == 8 and page.count("<details>") == SHOWN


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_changed_stays_text(payload: str) -> None:
    history = (altered(title=payload, text=f"A {payload} b."), altered(text=f"A c.\n\n{payload}"))
    for reading in (Reading(each, history=history) for each in history):
        page = Skeleton(render_article(reading))
        assert {tag for tag, *_ in page.tags} <= TAGS
        assert all(LINK.fullmatch(link) for link in page.links)


TAGS = set(
    "html head meta title style body nav a main header p span h1 time section ul li details summary"
    " del ins".split()
)
