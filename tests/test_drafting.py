"""Questions drafted from articles: from clear sentences only, each with its evidence."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from evals import corpus, drafting
from evals.case import encode, parse
from evals.drafting import asking, said
from evals.drafting.twins import Swaps
from evals.lint import lint
from evals.matching import contains, says
from index.schema import Article
from tests.sets import MILL, TODAY, paper, written


@pytest.mark.parametrize(
    ("sentence", "kind", "question", "answer"),
    [
        (
            "The council approved 12 wind farms in the north of the county.",
            "how-many",
            "How many wind farms did the council approve in the north of the county?",
            "12",
        ),
        (
            "The bridge at Halden was opened to traffic on 4 May 1998.",
            "when",
            "When was the bridge at Halden opened to traffic?",
            "May 4, 1998",
        ),
        (
            "Ann Lee founded the first school of the valley in 1911.",
            "when",
            "When did Ann Lee found the first school of the valley?",
            "1911",
        ),
        (
            "Exports of timber to Norway fell by 12.5 percent during the spring.",
            "figure",
            "What figure is left out of this sentence: “Exports of timber to Norway fell by ___ "
            "during the spring.”?",
            "12.5%",
        ),
        (
            "“We never wanted a bridge at Halden,” Mayor Ann Lee said on Monday.",
            "who-said",
            "Who said: “We never wanted a bridge at Halden”?",
            "Lee",
        ),
        (
            '"We never wanted a bridge at Halden", said Lee.',
            "who-said",
            "Who said: “We never wanted a bridge at Halden”?",
            "Ann Lee",
        ),
    ],
)
def test_a_clear_sentence_gives_a_question(
    sentence: str, kind: str, question: str, answer: str
) -> None:
    article = Article("k", "n", f"{sentence}\nAnn Lee left.", language="en")
    (found,) = [p for p in drafting.propose(article) if p.sentence == sentence]
    assert (found.kind, found.question) == (kind, question)
    assert answer in found.answer


@pytest.mark.parametrize(
    "sentence",
    [
        "He opened the bridge at Halden for all traffic in 1998.",
        "The bridge that was built by Lee was opened to all in May.",
        "Prices rose by 3 percent in May and by 4 percent in June.",
        "“We never wanted a bridge at Halden,” he said on Monday.",
        "It fell by 12 percent.",
        "The plan, said to cost 3 million, was dropped (see 4 percent below).",
    ],
)
def test_an_unclear_sentence_gives_none(sentence: str) -> None:
    article = Article("k", "n", sentence, language="en")
    assert not list(asking.propose(sentence, article)) and not list(said.propose(sentence, article))


def test_drafts_stand_on_their_evidence_and_pass_the_lint(tmp_path: Path) -> None:
    articles = paper()
    cases = drafting.draft(articles, count=24, seed=3)
    assert len(cases) == 24 and cases == drafting.draft(articles, count=24, seed=3)
    assert cases != drafting.draft(articles, count=24, seed=4)
    known = corpus.by_name(articles)
    for drafted in cases:
        (evidence,) = drafted.evidence
        assert contains(known[evidence.article].text, evidence.quote)
        assert drafted.status == "draft" and parse(encode(drafted)) == (drafted, [])
        assert drafted.answerable == bool(drafted.facts)
    asked = [drafted.question for drafted in cases if drafted.answerable]
    twins = [drafted for drafted in cases if not drafted.answerable]
    assert len({*asked}) == len(asked) and twins
    for twin in twins:
        original = next(c for c in cases if c.id == twin.id.removesuffix("-twin"))
        changed = {*twin.question.split()} - {*original.question.split()}
        text = known[twin.evidence[0].article].text
        assert len(changed) == 1 and not says(text, changed.pop().strip(".,“”?"))
    accepted = [replace(drafted, status=None) for drafted in cases]
    assert lint(written(tmp_path / "set.jsonl", *accepted), known, TODAY) == []


def test_a_twin_is_not_what_another_article_tells() -> None:
    one, told = paper()[0], replace(MILL, text=paper()[0].text.replace("Halden", "Torsby"))
    other = replace(MILL, text="The train of Torsby goes from Torsby to Torsby.", language="en")
    proposals = [p for p in drafting.propose(one) if "Halden" in p.question]
    assert len(proposals) == 3
    for proposal in proposals:
        twin = Swaps([one, told]).twin(proposal, Random(0))
        assert twin is None or "Torsby" not in twin.question
        twins = [Swaps([one, other]).twin(proposal, Random(seed)) for seed in range(9)]
        assert any(twin and "Torsby" in twin.question for twin in twins), proposal.question
