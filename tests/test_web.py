"""From addresses to articles: facts with their origin, feeds, and what is remembered of visits.

The pages and feeds in tests/data/web were written for this, one style of markup each.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index.archive import Archive, Outcome
from index.errors import SourceError, UsageError
from index.ingest import Item, Report, Unchanged, ingest
from index.schema import Article, Visit
from index.sources import confined
from index.web.feeds import listed
from index.web.gathering import Gatherer
from service.ingest_cli import ingest_paths
from tests.embedders import HashingEmbedder
from tests.web import Site, fetcher, reply, site

DATA = Path(__file__).parent / "data" / "web"
MEDIA = {
    ".html": "text/html",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
    ".rdf": "application/rdf+xml",
    ".opml": "text/x-opml",
}


class Shelf:
    """Articles and visits in memory."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.visits: dict[str, Visit] = {}

    def add(self, articles: Sequence[Article]) -> list[Outcome]:
        return [self._put(article) for article in articles]

    def add_all(self, batches: Iterable[Sequence[Article]]) -> Iterator[list[Outcome]]:
        return map(self.add, batches)

    def _put(self, article: Article) -> Outcome:
        old = self.articles.get(article.key)
        self.articles[article.key] = article
        if old is None:
            return "added"
        return "unchanged" if old.fingerprint == article.fingerprint else "changed"

    def note(self, visit: Visit) -> None:
        self.visits[visit.address] = visit

    def visit(self, address: str) -> Visit | None:
        return self.visits.get(address)

    def holds(self, key: str) -> bool:
        return key in self.articles


@pytest.fixture
def here() -> Iterator[Site]:
    with site() as opened:
        for path in DATA.iterdir():
            charset = "; charset=iso-8859-1" if path.name == "latin.html" else ""
            opened[f"/{path.name}"] = reply(body(opened, path.name), MEDIA[path.suffix] + charset)
        yield opened


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def body(here: Site, name: str) -> bytes:
    return (DATA / name).read_bytes().replace(b"{port}", str(here.port).encode())


def run(
    here: Site, shelf: Shelf, *paths: str, retry: timedelta = timedelta(0)
) -> tuple[int, int, int, list[str]]:
    """How many came to which end, and the faults, after one command of its own."""
    gatherer, report = Gatherer(fetcher(here), shelf, retry), Report()
    for path in paths:
        for _ in ingest(gatherer.gather(here.url(path)), shelf, report):
            pass
    return report.added, report.changed, report.unchanged, report.failed


def only(here: Site, path: str) -> Article:
    items = list(Gatherer(fetcher(here), Shelf()).gather(here.url(path)))
    (article,) = (item for item in items if isinstance(item, Article))
    return article


def fault(here: Site, path: str) -> str:
    (item,) = Gatherer(fetcher(here), Shelf()).gather(here.url(path))
    assert isinstance(item, SourceError), item
    return str(item)


DATES: list[tuple[str, date | None, str | None]] = [
    ("opengraph", date(2024, 3, 11), "meta"),
    ("graph", date(2022, 8, 25), "JSON-LD"),
    ("related-first", date(2021, 11, 30), "JSON-LD"),
    ("late-evening", date(2023, 5, 16), "JSON-LD"),
    ("pubdate", date(2019, 7, 21), "time element"),
    ("microdata", date(2023, 2, 9), "microdata"),
    ("dublin-core", date(2022, 12, 14), "meta"),
    ("parsely", date(2024, 1, 18), "meta"),
    ("sailthru", date(2020, 6, 5), "meta"),
    ("rfc", date(2023, 11, 7), "meta"),
    ("entry-date", date(2021, 4, 24), "time element"),
    ("address", date(2021, 2, 8), "web address"),
    ("byline", date(2023, 11, 7), "by-line"),
    ("svensk", date(2023, 3, 14), "by-line"),
    ("amp", date(2025, 9, 10), "meta"),
    ("hidden", date(2024, 10, 1), "meta"),
    ("changed-only", None, None),
    ("undated", None, None),
    ("feed-only", None, None),
    ("foreign-canonical", None, None),
    ("latin", None, None),
]


