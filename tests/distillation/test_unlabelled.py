"""Texts without labels: their targets, and which of their tokens are read."""

import dataclasses

import numpy as np

from kbert.data.batching import IGNORED, join_texts
from kbert.distillation.unlabelled import encode_unlabelled, read_tokens
from kbert.problems.kinds import make_problem


def labelled(problem, texts, targets):
    return dataclasses.replace(problem.encode(texts), targets={"logits": targets})


def test_targets_are_none(tiny_tokenizer):
    problem = make_problem("text-classification", ["bad", "good"], tiny_tokenizer, 16)
    like = labelled(problem, ["a day", "!"], np.array([1, 0], "int32"))
    tokens = encode_unlabelled(problem, ["a film", "a day", "!"], like)
    assert tokens.targets["logits"].tolist() == [IGNORED] * 3
    several = encode_unlabelled(problem, ["a film"], labelled(problem, ["a day", "!"], np.zeros((2, 2), "float32")))
    assert several.targets["logits"].shape == (1, 2)
    assert np.isnan(several.targets["logits"]).all()
    assert read_tokens(problem, ["a film"], tokens) is None


def test_words_are_read_at_their_first_token(tiny_tokenizer):
    problem = make_problem("token-classification", ["O", "B-what", "I-what"], tiny_tokenizer, 16)
    inputs = ["films was bad"]  # [CLS] film ##s was bad [SEP]
    like = labelled(problem, ["was"], np.zeros(3, "int32"))  # a target for each token
    tokens = encode_unlabelled(problem, inputs, like)
    assert tokens.targets["logits"].tolist() == [IGNORED] * 6
    assert read_tokens(problem, inputs, tokens).tolist() == [False, True, False, True, True, False]


def test_answers_begin_at_cls_or_in_the_text(tiny_tokenizer):
    problem = make_problem("question-answering", [], tiny_tokenizer, 32)
    inputs = [("was the film bad", "a bad film")]  # [CLS] 4 [SEP] 3 [SEP]
    tokens = problem.encode(inputs)
    assert read_tokens(problem, inputs, tokens).tolist() == [True, *[False] * 5, True, True, True, False]


def test_rows_of_two_sets_stand_end_to_end(tiny_tokenizer):
    problem = make_problem("text-classification", ["bad", "good"], tiny_tokenizer, 16)
    like = labelled(problem, ["a day"], np.zeros(1, "int32"))
    one = encode_unlabelled(problem, ["a film"], like)
    pair = encode_unlabelled(problem, [("a", "day was")], like)
    joined = join_texts(one, pair)
    assert len(joined) == 2
    for row, alone in enumerate((one, pair)):
        np.testing.assert_array_equal(joined.row(row).token_ids, alone.row(0).token_ids)
        np.testing.assert_array_equal(joined.row(row).segment_ids, alone.row(0).segment_ids)
    assert joined.targets["logits"].tolist() == [IGNORED] * 2
