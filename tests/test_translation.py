"""Word translations: what the table knows, and where it keeps silent."""

import gzip

import pytest

from index import translation
from index.lexical import stems
from index.translation import expanded, translated


def likeliest(word: str, source: str, target: str) -> list[str]:
    return [t for stem in stems(word, source) for t, _ in translated(stem, source, target)]


@pytest.mark.parametrize(
    ("word", "source", "target", "other"),
    [
        ("tullar", "sv", "en", "tariffs"),
        ("ränta", "sv", "en", "interest"),
        ("ränta", "sv", "en", "rate"),
        ("regeringen", "sv", "en", "government"),
        ("utrikesminister", "sv", "en", "foreign"),
        ("utrikesminister", "sv", "en", "minister"),
        ("tariffs", "en", "sv", "tullar"),
        ("hospital", "en", "sv", "sjukhus"),
        ("earthquake", "en", "sv", "jordbävning"),
        ("krig", "no", "en", "war"),
        ("krig", "nb", "en", "war"),
        ("police", "en", "no", "politi"),
        ("politi", "da", "en", "police"),
    ],
)
def test_pairs(word: str, source: str, target: str, other: str) -> None:
    assert stems(other, target)[0] in likeliest(word, source, target)


def test_an_unknown_compound_is_its_parts() -> None:
    assert {"hospit", "staff"} <= {*likeliest("sjukhuspersonal", "sv", "en")}
    assert {"export", "tariff"} <= {*likeliest("exporttullar", "sv", "en")}


@pytest.mark.parametrize(
    ("source", "target"), [("sv", "sv"), ("en", "en"), ("sv", "de"), (None, "en"), ("sv", None)]
)
def test_silent_without_a_table(source: str | None, target: str | None) -> None:
    assert translated("tull", source, target) == ()
    assert expanded(["tull"], source, target) == {}


@pytest.mark.parametrize("stem", ["", "xqzzy", "och", "mellan", "42"])
def test_silent_about_what_it_does_not_know(stem: str) -> None:
    assert translated(stem, "sv", "en") == ()


def test_likeliest_first_and_few() -> None:
    for word in ("lag", "tull", "polis"):
        chances = [p for _, p in translated(word, "sv", "en")]
        assert 0 < len(chances) <= 4
        assert chances == sorted(chances, reverse=True)
        assert all(0 < p <= 1 for p in chances)


def test_weights_of_what_to_look_for_besides() -> None:
    weights = expanded(stems("tullar på kaffe", "sv"), "sv", "en")
    assert {"tariff", "coffe"} <= weights.keys()
    assert all(0 < weight <= 1 for weight in weights.values())
    assert weights["coffe"] > dict(translated("kaff", "sv", "en"))["coffe"]


def test_the_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    translated("tull", "sv", "en")
    monkeypatch.setattr(gzip, "decompress", lambda data: pytest.fail("read again"))
    assert translated("tull", "sv", "en")
    assert translation._tables() is translation._tables()
