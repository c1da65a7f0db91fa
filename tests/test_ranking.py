"""What ranks passages: words by passage, features, and the weights that come with the package."""

import json
from datetime import date
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import forward
from index.clauses import parts
from index.features import FEATURES, Pool, feature_matrix, z_scores
from index.ranking import NAMES, complete, scores
from index.schema import Article, ArticleStub, Passage, PassageStub
from index.standing import STANDING, standing
from index.terms import Array, Languages, Table
from index.times import Window, window

ENGLISH = Languages("en", ("en",))
TEXTS = (
    "The harbour was closed. Ferries stayed in port.",
    "Prices of coffee rose. The harbour tunnel was closed in May.",
    "Nothing of the kind happened here.",
)


def found(texts: tuple[str, ...] = TEXTS, **of: object) -> list[tuple[Passage, Article]]:
    articles = [
        Article(f"k{n}", f"{n}", text, language="en", **of)  # type: ignore[arg-type]
        for n, text in enumerate(texts)
    ]
    return [(Passage(f"p{a.name}", a.id, 0, len(a.text), a.text), a) for a in articles]


def numbered(among: list[tuple[Passage, Article]]) -> forward.Rows:
    return forward.rows([forward.row(*pair) for pair in among])


def table(question: str, among: list[tuple[Passage, Article]]) -> Table:
    return Table(question, ENGLISH, numbered(among), lambda stem, field: 1, 10)


def matrix(
    question: str,
    among: list[tuple[Passage, Article]],
    dense: list[float] | None = None,
    known: list[bool] | None = None,
    outlets: tuple[str, ...] = (),
    wished: Window | None = None,
    glossed: list[bool] | None = None,
) -> dict[str, Array]:
    n = len(among)
    vectors = np.eye(n, 8, dtype=np.float32)
    stubs = [(passage.stub, article.stub) for passage, article in among]
    can = (np.array(each or [default] * n) for each, default in ((known, True), (glossed, False)))
    pool = Pool(stubs, np.array(dense or [0.0] * n), vectors, *can)
    asked = parts(question, outlets)
    values = feature_matrix(asked, table(question, among), pool, wished)
    assert values.shape == (n, len(FEATURES))
    assert np.isfinite(values).all()
    return dict(zip(FEATURES, values.T, strict=True))


def test_words_are_scored_by_passage_and_by_sentence() -> None:
    words = table("harbour tunnel ferries", found())
    everything = words.mask("harbour tunnel ferries")
    body = words.body @ everything
    assert body[0] > 0 and body[1] > 0 and body[2] == 0
    sentences = words.best_sentence(everything)
    assert sentences[1] > sentences[0] > sentences[2] == 0  # two words in one sentence count
    assert words.pairs[1] > 0 == words.pairs[0]


def test_a_part_of_the_question_scores_alone() -> None:
    words = table("coffee prices and ferries", found())
    assert (words.body @ words.mask("ferries")).argmax() == 0
    assert (words.body @ words.mask("coffee prices")).argmax() == 1
    assert not words.mask("unheard of").any()


def test_translations_are_words_of_the_question() -> None:
    swedish = Languages("sv", ("en", "sv"))
    rows = numbered(found(("The tariffs rose.", "x")))
    words = Table("färjor och tullar", swedish, rows, lambda *_: 1, 10)
    scored = words.body @ words.mask("tullar")
    assert scored[0] > scored[1] == 0


def test_what_the_embedder_cannot_read_has_no_say() -> None:
    values = matrix("harbour", found(), [0.9, 0.1, 0.5], [False, True, True])
    assert values["dense"] == pytest.approx([0.0, -1.0, 1.0])
    none = matrix("harbour", found(), [0.9, 0.1, 0.5], [False] * 3)
    assert not none["dense"].any() and not none["feedback"].any()


def test_meaning_weighs_by_itself_where_it_is_read_from_a_gloss() -> None:
    values = matrix("harbour", found(), [0.9, 0.1, 0.5], glossed=[True, True, False])
    assert values["dense, glossed"].tolist() == [*values["dense"][:2], 0]
    assert not matrix("harbour", found(), [0.9, 0.1, 0.5])["feedback, glossed"].any()


def test_outlets_and_dates_that_are_named_count() -> None:
    day = window("January 2, 2020", date(2020, 6, 1))
    assert day is not None
    among = found(TEXTS[:1], outlet="The Post", published=day.since) + found(TEXTS[1:])
    text = "What did The Post write of the harbour on January 2, 2020?"
    values = matrix(text, among, outlets=("the post",))
    for name in ("outlet", "date", "outlet and date"):
        assert values[name].tolist() == [1, 0, 0], name
    assert not matrix("harbour", among, outlets=("the post",))["outlet"].any()
    assert matrix("harbour", among, wished=day)["date"].tolist() == [1, 0, 0]