@pytest.mark.parametrize(("name", "published", "origin"), DATES, ids=[row[0] for row in DATES])
def test_a_page_is_dated_by_what_it_says_and_never_by_when_it_was_fetched(
    here: Site, name: str, published: date | None, origin: str | None
) -> None:
    article = only(here, f"/{name}.html?utm_source=test")
    assert (article.published, article.published_from) == (published, origin)
    assert article.fetched is not None
    assert datetime.now(UTC) - article.fetched < timedelta(minutes=1)
    assert len(article.text) > 150 and "Home" not in article.text
    assert article.title and article.title not in article.text.split("\n")


def test_other_facts_of_pages(here: Site) -> None:
    first = only(here, "/opengraph.html")
    assert (first.title, first.outlet, first.author) == (
        "Tram line 6 opens two years late", "City Courier", "Nils Ek",
    )  # fmt: skip
    assert (first.url, first.name, first.language) == (here.url("/opengraph.html"),) * 2 + ("en",)
    assert first.key == f"https://127.0.0.1:{here.port}/opengraph.html"
    assert only(here, "/graph.html").author == "Ruth Hale"
    assert only(here, "/undated.html").outlet is None  # a date in the copyright is no name
    assert only(here, "/svensk.html").language == "sv"
    assert "Brücke über den Fluß" in only(here, "/latin.html").text
    assert only(here, "/foreign-canonical.html").url == here.url("/foreign-canonical.html")
    assert "CANARY" not in str(only(here, "/hidden.html"))


def test_a_charset_that_is_told_wrong_does_no_harm(here: Site) -> None:
    here["/svensk.html"] = reply(body(here, "svensk.html"), "text/html; charset=iso-8859-1")
    assert "Färjan" in only(here, "/svensk.html").text
    here["/x"] = reply("Brücke über den Fluß. ".encode("latin-1") * 9, "text/plain; charset=utf-99")
    assert "is not utf-99" in fault(here, "/x")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/login.html", "has no article text"),
        ("/script-only.html", "has no article text"),
        ("/refresh.html", "has no article text"),
        ("/nothing", "no such page"),
        ("/empty", "is empty"),
        ("/huge", "is larger than 2 MB"),
        ("/pdf", "is no PDF that can be read"),
        ("/word", "is no Word file"),
        ("/bomb.rss", "declares entities of its own"),
        ("/outside.rss", "declares entities of its own"),
        ("/deep.rss", "nested more than 100 deep"),
        ("/none.rss", "is no feed"),
    ],
)
def test_what_is_no_article_is_one_clear_fault(here: Site, path: str, says: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    here["/empty"] = reply("")
    here["/huge"] = reply("<html><p>" + "a" * 2_000_000)
    here["/pdf"] = reply("%PDF-1.7 and then nothing of the kind", "application/pdf")
    here["/word"] = reply("PK\3\4", word)
    here["/bomb.rss"] = reply(
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]><rss version="2.0"><channel><title>&l9;</title>'
        "</channel></rss>", "text/xml")  # fmt: skip
    here["/outside.rss"] = reply(
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
        "<title>&x;</title></channel></rss>", "text/xml")  # fmt: skip
    here["/deep.rss"] = reply("<rss>" + "<a>" * 100_000, "text/xml")
    here["/none.rss"] = reply("<note>Buy milk.</note>", "text/xml")
    message = fault(here, path)
    assert says in message and "127.0.0.1" in message and len(message) < 300
    assert here.asked == [path]  # nothing else is looked for, refreshed to or loaded


def test_one_article_under_many_addresses_is_one(here: Site, shelf: Shelf) -> None:
    here["/tunnel"] = reply(body(here, "amp.html"))
    here["/tunnel/"] = reply(body(here, "amp.html"))
    here["/tunnel?fbclid=2"] = reply(body(here, "amp.html"))
    assert run(here, shelf, "/amp.html", "/tunnel", "/tunnel/", "/tunnel?fbclid=2#top")[:2] == (
        1,
        0,
    )
    assert list(shelf.articles) == [f"https://127.0.0.1:{here.port}/tunnel"]


def test_a_feed_brings_the_articles_it_links_to(here: Site, shelf: Shelf) -> None:
    added, changed, unchanged, failed = run(here, shelf, "/plain.rss")
    assert (added, changed, unchanged) == (4, 0, 0)
    assert len(failed) == 1 and "login.html: has no article text" in failed[0]
    found = {article.title: article for article in shelf.articles.values()}
    storks = found["Storks nest on the water tower"]
    # The day as the feed wrote it, in its own zone; and the address without its tracking.
    assert (storks.published, storks.published_from) == (date(2024, 4, 20), "feed")
    assert (storks.outlet, storks.author) == ("District Voice", "Vera Lind")
    assert storks.url == here.url("/feed-only.html")
    tram = found["Tram line 6 opens two years late"]
    assert (tram.published, tram.published_from) == (date(2024, 3, 11), "meta")
    ice = found["Ice road opens three weeks late"]
    assert (ice.published, ice.published_from) == (date(2021, 2, 8), "feed")
    pier = found["The pier is saved"]  # the page is gone, but the feed had all of it
    assert "one by one" in pier.text and pier.published == date(2024, 5, 2)


