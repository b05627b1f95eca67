"""A teacher's answers on disk: found once, and read in batches."""

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.data.batching import IGNORED, make_batches
from kbert.distillation import teacher_answers
from kbert.distillation.teacher_answers import kept_answers
from kbert.tasks import TokenClassifier

TEXTS = ["the film was good", "bad days !", "a"]


def test_answers_are_found_once(tiny_classifier, tmp_path, monkeypatch):
    tokens = tiny_classifier.problem.encode(TEXTS)
    found = kept_answers(tiny_classifier, tokens, None, tmp_path / "kept", {"teacher": "a"})
    probabilities = np.exp(found["logits/teacher"])
    np.testing.assert_allclose(probabilities, tiny_classifier.predict_proba(TEXTS), atol=1e-6)
    assert isinstance(found["logits/teacher"], np.memmap)

    def asked(*_, **__):
        raise AssertionError("asked again")

    monkeypatch.setattr(type(tiny_classifier), "run_rows", asked)
    again = kept_answers(tiny_classifier, tokens, None, tmp_path / "kept", {"teacher": "a"})
    np.testing.assert_array_equal(again["logits/teacher"], found["logits/teacher"])
    with pytest.raises(AssertionError, match="asked again"):
        kept_answers(tiny_classifier, tokens, None, tmp_path / "kept", {"teacher": "another"})


def test_tokens_in_parts_and_in_batches(tiny_config, tiny_tokenizer, tmp_path, monkeypatch):
    """Two rows at a time; a batch holds what the file says, with padding that no loss looks at."""
    import dataclasses

    monkeypatch.setattr(teacher_answers, "ROWS", 2)
    teacher = TokenClassifier(BertBackbone(tiny_config), ["O", "B-what", "I-what"], tiny_tokenizer, max_length=16)
    tokens = teacher.problem.encode(TEXTS)
    read = np.ones(len(tokens.token_ids), "bool")
    read[1] = False
    found = kept_answers(teacher, tokens, read, tmp_path / "kept", {})
    values = found["logits/teacher"]
    assert values.shape == (len(tokens.token_ids), 3)
    assert (values[1] == IGNORED).all()
    outputs = teacher.run_rows(tokens)
    np.testing.assert_allclose(np.exp(values[tokens.starts[2] :]), outputs[2]["probability"], atol=1e-6)
    batches = make_batches(dataclasses.replace(tokens, targets=found), [np.array([2, 0])])
    (_, targets) = next(iter(batches))
    lengths = tokens.lengths
    assert targets.shape == (2, lengths[0], 3)
    np.testing.assert_array_equal(targets[0, : lengths[2]], values[tokens.starts[2] :])
    assert (targets[0, lengths[2] :].numpy() == IGNORED).all()
    np.testing.assert_array_equal(targets[1], values[: lengths[0]])
