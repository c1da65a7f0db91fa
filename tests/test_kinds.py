"""What kind of thing a question asks for."""

import pytest

from service.kinds import asked_kind

ASKED = {
    "When did it open?": "when",
    "In which year did it open?": "when",
    "What was the hard deadline?": "when",
    "new ferry deadline": "when",
    "ferry leaves when": "when",
    "Who led the council when the bridge fell?": "who",
    "How fast was the train going when it derailed?": "number",
    "How many boats were moved, and where?": "number",
    "What percentage of voters said no?": "number",
    "In which room did they meet?": "where",
    "Which city was hit?": "where",
    "What was it wrapped in when the police found it?": None,
    "Which company bought the mill where she worked?": None,
    "Why was the quay closed?": "why",
    "Vad var orsaken?": None,
    "Var ligger kajen?": "where",
    "Vem ledde mötet när bron föll?": "who",
    "Hur snabbt gick tåget när det spårade ur?": "number",
    "Vilket år öppnade den?": "when",
    "ferry to Norra Udden": None,
}


@pytest.mark.parametrize("question", ASKED)
def test_the_first_word_that_asks_tells_the_kind(question: str) -> None:
    assert asked_kind(question) == ASKED[question]