def test_what_a_feed_brought_stays_and_is_not_fetched_again(here: Site, shelf: Shelf) -> None:
    run(here, shelf, "/plain.rss")
    here.heads.clear()
    assert run(here, shelf, "/plain.rss", retry=timedelta(hours=1))[:3] == (0, 0, 4)
    assert here.asked == ["/plain.rss"]  # nor is the failed link tried at once
    here.heads.clear()
    assert run(here, shelf, "/plain.rss")[3]
    assert here.asked == ["/plain.rss", "/login.html"]
    here["/plain.rss"] = reply('<rss version="2.0"><channel><title>Empty</title></channel></rss>')
    run(here, shelf, "/plain.rss")
    assert len(shelf.articles) == 4


def test_what_was_deleted_is_not_brought_back_by_a_feed(here: Site, shelf: Shelf) -> None:
    run(here, shelf, "/atom.xml")
    shelf.articles.clear()
    assert run(here, shelf, "/atom.xml")[0] == 0
    assert run(here, shelf, "/parsely.html")[0] == 1  # but by its own address it is


def test_an_article_that_a_feed_says_has_changed_is_fetched_anew(here: Site, shelf: Shelf) -> None:
    run(here, shelf, "/atom.xml")
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    atom = body(here, "atom.xml").replace(b"2024-01-19T08:00:00+01:00", later.encode())
    here["/atom.xml"] = reply(atom, "application/atom+xml")
    here["/parsely.html"] = reply(body(here, "parsely.html").replace(b"two sleeping", b"six"))
    assert run(here, shelf, "/atom.xml")[:3] == (0, 1, 1)
    assert "with six cars" in shelf.articles[f"https://127.0.0.1:{here.port}/parsely.html"].text


def tagged(here: Site, whole: bytes, etag: str) -> Callable[[socket.socket], None]:
    """Sends the whole only to those who do not have it."""

    def send(connection: socket.socket) -> None:
        known = f"If-None-Match: {etag}\r\n" in here.heads[-1]
        connection.sendall(reply(status=304) if known else whole)

    return send


def test_feeds_and_pages_are_asked_for_only_if_they_have_changed(here: Site, shelf: Shelf) -> None:
    since = "Mon, 01 Jan 2024 00:00:00 GMT"
    whole = reply(body(here, "atom.xml"), "application/atom+xml", ETag='"a1"', Last_Modified=since)
    here["/atom.xml"] = tagged(here, whole, '"a1"')
    page = reply(body(here, "rfc.html"), ETag='W/"p1"')
    here["/rfc.html"] = tagged(here, page, 'W/"p1"')
    assert run(here, shelf, "/atom.xml", "/rfc.html")[:3] == (3, 0, 0)
    assert run(here, shelf, "/atom.xml", "/rfc.html")[:3] == (0, 0, 2)
    assert f"If-Modified-Since: {since}" in here.heads[-2]
    shelf.articles.clear()
    assert run(here, shelf, "/rfc.html")[0] == 1  # deleted here, so it is asked for in full


def test_a_feed_with_a_fault_is_read_in_full_next_time(here: Site, shelf: Shelf) -> None:
    whole = reply(body(here, "atom.xml"), "application/atom+xml", ETag='"a1"')
    here["/atom.xml"] = tagged(here, whole, '"a1"')
    here["/parsely.html"] = reply("busy", status=500)
    assert run(here, shelf, "/atom.xml")[0] == 1
    here["/parsely.html"] = reply(body(here, "parsely.html"))
    assert run(here, shelf, "/atom.xml")[:3] == (1, 0, 1)


def test_a_visit_is_noted_only_after_its_article_is_stored(here: Site) -> None:
    class Full(Shelf):
        def add(self, articles: Sequence[Article]) -> list[Outcome]:
            raise OSError("no space left")

    full = Full()
    with pytest.raises(OSError, match="no space"):
        run(here, full, "/atom.xml")
    assert full.visits == {}


