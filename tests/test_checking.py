"""A sentence passes only if what it says stands where it points."""

from datetime import date

import pytest

from index.schema import Article, Hit, Passage
from service.checking import support, without_marks, worded

TEXT = (
    "The harbour board approved a 2.4 million kronor plan on Tuesday. "
    "Chair Ada Berg said the quay would not close before March. "
    "“We keep the ferries running,” Berg said. "
    "Twelve boats were moved last year. "
    "The bakery beside it opened in 1998."
)
OTHER = "Mayor Olof Lind opposed the plan. He called it far too dear for a town of 9,000."


def hit(text: str, title: str = "The harbour plan") -> Hit:
    article = Article(text[:9], "a.txt", text, title, date(2024, 5, 1), "Kuriren", language="en")
    return Hit(Passage("p", article.id, 0, len(text), text), article, 1.0)


HITS = [hit(TEXT), hit(OTHER)]

TRUE = [
    "The harbour board approved a plan of 2.4 million kronor.",
    "Ada Berg said the quay would not close before March.",
    "Berg said: “We keep the ferries running.”",
    "Last year 12 boats were moved.",
    "The bakery opened in 1998.",
    "Mayor Olof Lind opposed the plan.",
    "Mayor Olof Lind opposed the plan and called it too dear for the town.",
    "Chair Berg said the quay would not close before March.",
    "Ada Berg, who is the chair, said the quay would not close before March.",
    "Twelve boats were moved last year, and the bakery opened in 1998.",
]
FALSE = [
    "The harbour board approved a plan of 2.5 million kronor.",
    "The harbour board rejected every proposal by the ferry company.",
    "Ada Berg said the quay would close before March.",
    "Ada Berg said the quay would not close before May.",
    "Olof Berg said the quay would not close before March.",
    "Berg said: “We keep the boats running.”",
    "Last year 13 boats were moved.",
    "The bakery opened in 1989.",
    "Mayor Olof Lind approved the budget of the orchestra.",
    "It is a fine day.",
    "The harbour board said:",
    "**The harbour board approved a plan of 2.4 million kronor:**",
    "The harbour board approved a 2.4 million kronor plan and Berg resigned.",
    "The harbour board approved a 2.4 million kronor plan, which angered the ferry company.",
    "Mayor Olof Lind opposed the plan but two people were injured.",
    "After the strike ended, the harbour board approved a plan of 2.4 million kronor.",
    "Last year twelve boats were moved while prices doubled.",
]


@pytest.mark.parametrize("sentence", TRUE)
def test_what_stands_there_passes_with_its_place(sentence: str) -> None:
    spans = support(sentence, [1], HITS)
    assert spans
    assert all(span.article.text[span.start : span.end] == span.quote for span in spans)


@pytest.mark.parametrize("sentence", FALSE)
def test_what_does_not_stand_there_is_dropped(sentence: str) -> None:
    assert support(sentence, [1], HITS) == ()


COUNCIL = hit(
    "Chair Ada Berg said the quay would not close before March. Mayor Olof Lind opposed the plan. "
    "Anna Falk, a former mayor of Arvika, praised it."
)


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("Chair Ada Berg said the quay would not close before March.", True),
        ("Chair Berg said the quay would not close before March.", True),
        ("Mayor Ada Berg said the quay would not close before March.", False),
        ("Chair Olof Lind opposed the plan.", False),
        ("Mayor Lind's opposition to the plan: Mayor Lind opposed the plan.", True),
        ("Mayor Anna Falk praised it, a former mayor of Arvika.", True),
    ],
)
def test_a_title_stays_with_whom_it_is_given_to(sentence: str, holds: bool) -> None:
    assert bool(support(sentence, [1], [COUNCIL])) == holds


def test_a_right_sentence_with_a_wrong_number_is_attached_anew() -> None:
    spans = support("Mayor Olof Lind opposed the plan.", [1, 9], HITS)
    assert spans[0].article.text == OTHER


def test_a_number_that_points_nowhere_is_no_error() -> None:
    assert support("The bakery opened in 1998.", [0, 77], HITS)


def test_marks_are_taken_off() -> None:
    assert without_marks("It rained [2][3].") == ("It rained.", [2, 3])
    assert without_marks("It rained.") == ("It rained.", [])


def test_nothing_is_supported_by_nothing() -> None:
    assert support("The bakery opened in 1998.", [1], []) == ()
    assert support("", [1], HITS) == ()


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Berg said: “We keep the ferries running.”", "Berg said: “We keep the ferries running.”"),
        (
            "Berg said: “We are keeping ferries running.”",
            "Berg said: We are keeping ferries running.",
        ),
    ],
)
def test_words_that_are_not_verbatim_lose_their_marks(sentence: str, shown: str) -> None:
    assert worded(sentence, [1], HITS)[0] == shown
    assert worded(sentence, [1], HITS)[1]


def test_a_false_quotation_is_borne_out_by_nothing() -> None:
    sentence = "Berg said: “We keep the boats running.”"
    assert worded(sentence, [1], HITS) == (sentence, ())
