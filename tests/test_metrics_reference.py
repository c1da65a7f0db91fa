"""The metrics with a published definition against a plain second writing of that definition.

Runs are drawn at random; agreement is asked for to four digits at least.
"""

import re
import string
from collections import Counter
from datetime import date
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.case import Case, Evidence
from evals.metrics import METRICS, risk_coverage
from evals.reference_check import multihop_rag, of_articles
from evals.result import Cited, Found, Result

SCORE = {metric.name: metric.score for metric in METRICS}
DIGITS = 1e-4
GOLD = [f"Gold sentence number {n}." for n in range(5)]

# A run: which gold sentences each passage holds, and of which article it is.
runs = st.lists(st.tuples(st.sets(st.integers(0, 4), max_size=2), st.integers(0, 7)), max_size=14)
golds = st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True)


def case_of(gold: list[int]) -> Case:
    return Case("c", "?", evidence=tuple(Evidence(f"a{n}", GOLD[n]) for n in gold))


def result_of(run: list[tuple[set[int], int]]) -> Result:
    texts = ["Other words.\n" + "  ".join(GOLD[n] for n in sorted(held)) for held, _ in run]
    found = (
        Found(f"a{article}", f"id{article}", text, 0, len(text), 0.0)
        for text, (_, article) in zip(texts, run, strict=True)
    )
    return Result("c", "answered", passages=tuple(found))


@given(golds, runs)
def test_multihop_rag(gold: list[int], run: list[tuple[set[int], int]]) -> None:
    case, result = case_of(gold), result_of(run)
    wanted = multihop_rag([GOLD[n] for n in gold], [passage.text for passage in result.passages])
    for name, value in wanted.items():
        assert SCORE[name](case, result) == pytest.approx(value, abs=DIGITS), name


@given(golds, runs)
def test_article_figures(gold: list[int], run: list[tuple[set[int], int]]) -> None:
    case, result = case_of(gold), result_of(run)
    wanted = of_articles([f"a{n}" for n in gold], [passage.article for passage in result.passages])
    for name, value in wanted.items():
        assert SCORE[name](case, result) == pytest.approx(value, abs=DIGITS), name


@given(golds, runs)
def test_evidence_ndcg(gold: list[int], run: list[tuple[set[int], int]]) -> None:
    case, result = case_of(gold), result_of(run)
    gains, seen = [], set[int]()
    for held, _ in run:
        gains.append(len(held & set(gold) - seen))
        seen |= held & set(gold)
    best = sorted(gains + [1] * (len(gold) - len(seen)), reverse=True)

    def dcg(values: list[int]) -> float:
        return sum(value / log2(rank + 1) for rank, value in enumerate(values[:10], 1))

    score = SCORE["ndcg@10"](case, result)
    assert score == pytest.approx(dcg(gains) / dcg(best), abs=DIGITS)


def normalize_answer(text: str) -> str:
    """As SQuAD's own script has it."""
    text = re.sub(
        r"\b(a|an|the)\b", " ", "".join(c for c in text.lower() if c not in string.punctuation)
    )
    return " ".join(text.split())


def squad_f1(prediction: str, truth: str) -> float:
    said, gold = normalize_answer(prediction).split(), normalize_answer(truth).split()
    same = sum((Counter(said) & Counter(gold)).values())
    if not said or not gold:
        return float(said == gold)
    if same == 0:
        return 0.0
    precision, recall = same / len(said), same / len(gold)
    return 2 * precision * recall / (precision + recall)


words = st.lists(
    st.sampled_from(
        ["The", "a", "25", "percent", "in", "March,", "an", "U.S.", "(tariff)", "rose"]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@given(words, st.lists(words, min_size=1, max_size=3))
def test_squad(answer: str, forms: list[str]) -> None:
    case, result = Case("c", "?", facts=(tuple(forms),)), Result("c", "answered", f"{answer} [1]")
    exact = max(float(normalize_answer(answer) == normalize_answer(form)) for form in forms)
    assert SCORE["exact_match"](case, result) == exact
    f1 = max(squad_f1(answer, form) for form in forms)
    assert SCORE["token_f1"](case, result) == pytest.approx(f1, abs=DIGITS)


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_aurc(answers: list[tuple[int, bool]]) -> None:
    """For each answer: of those at least as sure, how many are wrong? The mean of that."""
    wanted = 0.0
    for sure, _ in answers:
        given_too = [right for other, right in answers if other >= sure]
        wanted += sum(not right for right in given_too) / len(given_too) / len(answers)
    confidence = np.array([sure / 10 for sure, _ in answers])
    right = np.array([float(right) for _, right in answers])
    assert risk_coverage.area(confidence, right) == pytest.approx(wanted, abs=DIGITS)
    twice = np.array([2.0] + [1.0] * (len(right) - 1))  # the first answer drawn twice
    longer = np.append(confidence, confidence[0]), np.append(right, right[0])
    weights = np.array([twice, np.ones(len(right)), np.zeros(len(right))])
    drawn = risk_coverage.areas(confidence, right, weights)
    assert drawn[:2] == pytest.approx([risk_coverage.area(*longer), wanted])
    assert np.isnan(drawn[2])


def test_risk_and_coverage_by_hand() -> None:
    confidence, right = np.array([0.9, 0.8, 0.8, 0.3]), np.array([1.0, 0.0, 1.0, 0.0])
    curve = risk_coverage.curve(confidence, right)
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2])
    # 0 at .9, 1/3 at .8 twice, 1/2 at .3
    assert risk_coverage.area(confidence, right) == pytest.approx((0 + 2 / 3 + 1 / 2) / 4)
    assert np.isnan(risk_coverage.area(np.array([]), np.array([])))
    bins = risk_coverage.calibration(confidence, right)
    assert [(b.n, b.right) for b in bins] == [(1, 0.0), (2, 0.5), (1, 1.0)]
    error = (1 * 0.3 + 2 * 0.3 + 1 * 0.1) / 4
    assert risk_coverage.calibration_error(bins) == pytest.approx(error)
    assert len(risk_coverage.calibration(np.array([1.0]), np.array([1.0]))) == 1


