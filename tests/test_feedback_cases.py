"""Feedback that was kept: handed over as drafts, and doubted where it must be."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from evals.case import encode, load
from evals.feedback import case_of, gather, hand_over, kept
from evals.lint import lint
from index.database import Database
from index.errors import UsageError
from service import feedback as records
from service.api import create_api
from service.feedback import Feedback, Quote
from service.schema import Sentence
from tests.fakes import BUDGET, dateline, small_archive
from tests.feedback import QUOTE, RENTS, TAXES, TODAY, asked, feedback_of, judged, only
from tests.payloads import PAYLOADS


def test_it_outlives_the_server(tmp_path: Path) -> None:
    with small_archive(tmp_path) as archive:
        client = TestClient(create_api(dateline(archive)), "http://localhost")
        judged(client, "right", answer_id=asked(client, history=[["Who?", "Kim. [1]"]]))
        before = only(archive)
        assert before.history == (("Who?", "Kim. [1]"),)
    with closing(Database(tmp_path / "archive.sqlite")) as database:
        rows = kept(database)
        assert gather([said for _, said in rows], TODAY).cases == (before,)
        database.put_feedback("odd", '{"given": 7}')
        assert kept(database) == rows, "what another version kept is left alone"


def test_drafts_are_handed_over_once_and_again_when_the_word_changes(tmp_path: Path) -> None:
    drafts = tmp_path / "sets" / "feedback.jsonl"
    with closing(Database(tmp_path / "archive.sqlite")) as database:

        def say(said: Feedback) -> None:
            database.put_feedback(said.given.question_id, records.encode(said))

        assert hand_over(database, drafts, TODAY) == () and not drafts.exists()
        say(feedback_of(TAXES))
        say(feedback_of(RENTS, verdict="wrong"))
        assert [o.why[:8] for o in hand_over(database, drafts, TODAY)] == ["is wrong"]
        assert [(c.question, c.status) for c in load(drafts)] == [(TAXES, "draft")]
        drafts.write_text("")  # it was accepted
        hand_over(database, drafts, TODAY)
        assert drafts.read_text() == ""
        say(feedback_of(TAXES, verdict="not_in_articles"))
        hand_over(database, drafts, TODAY)
        hand_over(database, drafts, TODAY)
        assert [(c.question, c.answerable) for c in load(drafts)] == [(TAXES, False)]
        say(feedback_of(TAXES))
        hand_over(database, drafts, TODAY)
        assert [(c.question, c.answerable) for c in load(drafts)] == [(TAXES, True)]
        drafts.write_text("{")
        say(feedback_of(RENTS))
        with pytest.raises(UsageError, match="line 1"):
            hand_over(database, drafts, TODAY)
        drafts.unlink()
        hand_over(database, drafts, TODAY)
        assert [c.question for c in load(drafts)] == [RENTS], "it was not lost"


def test_a_model_that_words_it_its_own_way_is_to_be_looked_at() -> None:
    sentence = Sentence("Levies go up.", (1,))
    said = feedback_of(TAXES)
    said = replace(said, given=replace(said.given, sentences=(sentence,)))
    assert case_of(said) == "has no answer in the articles' words"
    (doubt,) = gather([said], TODAY).open
    assert doubt.feedback is said


def test_a_correction_that_its_quote_does_not_say_is_to_be_looked_at() -> None:
    evidence = (Quote(BUDGET.id, QUOTE, "en"),)
    said = feedback_of(TAXES, verdict="wrong", correction="3 percent", evidence=evidence)
    (doubt,) = gather([said], TODAY).open
    assert doubt.why == "facts[0]: '3 percent' is not in its evidence"


LETTERS = st.characters(categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf"])
TEXTS = st.text(LETTERS, max_size=60) | st.sampled_from(
    [*PAYLOADS, "2 percent", "March 1", "2 percent | 2%", TAXES, TAXES.lower(), "yes", "-", "|"]
)
SAID = st.builds(
    feedback_of,
    TEXTS,
    verdict=st.sampled_from(["right", "wrong", "not_in_articles"]),
    correction=TEXTS,
    note=TEXTS,
)


@given(st.lists(SAID, max_size=8))
def test_nobody_can_break_the_set(tmp_path_factory: pytest.TempPathFactory, said: Any) -> None:
    taken = [records.decode(records.encode(each)) for each in said if _takes(each)]
    latest = {each.given.question_id: each for each in taken}
    gathered = gather(list(reversed(latest.values())), TODAY)
    assert len(gathered.cases) + len(gathered.open) == len(latest)
    path = tmp_path_factory.mktemp("set") / "set.jsonl"
    path.write_text("".join(f"{encode(case)}\n" for case in gathered.cases), encoding="utf-8")
    assert lint(path, None, TODAY) == []
    if gathered.cases:
        assert tuple(load(path)) == gathered.cases


def _takes(said: Feedback) -> bool:
    try:
        records.check(said)
    except UsageError:
        return False
    return bool(said.given.question.text.strip())
