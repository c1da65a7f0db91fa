"""Drafts that a reader has to confirm: kept only if it finds the answer, twins if it finds none."""

from collections.abc import Sequence

from evals import drafting
from evals.drafting import confirming
from index.schema import Article
from service.reader import Reading

TEXT = (
    "Norway rejected the offer of the Faroese ministry, Ada Berg wrote later. "
    "The new hall in Oslo will cost about 9 million pounds and should open soon. "
    "Sales have fallen sharply in the last two months of the year. "
    "It will send them the first forty tonnes of it in May. "
    "The ministry of Norway regrets the decision of the hall in Turin very much indeed."
)
ARTICLE = Article("k", "k.txt", TEXT, "Title", language="en")
OTHER = Article(
    "o", "o.txt", "The two men met in Lisbon. They had come from Halden.", language="en"
)


class Finds:
    """Finds this text in passages when the question has this word; nothing otherwise."""

    def __init__(self, answer: str, word: str = "") -> None:
        self.answer, self.word = answer, word

    def read(self, question: str, passages: Sequence[str], ranges: object = None) -> list[Reading]:
        at = [text.find(self.answer) if self.word in question else -1 for text in passages]
        return [
            Reading(n, n + len(self.answer), 5.0, 0.9) if n >= 0 else Reading(0, 0, -5.0, 0.1)
            for n in at
        ]


def asked(article: Article = ARTICLE) -> dict[str, str]:
    """The questions that take a reader, and their answers."""
    proposals = drafting.propose(article)
    return {p.question: p.answer[0] for p in proposals if p.kind in confirming.KINDS}


def test_questions_are_turned_from_plain_sentences_about_a_name_or_an_amount() -> None:
    assert asked() == {
        "Who rejected the offer of the Faroese ministry?": "Norway",
        "How much will the new hall in Oslo cost?": "9 million pounds",
    }
    assert asked(Article("s", "s", TEXT, language="sv")) == {}


def test_only_what_the_reader_finds_is_drafted() -> None:
    def kinds(reader: Finds | None) -> set[str]:
        return {case.type for case in drafting.draft([ARTICLE, OTHER], 40, 1, reader)}

    assert not {"who", "how-much"} & kinds(None)
    assert not {"who", "how-much"} & kinds(Finds("Ada Berg"))
    assert {"who", "how-much"} & kinds(Finds("Norway")) == {"who"}
    assert {"who", "how-much"} & kinds(Finds("about 9 million pounds and")) == {"how-much"}


def test_a_twin_is_drafted_only_if_the_reader_finds_no_answer_to_it() -> None:
    def twins(reader: Finds) -> list[str]:
        cases = drafting.draft([ARTICLE, OTHER], 40, 1, reader)
        return [
            case.question
            for case in cases
            if not case.answerable and "will the new hall" in case.question
        ]

    assert twins(Finds("9 million pounds", "Oslo")) != []
    assert twins(Finds("9 million pounds", "hall")) == []
