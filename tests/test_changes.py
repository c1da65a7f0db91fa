"""What a diff says: nothing is lost in it, and it is short where little has changed."""

from hypothesis import given
from hypothesis import strategies as st

from index.schema import Article
from service.changes import Change, changes


def article(text: str, title: str = "T") -> Article:
    return Article("key", "name", text, title)


def told(old: str, new: str) -> list[str]:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    blocks = Change(article(old), article(new)).blocks()
    return ["".join(marks[run.kind].format(run.text) for run in block) for block in blocks]


def test_words_are_compared_within_paragraphs_that_changed() -> None:
    old = "Taxes rise by 2 percent.\n\nThe mayor is glad.\n\nIt rained."
    new = "Taxes rise by 3 percent.\n\nA ferry sank.\n\nThe mayor is not glad.\n\nIt rained."
    assert told(old, new) == [
        "Taxes rise by [-2-]{+3+} percent.",
        "{+A ferry sank.+}",
        "The mayor is {+not +}glad.",
    ]


def test_what_has_nothing_in_common_is_not_mixed() -> None:
    assert told("The harbour froze.", "Taxes go up again, they say") == [
        "[-The harbour froze.-]",
        "{+Taxes go up again, they say+}",
    ]


def test_a_title_is_compared_too() -> None:
    (block,) = Change(article("Same.", "Taxes rise"), article("Same.", "Taxes fall")).blocks()
    assert [(run.kind, run.text) for run in block] == [
        ("same", "Taxes "),
        ("removed", "rise"),
        ("added", "fall"),
    ]


def test_a_paragraph_beyond_all_measure_is_shown_whole() -> None:
    old, new = ("x ".join(map(str, range(n))) for n in (3000, 3001))
    assert [part[:2] for part in told(old, new)] == ["[-", "{+"]


def test_only_changes_after_a_version_are_told() -> None:
    history = [article(text) for text in ("c", "b", "a")]
    assert [c.later.text for c in changes(history)] == ["c", "b"]
    assert [c.later.text for c in changes(history, history[1].version)] == ["c"]
    assert changes(history, history[0].version) == changes(history[:1]) == []


PARAGRAPHS = st.lists(
    st.lists(st.sampled_from("tax rise mayor 2. 3 ferry".split()), min_size=1).map(" ".join),
    min_size=1,
    unique=True,
)


@given(PARAGRAPHS, PARAGRAPHS)
def test_a_diff_holds_just_what_changed(old: list[str], new: list[str]) -> None:
    blocks = Change(article("\n\n".join(old)), article("\n\n".join(new))).blocks()
    before = ["".join(run.text for run in block if run.kind != "added") for block in blocks]
    after = ["".join(run.text for run in block if run.kind != "removed") for block in blocks]
    assert [part for part in old if part in before] == [part for part in before if part]
    assert [part for part in new if part in after] == [part for part in after if part]
    kept, still = ([p for p in old if p not in before], [p for p in new if p not in after])
    assert kept == still
    assert bool(blocks) == (old != new)
