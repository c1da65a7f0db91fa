"""One wrong word is enough: sentences changed in a digit, date, name, speaker, quotation, negation
or direction are stopped, and true ones written otherwise pass."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.schema import Article, Hit, Passage
from index.sentences import sentence_spans
from service.checking import support

PAIRS = 80
CAUGHT = 72  # of the wrong ones, at least
LOST = 4  # of the true ones, at most


def hit(text: str, language: str) -> Hit:
    article = Article(text[:9], "a.txt", text, language=language)
    return Hit(Passage("p", article.id, 0, len(text), text), article, 1.0)


def judged(column: int) -> dict[str, bool]:
    """Whether each true (0) or wrong (1) sentence passes."""
    sets = json.loads((Path(__file__).parent / "data/check_mutations.json").read_text("utf-8"))
    return {
        pair[column]: bool(support(pair[column], [1], [hit(told["passage"], told["language"])]))
        for told in sets
        for pair in told["pairs"]
    }


def test_wrong_sentences_are_caught() -> None:
    found = judged(1)
    passed = [sentence for sentence, passes in found.items() if passes]
    assert len(found) == PAIRS
    assert len(passed) <= PAIRS - CAUGHT, passed


def test_true_sentences_are_kept() -> None:
    found = judged(0)
    lost = [sentence for sentence, passes in found.items() if not passes]
    assert len(found) == PAIRS
    assert len(lost) <= LOST, lost


ADDED = {
    "en": (
        "{} and the mayor was arrested.", "{} while prices doubled.", "{}, which angered locals.",
        "{} as Lind wept.", "After the strike ended, {}.", "Although rivals objected, {}.",
    ),
    "sv": (
        "{} och borgmästaren greps.", "{} medan priserna fördubblades.",
        "{}, vilket upprörde invånarna.", "{} när Lind grät.",
        "Efter att strejken avslutats, {}.", "Trots att rivaler protesterade, {}.",
    ),
}  # fmt: skip


def test_a_part_that_nothing_bears_out_stops_the_sentence() -> None:
    sets = json.loads((Path(__file__).parent / "data/check_mutations.json").read_text("utf-8"))
    made = [
        (added.format(true.rstrip(".")), told)
        for told in sets
        for true, _ in told["pairs"]
        for added in ADDED[told["language"]]
    ]
    passed = [
        sentence
        for sentence, told in made
        if support(sentence, [1], [hit(told["passage"], told["language"])])
    ]
    assert len(made) == 480
    assert len(passed) <= 5, passed


def test_every_sentence_bears_itself_out() -> None:
    sets = json.loads((Path(__file__).parent / "data/check_mutations.json").read_text("utf-8"))
    for told in sets:
        found = hit(told["passage"], told["language"])
        for start, end in sentence_spans(told["passage"], told["language"]):
            assert support(told["passage"][start:end], [1], [found])


@given(st.text(max_size=60), st.text(max_size=120), st.sampled_from(["en", "sv"]))
def test_no_text_is_too_strange(sentence: str, text: str, language: str) -> None:
    for span in support(sentence, [1], [hit(text, language)]):
        assert span.quote in text
