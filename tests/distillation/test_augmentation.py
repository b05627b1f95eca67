"""Variants of texts: words left out, changed about, replaced."""

import keras
import pytest

from kbert.backbone import BertBackbone
from kbert.distillation.augmentation import Augmentation, augment
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer

TEXTS = ["the film was good", "a bad day !", "was"]


def test_words_are_left_out_and_changed_about():
    found = augment(TEXTS, Augmentation(copies=20, delete=0.3, swap=0.0), seed=1)
    assert found == augment(TEXTS, Augmentation(copies=20, delete=0.3, swap=0.0), seed=1)
    assert not set(found) & set(TEXTS)
    for variant in found:
        words = variant.split()
        assert words == [word for word in ["the", "film", "was", "good", "a", "bad", "day", "!"] if word in words]
    swapped = augment(TEXTS, Augmentation(copies=20, delete=0.0, swap=0.3), seed=1)
    assert {frozenset(variant.split()) for variant in swapped} == {frozenset(text.split()) for text in TEXTS[:2]}


def test_words_are_replaced_by_what_a_model_expects(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(2)
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, max_length=8)
    how = Augmentation(copies=10, delete=0.0, swap=0.0, replace=0.5, candidates=3)
    found = augment([*TEXTS, "the " * 12], how, seed=1, model=model)
    assert found
    assert not any("[MASK]" in variant for variant in found)
    lengths = {len(text.split()) for text in TEXTS}
    assert {len(variant.split()) for variant in found} <= lengths
    vocabulary = set(tiny_tokenizer.vocabulary)
    assert {word for variant in found for word in variant.split()} <= vocabulary


def test_what_cannot_be_varied_is_said():
    with pytest.raises(InputError, match=r"^replace must be 0 without a masked language model. Received: 0\.5$"):
        augment(TEXTS, Augmentation(replace=0.5), seed=0)
    with pytest.raises(InputError, match="^texts are varied one by one: pairs"):
        augment([("a", "b")], Augmentation(), seed=0)
    with pytest.raises(InputError, match="^copies must be at least 1. Received: 0$"):
        Augmentation(copies=0)