def test_old_and_broken_feeds_are_read_as_far_as_they_go(here: Site, shelf: Shelf) -> None:
    assert run(here, shelf, "/old.rdf", "/broken.rss")[:3] == (2, 0, 0)
    storks, fish = shelf.articles.values()
    assert (storks.published, storks.outlet) == (date(2024, 4, 21), "Archive Wire")
    assert (fish.published, fish.published_from) == (date(2023, 11, 7), "meta")


def test_a_list_of_feeds_brings_all_of_them(here: Site, shelf: Shelf, tmp_path: Path) -> None:
    assert run(here, shelf, "/feeds.opml")[:3] == (3, 0, 0)
    addresses = tmp_path / "feeds.txt"
    addresses.write_text(f"# mine\n{here.url('/old.rdf')} # old\n\n{here.url('/atom.xml')}\n")
    for name in ("feeds.opml", "atom.xml"):
        (tmp_path / name).write_bytes(body(here, name))
    for path, count in ((addresses, 3), (tmp_path / "feeds.opml", 3), (tmp_path / "atom.xml", 2)):
        counts = ingest_paths([str(path)], Shelf(), fetcher=fetcher(here))
        assert (counts["added"], counts["failed"]) == (count, [])


def test_a_list_in_a_list_does_not_go_round_for_ever(here: Site, shelf: Shelf) -> None:
    outline = f'<outline xmlUrl="{here.url("/loop.opml")}"/>'
    here["/loop.opml"] = reply(f"<opml><body>{outline}</body></opml>", "text/xml")
    run(here, shelf, "/loop.opml")
    assert len(here.heads) == 2


def test_one_bad_address_does_not_keep_the_others_out(here: Site, tmp_path: Path) -> None:
    shelf = Shelf()
    note = tmp_path / "note.txt"
    note.write_text("The ferry leaves at noon, and it does not come back before Sunday evening.")
    paths = [here.url("/nothing"), str(note), "http://10.0.0.1/", here.url("/rfc.html")]
    counts = ingest_paths(paths, shelf, fetcher=fetcher(here))
    assert (counts["added"], len(counts["failed"])) == (2, 2)
    with pytest.raises(UsageError, match="only files"):
        ingest_paths(paths, shelf)


def test_a_text_of_addresses_is_a_list_and_others_are_not() -> None:
    assert listed("\ufeffhttps://a.org/x # one\n# two\n\nhttp://b.org/") == [
        "https://a.org/x", "http://b.org/",
    ]  # fmt: skip
    for text in ("", "# nothing", "https://a.org/x\nand words", "ftp://a.org/"):
        assert listed(text) is None


def test_the_archive_remembers_visits(tmp_path: Path) -> None:
    visit = Visit("https://a.org/x", datetime(2024, 5, 1, 12, tzinfo=UTC), "k", '"e"', "when")
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert archive.visit("https://a.org/x") is None and not archive.holds("k")
        archive.note(Visit("https://a.org/x", visit.checked, fault="gone"))
        archive.note(visit)
    with Archive(tmp_path, HashingEmbedder()) as archive:
        assert archive.visit("https://a.org/x") == visit
        archive.add([Article("k", "n", "The text of it.")])
        assert archive.holds("k")


def test_items_are_counted_as_what_they_are(shelf: Shelf) -> None:
    now = datetime.now(UTC)
    items: list[Item] = [Article("k", "n", "The text."), Unchanged("b"), SourceError("no"),
                         Visit("a", now, "k")]  # fmt: skip
    report = Report()
    for _ in ingest(items, shelf, report):
        pass
    assert (report.added, report.unchanged, report.failed, report.seen) == (1, 1, ["no"], 3)
    assert shelf.visits["a"].key == "k"


def test_the_child_that_reads_is_replaced_when_it_fails() -> None:
    page = b"<html><body><article>" + b"<p>The ferry leaves at noon, they say. " * 9
    impatient = confined.Reader({"html": 0.0, "pdf": 5.0})
    try:
        assert "draft" in impatient.ask("html", page)  # a child that is new gets time to start
        slow = b"<html><body>" + b"<p><b>a</b></p>" * 12_000
        with pytest.raises(SourceError, match="longer than 0 seconds"):
            impatient.ask("html", slow)
        assert "draft" in impatient.ask("html", page)
    finally:
        impatient.close()
