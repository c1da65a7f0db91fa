"""Every metric against cases worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from evals.bootstrap import draw_means, interval, means
from evals.case import Case, Evidence
from evals.matching import contains, first_ranks, fold, says, span, without_marks
from evals.metrics import METRICS
from evals.outcome import judge
from evals.result import Account, Cited, Found, Result, decode, encode

SCORE = {metric.name: metric.score for metric in METRICS}
CASE = Case("1", "What did it cost?", facts=(("25 percent", "25%"), ("March 1", "1 March")))
NULL = Case("2", "Who won in 2090?", answerable=False)
GOLD = Case(
    "3", "?", evidence=tuple(Evidence(a, f"Gold {a}.") for a in ("a", "b", "c")), facts=(("x",),)
)


def passages(*rows: str) -> tuple[Found, ...]:
    """From "article: text" each."""
    split = (row.split(": ", 1) for row in rows)
    return tuple(Found(name, f"id-{name}", text, 0, len(text), 0.0) for name, text in split)


def answered(text: str) -> Result:
    return Result("1", "answered", text)


REFUSED = Result("1", "not_in_articles")
# Gold sentences at ranks 2 (b), 5 (a) and nowhere (c); articles x, b, a in this order.
RANKED = Result(
    "3",
    "not_in_articles",
    passages=passages("x: No.", "b: Yes. Gold\nb.", "b: No.", "b: No.", "a: Go ld a. ", "c: Gold."),
)


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("A tariff of 25 percent was set.", "25 PERCENT", True),
        ("A tariff of 25\u00a0percent was set.", "25 percent", True),
        ("A tariff of 25\u202f%.", "25 %", True),
        ("A tariff of 125 percent.", "25 percent", False),
        ("A tariff of 3.25 percent.", "25 percent", False),
        ("It sold 1,500 of them.", "1", False),
        ("It sold 1, then more.", "1", True),
        ("It rose by 25%.", "25%", True),
        ("A loan of US$5 billion.", "$5 billion", True),
        ("The “phase–one” deal.", '"phase-one" deal', True),
        ("It’s over.", "it's over", True),
        ("Trumpism is not a name.", "Trump", False),
        ("said Trump.", "Trump", True),
        ("LE CAFE\u0301", "le café", True),
        ("co\u00adoperation", "cooperation", True),
        ("会谈在北京举行。", "北京", True),
        ("anything", "thing", False),
    ],
)
def test_a_fact_is_said(text: str, form: str, found: bool) -> None:
    assert says(text, form) is found


def test_marks_are_no_part_of_an_answer() -> None:
    assert without_marks("It rose [1], by 5 [2] [13]. In [2018] too.") == (
        "It rose, by 5. In [2018] too."
    )
    assert fold("  A\n\tB ") == "a b"


def test_a_gold_sentence_is_found_but_for_spaces_and_newlines() -> None:
    assert contains("He said:\n“Go   home.” Then", "“Go\nhome.”")
    assert not contains("go home", "Go home")
    assert not contains("Go\thome", "Go home")
    assert span("x Go \n home y", "Go home") == (2, 11)
    assert first_ranks(["b", "z"], ["a", "b", "a b"]) == [2, None]


@pytest.mark.parametrize(
    ("answer", "facts", "right"),
    [
        ("It was 25 % ... no, 25% [1] from 1 March [2].", 1, 1),
        ("It was 25 [1] percent.", 0.5, 0),
        ("It was 25 percent\u200b from\u00a0March\n1.", 1, 1),
        ("It was dear.", 0, 0),
        ("", 0, 0),
    ],
)
def test_facts_found(answer: str, facts: float, right: float) -> None:
    assert SCORE["facts_found"](CASE, answered(answer)) == facts
    assert SCORE["right"](CASE, answered(answer)) == right


def test_right_and_facts_say_nothing_where_there_is_nothing_to_check() -> None:
    assert SCORE["right"](Case("4", "?"), answered("Yes.")) is None
    assert SCORE["facts_found"](NULL, answered("Yes.")) is None
    told = replace(REFUSED, answer="25 percent, 1 March")
    assert SCORE["right"](CASE, told) == 0  # a refusal is none the better for its words


@pytest.mark.parametrize(
    ("case", "result", "precision", "recall", "wrongful", "right"),
    [
        (NULL, REFUSED, 1, 1, None, 1),
        (NULL, answered("Me."), None, 0, None, 0),
        (CASE, REFUSED, 0, None, 1, 0),
        (CASE, answered("25% on March 1"), None, None, 0, 1),
    ],
)
def test_refusals(
    case: Case,
    result: Result,
    precision: float | None,
    recall: float | None,
    wrongful: float | None,
    right: float,
) -> None:
    names = ("refusal_precision", "refusal_recall", "refused_answerable", "right")
    scores = [SCORE[name](case, result) for name in names]
    assert scores == [precision, recall, wrongful, right]


@pytest.mark.parametrize(("exact", "share"), [([True] * 3, 1), ([True, False], 0.5), ([], None)])
def test_exactness_of_citations(exact: list[bool], share: float | None) -> None:
    cited = tuple(Cited(n, "a", "id", "q", 0, 1, good) for n, good in enumerate(exact, start=1))
    assert SCORE["citations_exact"](CASE, replace(REFUSED, citations=cited)) == share


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evidence_recall@1", 0),
        ("evidence_recall@4", 1 / 3),
        ("evidence_recall@10", 2 / 3),
        ("all_evidence@10", 0),
        ("hits@1", 0),
        ("hits@4", 1),
        ("mrr@10", 1 / 2),
        ("map@10", (1 / 2 + 1 / 5) / 3),
        ("article_recall@1", 0),
        ("article_recall@4", 1),  # x, b, a, c: four distinct articles among six passages
        ("article_hit@1", 0),
        ("article_hit@4", 1),
    ],
)
def test_ranked_passages(name: str, value: float) -> None:
    assert SCORE[name](GOLD, RANKED) == pytest.approx(value)
    assert SCORE[name](NULL, RANKED) is None
    assert SCORE[name](GOLD, replace(RANKED, passages=())) == 0


def test_gold_beyond_rank_ten_counts_for_nothing() -> None:
    late = replace(RANKED, passages=passages(*["x: No."] * 10, "a: Gold a."))
    for name in ("evidence_recall@10", "hits@10", "mrr@10", "map@10"):
        assert SCORE[name](GOLD, late) == 0
    one = replace(GOLD, evidence=GOLD.evidence[:1])
    assert SCORE["all_evidence@10"](one, replace(late, passages=late.passages[1:])) == 1
    assert SCORE["article_hit@4"](one, late) == 1  # the second distinct article


def test_two_gold_sentences_in_one_passage() -> None:
    both = replace(RANKED, passages=passages("a: Gold a. Gold b. Gold c.", "b: Gold b."))
    assert SCORE["map@10"](GOLD, both) == 1
    assert SCORE["all_evidence@1"](GOLD, both) == 1


def test_articles_go_by_name_or_id() -> None:
    for name in ("a", "id-a"):
        case = replace(GOLD, evidence=(Evidence(name),))
        assert SCORE["article_hit@1"](case, replace(RANKED, passages=passages("a: Text"))) == 1
        assert SCORE["evidence_recall@1"](case, RANKED) is None  # no gold sentence to look for


def test_length_and_time() -> None:
    timed = replace(answered("It rose. [1] By 5. [2]"), seconds={"retrieve": 0.25, "answer": 0.5})
    assert SCORE["words"](CASE, timed) == 4
    assert SCORE["words"](CASE, REFUSED) is None
    assert SCORE["words"](CASE, answered("")) == 0
    assert [SCORE[name](CASE, timed) for name in ("retrieve", "answer", "total")] == [
        0.25,
        0.5,
        0.75,
    ]
    assert SCORE["total"](CASE, REFUSED) is None


@pytest.mark.parametrize(
    ("case", "result", "outcome"),
    [
        (CASE, answered("25% on March 1"), "right"),
        (CASE, REFUSED, "wrongly refused"),
        (CASE, answered("No."), "facts missing"),
        (NULL, REFUSED, "right"),
        (NULL, answered("Me."), "answered what cannot be answered"),
        (GOLD, replace(RANKED, status="answered"), "not retrieved"),
        (
            replace(GOLD, evidence=GOLD.evidence[:1]),
            replace(RANKED, status="answered"),
            "retrieved too low",
        ),
        (
            replace(GOLD, evidence=GOLD.evidence[1:2]),
            replace(RANKED, status="partial"),
            "retrieved but not chosen",
        ),
        (GOLD, Result("3", None, error="Broken"), "failed"),
    ],
)
def test_why_it_went_so(case: Case, result: Result, outcome: str) -> None:
    assert judge(case, result, retrieval_only=False) == outcome


def test_why_retrieval_went_so() -> None:
    assert judge(NULL, RANKED, retrieval_only=True) == "nothing to check"
    assert judge(GOLD, RANKED, retrieval_only=True) == "not retrieved"
    low = replace(GOLD, evidence=GOLD.evidence[:2])
    assert judge(low, RANKED, retrieval_only=True) == "right"


def test_intervals_are_repeatable_and_skip_what_is_unknown() -> None:
    scores = np.array([[1.0, np.nan]] * 30 + [[0.0, 1.0]] * 10)
    assert means(scores).tolist() == [0.75, 1.0]
    draws = draw_means(scores)
    assert np.array_equal(draws, draw_means(scores), equal_nan=True)
    low, high = interval(draws[:, 0])
    assert 0.58 < low < 0.66 and 0.84 < high < 0.91  # 0.75 -+ 1.96 * sqrt(0.75 * 0.25 / 40)
    assert interval(draws[:, 1]) == (1, 1)


APART = Case(
    "4",
    "How many?",
    facts=(("7 people",), ("12 people",)),
    evidence=(Evidence("a"), Evidence("b")),
    differs=True,
)
CITED = tuple(Cited(n, name, name, "", 0, 0) for n, name in enumerate("ab", 1))
EARLIER = (Account(1, "12 people", "first"), Account(2, "7 people", "earlier"))
ALSO = (Account(1, "12 people", "first"), Account(2, "12 people", "same"))


@pytest.mark.parametrize(
    ("accounts", "stated", "alarm"),
    [
        (EARLIER, 1.0, 1.0),
        (EARLIER[::-1], 1.0, 1.0),
        (ALSO, 0.0, 0.0),
        ((), 0.0, 0.0),
        ((EARLIER[0], Account(2, "9 people", "differs")), 0.0, 1.0),  # not what it says
        ((EARLIER[0], replace(EARLIER[1], number=1)), 0.0, 1.0),  # one citation for both
    ],
)
def test_differences(accounts: tuple[Account, ...], stated: float, alarm: float) -> None:
    result = Result("4", "answered", "x", CITED, accounts=accounts)
    assert SCORE["differences_stated"](APART, result) == stated
    assert SCORE["false_alarms"](APART, result) is None
    alike = replace(APART, differs=False)
    assert SCORE["false_alarms"](alike, result) == alarm
    assert SCORE["differences_stated"](alike, result) is None
    assert SCORE["differences_stated"](CASE, result) is None


def test_facts_of_the_first_sentence() -> None:
    score = SCORE["facts_first"]
    assert score(CASE, answered("It is 25 percent. [1] From March 1. [2]")) == 0.5
    assert score(CASE, answered("Since March 1 it is 25%. [1]")) == 1.0
    assert score(CASE, REFUSED) == 0.0
    assert score(NULL, REFUSED) is None


def test_the_bare_answer() -> None:
    one = replace(CASE, facts=(("25 percent", "25%"),))
    told = Result("1", "answered", "It is about 25 percent now. [1]", bare="about 25 percent")
    assert SCORE["bare_right"](one, told) == 1
    assert SCORE["bare_f1"](one, told) == pytest.approx(2 * 2 / (3 + 2))
    assert SCORE["bare_right"](one, replace(told, bare="now")) == 0
    assert SCORE["bare_f1"](one, replace(told, bare="now")) == 0
    for none in (replace(told, bare=None), REFUSED):
        assert SCORE["bare_right"](one, none) == SCORE["bare_f1"](one, none) == 0
    assert SCORE["bare_right"](CASE, told) is None  # two facts: no few words say both
    assert SCORE["bare_right"](NULL, REFUSED) is None
    assert decode(encode(told)) == told and b"bare" not in encode(REFUSED)


def test_cost_and_language() -> None:
    quotes = Result("c", "answered", "Priset steg med två procent. [1]")
    modelled = replace(quotes, tokens={"prompt": 812, "reply": 23})
    case = Case("c", "Hur mycket steg priset?", language="sv")
    assert SCORE["prompt tokens"](case, modelled) == 812
    assert SCORE["reply tokens"](case, modelled) == 23
    assert SCORE["prompt tokens"](case, quotes) is None
    assert SCORE["passages"](case, quotes) == 0
    assert decode(encode(modelled)) == modelled and b"tokens" not in encode(quotes)
    assert SCORE["in_language"](case, quotes) == 1
    assert SCORE["in_language"](replace(case, language=None), quotes) is None
    english = Cited(1, "a.md", "id", "Prices rose.", 0, 12, language="en")
    told = Result("c", "answered", "Prices rose by two percent in March. [1]", (english,))
    assert SCORE["in_language"](case, told) == 0
