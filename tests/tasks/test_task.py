"""What all tasks share."""

import pytest

from kbert.backbone import BertBackbone
from kbert.tasks import TextClassifier, TokenClassifier


@pytest.mark.parametrize(
    ("kind", "labels"), [(TextClassifier, ["bad", "good"]), (TokenClassifier, ["O", "B-city", "I-city"])]
)
def test_texts_of_all_lengths_are_traced_once(kind, labels, tiny_config, tiny_tokenizer, monkeypatch):
    model = kind(BertBackbone(tiny_config.replace(num_layers=1)), labels, tiny_tokenizer, max_length=16)
    traces, predict_step = [], kind.predict_step

    def traced_step(self, data):
        traces.append(data)
        return predict_step(self, data)

    monkeypatch.setattr(kind, "predict_step", traced_step)
    assert len(model.predict(["good", "the film was good", "a bad day"], batch_size=1)) == 3
    assert len(model.predict(["the film", "bad"], batch_size=2)) == 2
    assert len(traces) == 1
