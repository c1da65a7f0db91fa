"""What comes in by itself (a watched folder, feeds) and what is sent as a file."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from index.archive import Archive
from index.errors import UsageError
from index.ingest import Item
from index.schema import Article
from service.access import Served
from service.api import create_api
from service.rounds import Folder, Intake, check, rounds
from service.settings import load
from tests.embedders import HashingEmbedder
from tests.fakes import dateline
from tests.serving import running
from tests.test_web import body
from tests.web import drip, reply, site

FERRY = "The ferry leaves at noon, and it does not come back before Sunday evening."
QUARRY = "The quarry on the hill will be filled with water, the owner said on Monday."


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data", HashingEmbedder()) as opened:
        yield opened


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    folder = tmp_path / "watched"
    folder.mkdir()
    return folder


def looked(folder: Folder) -> list[Item]:
    return list(folder.news())


@asynccontextmanager
async def no_gate() -> AsyncIterator[None]:
    yield


async def until(done: Callable[[], bool], seconds: float = 20) -> None:
    started = time.monotonic()
    while not done():
        assert time.monotonic() - started < seconds, "it never came to that"
        await asyncio.sleep(0.01)


def take(archive: Archive, folder: Folder) -> None:
    asyncio.run(Intake(archive, no_gate).once(folder.news))


def test_a_file_is_taken_once_it_has_stopped_growing(archive: Archive, watched: Path) -> None:
    folder, path = Folder(watched, archive), watched / "a.txt"
    path.write_text(FERRY[:20])
    assert looked(folder) == []
    path.write_text(FERRY)
    assert looked(folder) == []  # it has grown since the last look
    take(archive, folder)
    assert archive.get("a.txt").text == FERRY
    assert looked(folder) == looked(Folder(watched, archive)) == []


def test_a_changed_file_is_taken_again_and_a_lost_one_stays(
    archive: Archive, watched: Path
) -> None:
    folder, path = Folder(watched, archive), watched / "a.txt"
    path.write_text(FERRY)
    looked(folder)
    take(archive, folder)
    path.write_text(QUARRY)
    looked(folder)
    take(archive, folder)
    assert archive.get("a.txt").text == QUARRY
    path.unlink()
    take(archive, folder)
    assert archive.get("a.txt").text == QUARRY


def test_a_restart_reads_no_file_again(archive: Archive, watched: Path) -> None:
    (watched / "a.txt").write_text(FERRY)
    first = Folder(watched, archive)
    looked(first)
    take(archive, first)
    archive.delete("a.txt")
    second = Folder(watched, archive)
    looked(second)
    assert looked(second) == []


def test_a_bad_file_is_told_once_and_the_others_come_in(
    archive: Archive, watched: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (watched / "a.txt").write_bytes(b"\0\1\2")
    (watched / "b\n.json").write_text("{")
    (watched / "c.txt").write_text(FERRY)
    folder = Folder(watched, archive)
    looked(folder)
    with caplog.at_level(logging.WARNING):
        take(archive, folder)
        take(archive, folder)
    lines = [record.getMessage() for record in caplog.records if record.name == "service.rounds"]
    assert [line[:20] for line in lines] == ["Not taken in: a.txt:", "Not taken in: b .jso"]
    assert archive.get("c.txt").text == FERRY


def test_a_folder_that_goes_is_told_once(archive: Archive, watched: Path) -> None:
    folder = Folder(watched, archive)
    watched.rmdir()
    (fault,) = looked(folder)
    assert "cannot be read" in str(fault)
    assert looked(folder) == []


def test_nothing_that_goes_wrong_ends_the_rounds(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def news() -> Iterator[Item]:
        tries.append(1)
        raise ZeroDivisionError("unforeseen")
        yield

    async def run() -> None:
        task = asyncio.create_task(Intake(archive, no_gate).forever(news, 0.01))
        await until(lambda: len(tries) > 3)
        assert not task.done()
        task.cancel()

    asyncio.run(run())
    assert "unforeseen" in caplog.text


def test_a_server_watches_and_follows(archive: Archive, watched: Path, tmp_path: Path) -> None:
    with site() as here:
        here["/atom.xml"] = reply(body(here, "atom.xml"), "application/atom+xml")
        for name in ("parsely.html", "undated.html"):
            here[f"/{name}"] = reply(body(here, name))
        feeds = tmp_path / "feeds.txt"
        feeds.write_text(here.url("/atom.xml"))
        whole = dateline(
            archive,
            watch=watched,
            feeds=feeds,
            every="1s",
            fetch_allow="127.0.0.1",
            fetch_ports=str(here.port),
        )

        async def run() -> None:
            async with rounds(whole, no_gate, look=0.02):
                (watched / "a.txt").write_text(FERRY)
                await until(lambda: archive.database.counts()[0] == 3)

        asyncio.run(run())
        found = archive.get(here.url("/parsely.html"))
        # The page has the moment in universal time, the feed with the outlet's own offset.
        assert (found.published, found.published_from) == (date(2024, 1, 18), "feed")


def test_a_stop_waits_for_no_server(archive: Archive, tmp_path: Path) -> None:
    with site({"/": drip(b"HTTP/1.1 200 OK\r\n\r\n")}) as here:
        feeds = tmp_path / "feeds.txt"
        feeds.write_text(here.url("/"))
        whole = dateline(archive, feeds=feeds, fetch_allow="127.0.0.1", fetch_ports=str(here.port))

        async def run() -> float:
            async with rounds(whole, no_gate):
                await until(lambda: bool(here.heads))
                return time.monotonic()

        left = asyncio.run(run())
        assert time.monotonic() - left < 10


def test_only_one_writes_at_a_time(archive: Archive, watched: Path) -> None:
    for number in range(40):
        (watched / f"{number}.txt").write_text(f"{FERRY} That is news number {number}.")
    inside, most = 0, 0

    @asynccontextmanager
    async def gate() -> AsyncIterator[None]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        yield
        inside -= 1

    folder = Folder(watched, archive)
    looked(folder)
    asyncio.run(Intake(archive, gate).once(folder.news))
    assert archive.database.counts()[0] == 40 and most == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"watch": "nowhere"}, "'nowhere' is no folder"),
        ({"feeds": "nowhere"}, "is no file"),
        ({"fetch_ports": "http"}, "DATELINE_FETCH_PORTS"),
    ],
)
def test_wrong_places_are_told_before_anything_is_opened(
    changed: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        check(load(**changed))


@pytest.mark.parametrize("every", ["", "0m", "soon", "1.5h", "-1s", "10"])
def test_how_often_is_a_number_and_a_unit(every: str) -> None:
    with pytest.raises(UsageError, match="DATELINE_EVERY"):
        load(every=every)
    assert load(every="90s").every == "90s"


@pytest.fixture
def client(archive: Archive) -> Iterator[httpx.Client]:
    with running(create_api(dateline(archive))) as url, httpx.Client(base_url=url) as opened:
        yield opened


def test_a_file_is_stored_under_its_name(client: httpx.Client, archive: Archive) -> None:
    pdf = (Path(__file__).parent / "data" / "harbour.pdf").read_bytes()
    told = client.put("/v1/files/harbour.pdf", content=pdf, timeout=60).json()
    assert told["counts"] == {"added": 1, "changed": 0, "unchanged": 0, "failed": 0}
    assert told["results"][0]["article"] == "harbour.pdf"
    article = archive.get("harbour.pdf")
    assert (article.key, article.title) == (
        "upload:harbour.pdf", "Harbour bridge to close for a year",
    )  # fmt: skip
    again = client.put("/v1/files/harbour.pdf", content=pdf, timeout=60).json()
    assert again["counts"]["unchanged"] == 1


def test_a_file_of_many_articles_tells_of_each(client: httpx.Client, archive: Archive) -> None:
    lines = f'{{"id": "a", "text": "{FERRY}"}}\n{{"id": "b"}}\n{{"text": "{QUARRY}"}}\n'
    told = client.put("/v1/files/news.jsonl", content=lines.encode()).json()
    assert told["counts"] == {"added": 2, "changed": 0, "unchanged": 0, "failed": 1}
    assert told["results"][1] == {"index": 1, "error": "news.jsonl line 2: 'text' is missing"}
    assert archive.get("a").key == "upload:news.jsonl#a"


@pytest.mark.parametrize(
    ("name", "data", "status", "says"),
    [
        ("a.txt", b"", 400, "is empty"),
        ("a.txt", b" \n ", 400, "is empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0", 400, "looks binary"),
        ("a.html", b"\x89PNG\r\n\x1a\n\0", 400, "looks binary"),
        ("a.txt", "Sjö på ön".encode("latin-1"), 400, "is not UTF-8"),
        ("a.pdf", b"no pdf", 400, "no PDF"),
        ("a.zip", b"PK", 400, "not a supported type"),
        ("CON", b"x", 400, "not a supported type"),
        ("..", b"x", 404, ""),
        ("..%2fa.txt", b"x", 404, ""),
        ("%2e%2e%5ca.txt", b"x", 400, "name"),
        ("C:%5ca.txt", b"x", 400, "name"),
        (".hidden.txt", b"x", 400, "name"),
        ("a%00.txt", b"x", 400, "name"),
        ("a%0a.txt", b"x", 400, "name"),
        ("a" * 300 + ".txt", b"x", 400, "name"),
        ("a.txt", b"a" * 20_000_001, 413, "20,000,000"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(
    client: httpx.Client, name: str, data: bytes, status: int, says: str
) -> None:
    told = client.put(f"/v1/files/{name}", content=data, timeout=60)
    assert told.status_code == status and set(told.json()) == {"error"}
    message = told.json()["error"]["message"]
    assert says in message and "dateline-" not in message  # the folder it lay in for a moment


def test_through_a_server_is_known_what_it_holds(client: httpx.Client, archive: Archive) -> None:
    archive.add(
        [Article("https://a.org/x?y=1", "x", FERRY), Article("a b", "https://a.org", QUARRY)]
    )
    served = Served(client)
    assert served.holds("https://a.org/x?y=1") and not served.holds("https://a.org/x")
    assert not served.holds("https://a.org")  # the name of another, not a key
    assert served.visit("https://a.org/x") is None


def test_a_name_with_markup_does_no_harm(client: httpx.Client, archive: Archive) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    told = client.put(f"/v1/files/{name.replace('<', '%3C').replace('>', '%3E')}", content=FERRY)
    page = client.get(f"/articles/{told.json()['results'][0]['article_id']}").text
    assert "<img" not in page
    assert archive.get(name).text == FERRY


def test_pages_elsewhere_may_not_send_files(client: httpx.Client) -> None:
    elsewhere = {"origin": "https://evil.example.com"}
    assert client.put("/v1/files/a.txt", content=FERRY, headers=elsewhere).status_code == 403
    assert client.post("/v1/files/a.txt", content=FERRY).status_code == 405
