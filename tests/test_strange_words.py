"""Words that nothing bears out stop a sentence; paraphrase, inflection and the question's words do
not."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding import SentenceTransformerEmbedder
from index.vocabulary import COMMON, RARE, UNKNOWN, listed, place
from service.checking import support
from service.closeness import Closeness
from service.strange_words import strange
from tests.embedders import HashingEmbedder
from tests.test_check_mutations import hit

TEXT = (
    "The city council agreed on Tuesday to raise bus fares by 7 percent from December 1. "
    "Mayor Olof Lind said the rise was regrettable but needed. "
    "Opposition leader Karin Holm withdrew her objections to the plan and asked for a vote."
)
SWEDISH = "Kommunen höjer avgiften för båtplatser i hamnen från maj, enligt nämndens beslut."
MADE_UP = [
    ("The city council agreed to raise {} bus fares by 7 percent.", TEXT, "en"),
    ("Mayor Olof Lind said the {} rise was regrettable but needed.", TEXT, "en"),
    ("Karin Holm {} withdrew her objections to the plan and asked for a vote.", TEXT, "en"),
    ("Kommunen höjer den {} avgiften för båtplatser i hamnen från maj.", SWEDISH, "sv"),
]
WORDS = "flurbish grontled snarvic plimmering quorvade blathrik".split()
TRUE = [
    ("The council agreed to increase bus fares by 7 percent.", TEXT, "en"),
    ("City councillors agreed to raise bus fares by 7 percent.", TEXT, "en"),
    ("Karin Holm gave up her objections to the plan and asked for voting.", TEXT, "en"),
    ("Kommunen höjer avgifterna för båtplatser i hamnen från maj.", SWEDISH, "sv"),
    ("Kommunen beslutade att höja avgiften för båtplatser i hamnen från maj.", SWEDISH, "sv"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "text", "language"), MADE_UP)
def test_a_made_up_word_stops_the_sentence(frame: str, text: str, language: str) -> None:
    honest = frame.format("").replace("  ", " ")
    assert support(honest, [1], [hit(text, language)])
    passed = [word for word in WORDS if support(frame.format(word), [1], [hit(text, language)])]
    assert passed == []


@pytest.mark.parametrize(("sentence", "text", "language"), TRUE)
def test_other_forms_and_common_words_pass(sentence: str, text: str, language: str) -> None:
    assert support(sentence, [1], [hit(text, language)])


def test_the_words_of_the_question_are_no_invention() -> None:
    sentence = "The city council agreed to raise flurbish bus fares by 7 percent."
    asked = "Who raised the flurbish fares?"
    assert support(sentence, [1], [hit(TEXT, "en")], asked=asked)


def test_a_word_of_the_passage_beside_the_place_is_borne_out() -> None:
    text = f"{TEXT} The flurbish was not discussed."
    assert support(
        "The city council agreed to raise bus fares by flurbish.", [1], [hit(text, "en")]
    )


def test_a_model_may_speak_of_its_passages() -> None:
    sentence = (
        "The passage says that the council agreed on Tuesday to raise bus fares by 7 percent."
    )
    assert support(sentence, [1], [hit(TEXT, "en")], Told())


class Told:
    """Knows which words are close."""

    def __init__(self, *close: str) -> None:
        self.close = close
        self.asked: list[str] = []

    def __call__(self, word: str, others: Sequence[str]) -> float:
        self.asked.append(word)
        return 0.9 if word in self.close else 0.1


def test_a_rare_word_has_to_be_close_to_one_of_the_place() -> None:
    sentence = "The city council agreed to raise volcanic bus fares by 7 percent."
    assert support(sentence, [1], [hit(TEXT, "en")])
    assert not support(sentence, [1], [hit(TEXT, "en")], Told())
    assert support(sentence, [1], [hit(TEXT, "en")], Told("volcanic"))


def test_names_figures_and_common_words_are_not_asked_about() -> None:
    told = Told()
    assert support("On Tuesday the council said: fares up 7 percent.", [1], [hit(TEXT, "en")], told)
    assert told.asked == []


@pytest.mark.parametrize("language", [None, "de", "fi", "xx"])
def test_languages_without_lists_are_left_alone(language: str | None) -> None:
    assert not strange(["flurbish"], "ein Satz", "ein Satz", language, Told())


def test_common_words_come_first_in_the_list() -> None:
    assert place("council", "en") < place("withdrew", "en") < RARE
    assert place("the", "en") < COMMON < place("marmot", "en")
    assert place("renegotiated", "en") == RARE
    assert place("flurbish", "en") == UNKNOWN == place("snarvic", "sv")
    assert place("kommunen", "sv") < RARE
    assert listed("sv") and listed("en") and not listed("de") and not listed(None)


@given(st.text(max_size=30), st.sampled_from(["en", "sv", "da"]))
def test_every_word_has_a_place(word: str, language: str) -> None:
    assert 0 <= place(word, language) <= UNKNOWN


def test_another_embedder_is_not_asked() -> None:
    assert Closeness(HashingEmbedder)("volcanic", ["council"]) == 1.0


@pytest.mark.real
def test_the_packaged_encoder_tells_paraphrase_from_invention() -> None:
    embedder = SentenceTransformerEmbedder()
    close = Closeness(lambda: embedder)
    assert close("photo", ["council", "picture"]) > 0.7 > 0.4 > close("photo", ["council", "bus"])
    assert close("photo", []) == -1.0
    sentence = "The city council agreed to raise {} bus fares by 7 percent."
    for word in ("orchestral", "volcanic", "flurbish"):
        assert not support(sentence.format(word), [1], [hit(TEXT, "en")], close)
    for word in ("municipal", "urban"):
        assert support(sentence.format(word), [1], [hit(TEXT, "en")], close)
