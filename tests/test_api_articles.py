"""Articles over HTTP: listed, got, taken in, deleted, and opened where they were cited."""

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from index.archive import Archive
from service import shapes
from service.intake import to_article
from service.printing import article_text
from tests.fakes import BUDGET, LETTER, cite


def test_articles_are_listed_without_and_got_with_their_texts(client: TestClient) -> None:
    listed = client.get("/v1/articles").json()
    assert listed["total"] == 2
    assert [a["article"] for a in listed["articles"]] == ["budget.md", "letter.txt"]
    assert all("text" not in article for article in listed["articles"])
    second = client.get("/v1/articles", params={"limit": 1, "offset": 1}).json()["articles"]
    assert [article["article_id"] for article in second] == [LETTER.id]
    for reference in (BUDGET.id, BUDGET.name, BUDGET.key, "https%3A%2F%2Fexample.org%2Fbudget"):
        article = client.get(f"/v1/articles/{reference}").json()
        assert (article["key"], article["text"]) == (BUDGET.key, BUDGET.text)
        assert article["published_from"] == "front matter"


def test_an_article_arrives_over_http_as_it_was_sent(writer: TestClient, own: Archive) -> None:
    sent = replace(
        BUDGET,
        key="/somewhere/else.md",
        published_from="by-line (line 1)",
        author="Å. Öst",
        published_as="2024-02-20T23:30-05:00",
        updated="2024-02-21",
        updated_from="meta",
        agency="AP",
    )
    assert to_article(shapes.record(sent)) == sent
    reply = writer.post("/v1/articles", json={"articles": [shapes.record(sent)]}).json()
    assert reply["results"] == [{"article": sent.name, "article_id": sent.id, "outcome": "added"}]
    stored = own.get(sent.id)
    assert replace(stored, fetched=None) == sent


@pytest.mark.parametrize(
    ("written", "shown", "precision"),
    [
        ("2024-02", "2024-02", "month"),
        ("2024", "2024", "year"),
        ("2024-02-20T23:30-05:00", "2024-02-20", "minute"),
    ],
)
def test_dates_travel_as_exactly_as_they_are_known(
    writer: TestClient, written: str, shown: str, precision: str
) -> None:
    given = {
        "id": f"at-{written}",
        "text": "The ferry sailed at noon.",
        "agency": "AP",
        "published": written,
        "updated": "2024-12-30",
        "url": "https://example.org/",
    }
    assert writer.post("/v1/articles", json={"articles": [given]}).json()["counts"]["added"] == 1
    found = writer.get(f"/v1/articles/at-{written}").json()
    assert (found["published"], found["published_as"], found["precision"]) == (
        shown, written, precision,
    )  # fmt: skip
    assert (found["published_from"], found["updated_from"]) == ("the user", "the user")
    assert (found["updated"], found["agency"], found["outlet"]) == ("2024-12-30", "AP", None)


def test_bad_articles_are_named_and_the_rest_goes_in(writer: TestClient) -> None:
    good = {"id": "a", "text": "The ferry sailed at noon for the last time.", "outlet": "Quay"}
    bad: list[dict[str, object]] = [
        {},
        {"text": None},
        {"text": ["x"]},
        {"text": " "},
        {"text": "\ud800"},
        {"text": "Fine.", "published": "soon"},
        {"text": "Fine.", "url": "javascript:alert(1)"},
        {"text": "Fine.", "key": 3},
        {"text": "Fine.", "key": "k" * 2001},
        {"text": "Fine.", "key": "\ud800"},
        {"text": "Fine.", "name": "\0"},
        {"text": "Fine.", "published_from": {}},
    ] * 2  # more than are stored at once
    body = json.dumps({"articles": [good, *bad, {**good, "id": "b"}, {**good, "id": "a"}]})
    reply = writer.post("/v1/articles", content=body, headers={"content-type": "application/json"})
    results = reply.json()["results"]
    assert [result["index"] for result in results[1:-2]] == list(range(1, len(bad) + 1))
    assert all(result["error"] for result in results[1:-2])
    assert [result["article"] for result in (results[0], *results[-2:])] == ["a", "b", "a"]
    assert reply.json()["counts"]["failed"] == len(bad)
    again = writer.post("/v1/articles", json={"articles": [good]}).json()
    assert again["counts"] == {"added": 0, "changed": 0, "unchanged": 1, "failed": 0}


def test_an_article_without_an_id_goes_by_its_address_or_its_text(writer: TestClient) -> None:
    plain = {"text": "The ferry sailed at noon for the last time."}
    placed = {**plain, "url": "https://example.org/ferry", "title": "Ferry"}
    first = writer.post("/v1/articles", json={"articles": [plain, placed]}).json()
    again = writer.post("/v1/articles", json={"articles": [plain, placed]}).json()
    assert (first["counts"]["added"], again["counts"]["unchanged"]) == (2, 2)
    assert first["results"][1]["article"] == "Ferry"


@pytest.mark.parametrize(
    "body", [{}, {"articles": {}}, {"articles": [3]}, {"articles": [{"text": "x"}] * 1001}]
)
def test_what_is_no_list_of_articles_is_refused(client: TestClient, body: object) -> None:
    reply = client.post("/v1/articles", json=body)
    assert reply.status_code == 400 and reply.json()["error"]["param"].startswith("articles")


def test_a_deleted_article_is_gone(writer: TestClient) -> None:
    gone = writer.delete("/v1/articles/budget.md").json()
    assert gone == {"article": "budget.md", "article_id": BUDGET.id, "deleted": True}
    assert writer.get(f"/v1/articles/{BUDGET.id}").status_code == 404


def test_a_citation_opens_the_text_it_stood_on(writer: TestClient, own: Archive) -> None:
    place = cite(1, BUDGET, "Taxes rise by 2 percent")
    told = shapes.citation_shape(place)
    corrected = replace(BUDGET, text=BUDGET.text.replace("2 percent", "3 percent"))
    own.add([corrected])
    page = writer.get(told["link"]).text
    assert '<mark id="quote" tabindex="-1">Taxes rise by 2 percent</mark>' in page
    assert "Changed on" in page and "<del>2</del><ins>3</ins>" in page
    old = writer.get(f"/v1/articles/{told['article_id']}", params={"version": told["version"]})
    assert old.json()["text"][told["start"] : told["end"]] == told["quote"]
    newest = writer.get(f"/v1/articles/{BUDGET.id}").json()
    assert newest["text"] == corrected.text
    assert [v["version"] for v in newest["versions"]] == [corrected.version, BUDGET.version]
    (block,) = newest["versions"][0]["changes"]
    assert block[1:3] == [["removed", "2"], ["added", "3"]]
    assert newest["versions"][1]["changes"] is None
    text = article_text(newest)
    assert f"Changed on {newest['fetched'][:10]}:" in text and "[-2-]{+3+} percent" in text
    assert "An earlier version." in article_text(old.json()) and "earlier" not in text


@pytest.mark.parametrize("path", ["/v1/articles/{}", "/articles/{}"])
def test_a_version_that_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    reply = client.get(path.format(BUDGET.id), params={"version": "0" * 16})
    assert reply.status_code == 404 and "no version" in reply.json()["error"]["message"]


def test_the_page_of_an_article_marks_the_place_and_runs_nothing(client: TestClient) -> None:
    place = cite(1, LETTER, "taxes rise")
    page = client.get(f"/articles/{LETTER.id}?start={place.start}&end={place.end}")
    assert page.headers["content-type"].startswith("text/html")
    assert 'id="quote"' in page.text and "<script" not in page.text
