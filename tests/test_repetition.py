"""What a model says again is said once; a sentence that goes round in circles is stopped."""

from collections.abc import AsyncGenerator, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.schema import Article
from service.checking import support
from service.model_answerer import ModelAnswerer
from service.models import Message, Usage
from service.quotes import QuotesAnswerer
from service.repetition import repeats, stutters
from tests.embedders import HashingEmbedder
from tests.test_answerers import BAKERY, HARBOUR, ScriptedModel, ask, eager, with_model
from tests.test_check_mutations import hit

PLAN = "The harbour board approved a plan of 2.4 million kronor on Tuesday."
BERG = "Chair Ada Berg said the quay would not close before March."
STUTTERS = [
    "The harbour board approved the plan the plan the plan on Tuesday.",
    "The harbour board approved approved approved a plan of 2.4 million kronor.",
    "The harbour board approved a plan, the harbour board approved a plan, the harbour board "
    "approved a plan.",
    "A plan a plan a plan a plan a plan a plan a plan a plan of 2.4 million kronor.",
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("data"), HashingEmbedder()) as opened:
        opened.add(
            [
                Article("h", "harbour.txt", HARBOUR, "Harbour plan", language="en"),
                Article("b", "bakery.txt", BAKERY, "Bread", language="en"),
            ]
        )
        yield opened


@pytest.mark.parametrize("sentence", STUTTERS)
def test_the_same_words_thrice_in_a_row_stop_a_sentence(sentence: str) -> None:
    assert stutters(sentence, HARBOUR)
    assert not support(sentence, [1], [hit(HARBOUR, "en")])


def test_what_the_article_says_thrice_may_be_said_thrice() -> None:
    text = "The crowd shouted no, no, no when the plan of the harbour board was read out."
    assert support("The crowd shouted no no no when the plan was read out.", [1], [hit(text, "en")])


def test_twice_is_no_stutter() -> None:
    assert not stutters("He had had it, and that that was wrong was clear.", "")


@given(st.lists(st.sampled_from("a b c".split()), min_size=1, max_size=6), st.integers(3, 5))
def test_any_row_of_words_that_comes_thrice_is_found(words: list[str], times: int) -> None:
    row = " ".join(words * times)
    assert stutters(f"first {row} last", "")
    assert not stutters(f"first {row} last", f"so {row} it is")


def test_a_sentence_that_says_nothing_new_repeats() -> None:
    assert repeats(PLAN, [BERG, PLAN], "en")
    assert repeats("On Tuesday the board approved a plan of 2.4 million kronor.", [PLAN], "en")
    assert not repeats(PLAN, ["The board approved a plan on Tuesday."], "en")
    assert not repeats(PLAN.replace("2.4", "2.6"), [PLAN], "en")
    assert not repeats(BERG.replace("not ", ""), [BERG], "en")
    assert not repeats("Berg beat Lind.", ["Lind beat Berg."], "en")
    assert not repeats("It is.", [PLAN], "en")


def test_the_answer_says_each_thing_once(archive: Archive) -> None:
    said = f"{PLAN[:-1]} [1]. {BERG[:-1]} [1]. {PLAN[:-1]} [1]. The board approved a plan [1]."
    answer = with_model(archive, said)
    assert [sentence.text for sentence in answer.sentences] == [PLAN, BERG]
    assert answer.dropped == ()
    assert answer.status == "answered"


def test_what_nothing_bears_out_is_dropped_once(archive: Archive) -> None:
    wrong = "Mayor Olof Lind resigned in tears [1]. "
    answer = with_model(archive, f"{PLAN[:-1]} [1]. " + wrong * 3)
    assert len(answer.sentences) == len(answer.dropped) == 1
    assert answer.answerer == "scripted"


class Endless(ScriptedModel):
    """Says one thing for ever."""

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        self.spoken = 0
        while self.spoken < 1000:
            self.spoken += 1
            yield f"{PLAN[:-1]} [1]. "


def test_an_endless_model_is_left(archive: Archive) -> None:
    model = Endless()
    answer = ask(archive, ModelAnswerer(model, QuotesAnswerer(archive, eager())))
    assert [sentence.text for sentence in answer.sentences] == [PLAN]
    assert model.spoken < 10