@given(st.lists(st.floats(-1e3, 1e3), max_size=9), st.data())
def test_z_scores(values: list[float], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    scaled = z_scores(np.array(values), np.array(chosen, bool))
    assert np.isfinite(scaled).all()
    assert not scaled[~np.array(chosen, bool)].any()
    assert scaled.sum() == pytest.approx(0, abs=1e-6)


@given(
    st.text("harbou tnl.\n”", max_size=60),
    st.lists(st.text("harbou tnl. ", max_size=40), max_size=5),
)
def test_any_text_has_finite_features(question: str, texts: list[str]) -> None:
    if texts:
        matrix(question, found(tuple(texts)))


def test_the_weights_fit_the_features() -> None:
    stored = json.loads(files("index").joinpath("weights", "ranking.json").read_text("utf-8"))
    assert set(stored["weights"]) == set(NAMES) and set(stored["first"]) == set(FEATURES)
    assert scores(np.eye(len(NAMES))).tolist() == [stored["weights"][name] for name in NAMES]
    for name in ("outlet", "date", "dense", "clause sentence"):
        assert stored["first"][name] > 0, name


def stubs(*places: tuple[str, str, int]) -> list[tuple[PassageStub, ArticleStub]]:
    """Passages by article, outlet and beginning."""
    return [
        (PassageStub(f"{n}", a, at, at + 9), ArticleStub(a, outlet, None, None, "en"))
        for n, (a, outlet, at) in enumerate(places)
    ]


def standings(order: list[float], named: list[float]) -> dict[str, list[float]]:
    among = stubs(("a", "Post", 0), ("a", "Post", 900), ("b", "Post", 0), ("c", "Mail", 0))
    values = standing(np.array(order), among, np.array(named))
    return dict(zip(STANDING, values.T.tolist(), strict=True))


def test_a_passage_stands_among_those_of_its_article_and_its_outlet() -> None:
    found = standings([3.0, 1.0, 2.0, 0.0], [1.0, 1.0, 1.0, 0.0])
    assert found["order: best of article"] == [3, 3, 2, 0]
    assert found["order: first in article"] == [1, 0, 1, 1]
    assert np.expm1(found["order: rank in named outlet"]) == pytest.approx([0, 2, 1, 0])
    assert np.expm1(found["order: rank"]) == pytest.approx([0, 2, 1, 3])
    assert np.expm1(found["order: rank of article"]) == pytest.approx([0, 0, 1, 2])
    assert np.expm1(found["order: rank of article in named outlet"]) == pytest.approx([0, 0, 1, 0])
    assert found["order: first in named outlet"] == [1, 0, 0, 0]
    assert found["order: behind best of named outlet"] == [0, -2, -1, 0]
    assert found["order: neighbours"] == [1, 3, 0, 0]


@given(st.permutations(range(4)), st.lists(st.floats(-9, 9), min_size=4, max_size=4))
def test_standing_does_not_depend_on_the_order_of_the_candidates(
    order: list[int], values: list[float]
) -> None:
    if len(set(values)) < 4:  # equals are told apart by their place
        return
    among = stubs(("a", "Post", 0), ("a", "Post", 900), ("b", "Post", 0), ("c", "Mail", 0))
    named = np.array([1.0, 1.0, 1.0, 0.0])
    one = standing(np.array(values), among, named)
    moved = standing(np.array(values)[order], [among[n] for n in order], named[order])
    assert moved == pytest.approx(one[order])


def test_what_an_outlet_changes_is_nothing_without_one() -> None:
    among = found(TEXTS[:1], outlet="The Post") + found(TEXTS[1:])
    text = "What did The Post write of the harbour?"
    named, bare = matrix(text, among, outlets=("the post",)), matrix(text, among)
    assert named["dense, outlet named"] == pytest.approx(named["dense"])
    assert named["body, outlet named"].any() and not bare["body, outlet named"].any()


def test_a_clause_that_one_passage_alone_suits_shows_in_its_rank() -> None:
    text = "How far did the prices of coffee rise, and why was the harbour tunnel closed in May?"
    values = matrix(text, found())
    assert values["rank for a clause"][1] == 0 < values["rank for a clause"][2]
    assert not matrix("harbour", found())["rank for a clause"].any()


def test_all_features_of_any_candidates_are_finite() -> None:
    values = np.stack([*matrix("harbour tunnel", found()).values()], axis=1)
    among = [(passage.stub, article.stub) for passage, article in found()]
    assert complete(values, among).shape == (3, len(NAMES))
    assert np.isfinite(complete(values[:1], among[:1])).all()
