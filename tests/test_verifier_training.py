"""Training texts for the language model's adapter, and the adapter by llama.cpp's names."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from evals.reading_rows import Row
from evals.train_verifier import Example, collate
from evals.verifier_model import at_rank, lora
from evals.verifying_groups import cut, pools

TEXT = (
    "Some 2,300 children in 11 schools are affected by the trial. "
    "The board voted five to two in June to stretch the other four days. "
    "A fifth of the diesel bill would be saved by the trial. "
    "The churches and the hockey rink have promised free places."
)
ASKED = [
    ("How many children are affected by the trial?", ("2,300", "2,300 children")),
    ("When did the board vote?", ("in June",)),
    ("How much of the diesel bill would be saved?", ("A fifth",)),
    ("Who promised free places?", ("The churches and the hockey rink",)),
    ("Who drives the diesel buses of the schools?", ()),
    ("What did the board say about the churches?", ()),
]
ROWS = [Row(q, TEXT, answers, "en", "dateline_fitting", ("dateline x", 0)) for q, answers in ASKED]


@pytest.mark.parametrize("seed", range(20))
def test_a_number_is_that_of_a_sentence_with_the_answer(seed: int) -> None:
    answers = dict(ASKED)
    asked = set()
    for pool in pools(ROWS):
        for group in pool.groups(random.Random(seed), 0.3):
            for item in group.asked:
                asked.add(item.question)
                holding = [
                    n
                    for n, sentence in enumerate(group.sentences, 1)
                    if any(answer in sentence for answer in answers[item.question])
                ]
                assert item.number in holding if holding else item.number == 0
                assert not item.target or any(a in item.target for a in answers[item.question])
    assert asked == set(answers)


def test_what_follows_the_answer_is_cut() -> None:
    sentence = (
        "When the rain came, the district ran 64 buses in the prairie, whose diesel cost millions."
    )
    assert cut(sentence, ["64"]) == "The district ran 64 buses in the prairie."
    assert cut(sentence, ["millions"]).endswith("whose diesel cost millions.")
    assert cut(sentence, ["snow"]) == sentence


def test_questions_of_a_text_do_not_see_one_another() -> None:
    ids, places, mask = collate([Example([5, 6, 7, 8, 9], [0, 0, 1, 1, 2], [])])
    assert ids[0, :5].tolist() == [5, 6, 7, 8, 9]
    assert places[0, :5].tolist() == [0, 1, 2, 3, 2]
    seen = mask[0, 0, :5, :5].int().tolist()
    assert seen == [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0],
                    [1, 1, 0, 0, 1]]  # fmt: skip


def test_queries_are_in_the_order_of_llama_cpp() -> None:
    config = SimpleNamespace(num_attention_heads=2, num_key_value_heads=1)
    rows = torch.arange(8.0)[:, None]
    made = lora({"model.layers.3.self_attn.q_proj.b": rows}, config)
    (name, values), = made.items()  # fmt: skip
    assert name == "blk.3.attn_q.weight.lora_b"
    assert np.array_equal(values[:, 0], [0, 2, 1, 3, 4, 6, 5, 7])
    made = lora({"model.layers.3.mlp.up_proj.b": rows}, config)
    assert np.array_equal(made["blk.3.ffn_up.weight.lora_b"][:, 0], range(8))


def test_a_change_of_low_rank_survives_being_cut_to_it() -> None:
    torch.manual_seed(0)
    tensors = {"q.a": torch.randn(8, 20), "q.b": torch.randn(12, 8)}
    tensors["q.b"][:, 3:] = 0  # its rank is 3
    change = tensors["q.b"] @ tensors["q.a"]
    for rank in (3, 5):
        made = at_rank(tensors, rank)
        assert made["q.a"].shape == (rank, 20) and made["q.b"].shape == (12, rank)
        assert torch.allclose(made["q.b"] @ made["q.a"], change, atol=1e-4)
    u, s, v = torch.linalg.svd(change)
    nearest = u[:, :2] * s[:2] @ v[:2]
    made = at_rank(tensors, 2)
    assert torch.allclose(made["q.b"] @ made["q.a"], nearest, atol=1e-4)