def test_ndcg_by_hand() -> None:
    case = case_of([0, 1, 2])
    both = result_of([(set(), 0), ({0, 1}, 1), ({0}, 2)])  # two new at rank 2, one never
    ideal = 2 / log2(2) + 1 / log2(3)
    assert SCORE["ndcg@10"](case, both) == pytest.approx((2 / log2(3)) / ideal)
    assert SCORE["ndcg@10"](case_of([0, 1]), result_of([({0, 1}, 1)])) == 1
    assert SCORE["ndcg@10"](case, result_of([])) == 0
    assert SCORE["ndcg@10"](Case("n", "?", answerable=False), both) is None
    assert SCORE["article_ndcg@10"](case_of([1]), both) == pytest.approx(1 / log2(3))


def test_short_answers_by_hand() -> None:
    one = Case("1", "?", facts=(("25 percent", "25%"),))
    told = Result("1", "answered", "The 25 percent. [1]")
    assert (SCORE["exact_match"](one, told), SCORE["token_f1"](one, told)) == (1, 1)
    longer = Result("1", "answered", "It rose by 25 percent")
    assert SCORE["exact_match"](one, longer) == 0
    assert SCORE["token_f1"](one, longer) == pytest.approx(2 * 2 / (5 + 2))
    refused = Result("1", "not_in_articles")
    assert (SCORE["exact_match"](one, refused), SCORE["token_f1"](one, refused)) == (0, 0)
    two = Case("2", "?", facts=(("a b",), ("c",)))
    assert SCORE["exact_match"](two, told) is None and SCORE["token_f1"](two, told) is None


def cited(number: int, quote: str, published: date | None = None, exact: bool = True) -> Cited:
    before, after = "Earlier words. ", " Later words of Ida Ek."
    return Cited(
        number, "a.md", "id", quote, 15, 15 + len(quote), exact, before, after,
        "Budget", "The Ledger", published, "en",
    )  # fmt: skip


RISE = "Taxes rise by 2 percent from March 1."
CUT = "The council cuts bus fares in autumn."


def test_supported_citations_by_hand() -> None:
    case = Case("c", "?")
    answer = "Taxes rise by 2 percent. [1] [2] Trains are late. [2] The mayor wept."
    result = Result("c", "answered", answer, (cited(1, RISE), cited(2, CUT)))
    # Of three sentences the first is borne out; of its two citations the second is not needed,
    # and the citation of a sentence that is not borne out is of no use.
    assert SCORE["citation_recall"](case, result) == pytest.approx(1 / 3)
    assert SCORE["citation_precision"](case, result) == pytest.approx(1 / 3)
    verbatim = Result("c", "answered", f"{RISE} [1] {CUT} [2]", (cited(1, RISE), cited(2, CUT)))
    assert SCORE["citation_recall"](case, verbatim) == 1
    assert SCORE["citation_precision"](case, verbatim) == 1
    together = Result(
        "c", "answered", "Taxes rise by 2 percent and the council cuts bus fares. [1] [2]",
        (cited(1, RISE), cited(2, CUT)),
    )  # fmt: skip
    assert SCORE["citation_recall"](case, together) == 1  # neither bears it out by itself
    assert SCORE["citation_precision"](case, together) == 1
    inexact = Result("c", "answered", f"{RISE} [1]", (cited(1, RISE, exact=False),))
    assert SCORE["citation_recall"](case, inexact) == 0
    nowhere = Result("c", "answered", f"{RISE} [7]")
    assert SCORE["citation_recall"](case, nowhere) == 0
    assert SCORE["citation_precision"](case, nowhere) is None
    assert SCORE["citation_recall"](case, Result("c", "not_in_articles")) is None


@pytest.mark.parametrize(
    ("days", "window", "as_of"),
    [
        ([date(2023, 3, 1), date(2023, 6, 1)], 1 / 2, 1),
        ([date(2023, 3, 31), date(2024, 1, 1)], 1 / 2, 1 / 2),
        ([None, date(2023, 2, 1)], 1, 1),  # an undated article counts nowhere
        ([None], None, None),
        ([], None, None),
    ],
)
def test_time(days: list[date | None], window: float | None, as_of: float | None) -> None:
    result = Result("c", "answered", citations=tuple(cited(1, "q", day) for day in days))
    bound = Case(
        "c", "?", since=date(2023, 1, 1), until=date(2023, 3, 31), as_of=date(2023, 12, 31)
    )
    assert SCORE["in_window"](bound, result) == window
    assert SCORE["by_as_of"](bound, result) == as_of
    assert SCORE["in_window"](Case("c", "?"), result) is None
    assert SCORE["by_as_of"](Case("c", "?"), result) is None


@settings(max_examples=50)
@given(golds, runs)
def test_every_share_lies_between_nothing_and_all(
    gold: list[int], run: list[tuple[set[int], int]]
) -> None:
    for metric in METRICS:
        score = metric.score(case_of(gold), result_of(run))
        assert metric.unit != "share" or score is None or 0 <= score <= 1, metric.name
