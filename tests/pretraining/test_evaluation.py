"""Evaluation on held-out text: the objective that the model learnt, and the names of files in errors."""

import pytest

from kbert.backbone import BertBackbone
from kbert.data.masking import MaskingSettings
from kbert.data.pretraining_batches import PretrainingBatches
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import evaluation
from kbert.pretraining.evaluation import HeldOutText, evaluate_pretrainer


@pytest.mark.parametrize("objective", ["sop", "none"])
def test_a_model_is_asked_what_it_learnt(tiny_config, tiny_tokenizer, corpus, monkeypatch, objective):
    learnt = {"next_sentence": False} if objective == "none" else {"sentence_objective": objective}
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, 16, **learnt)
    asked = []

    class Source(PretrainingBatches):
        def __post_init__(self) -> None:
            super().__post_init__()
            asked.append(self.shards.sentence_objective)

    monkeypatch.setattr(evaluation, "PretrainingBatches", Source)
    monkeypatch.setattr(HeldOutText, "score", lambda self, model: {})
    evaluate_pretrainer(model, [corpus])
    assert asked == [objective]


def test_too_little_text_is_named(tiny_tokenizer, make_shards, monkeypatch):
    shards = make_shards(16)
    monkeypatch.setattr(type(shards), "num_windows", 1)
    message = "^text.txt: expected at least two windows of held-out text, found one. Add text$"
    with pytest.raises(InputError, match=message):
        HeldOutText(shards, MaskingSettings())
