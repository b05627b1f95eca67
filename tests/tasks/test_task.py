"""What all tasks share."""

import keras
import pytest

from kbert.backbone import BertBackbone
from kbert.data import tokenize
from kbert.head_start import probe_head
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


def test_predictions_are_not_compiled_with_xla_where_there_is_a_gpu(tiny_config, tiny_tokenizer, monkeypatch):
    """Keras compiles a model that nobody compiled as it thinks best, and XLA would do so anew for every length."""
    monkeypatch.setattr(keras.Model, "_resolve_auto_jit_compile", lambda self: True)  # as on a GPU
    predicting, make_function = [], keras.Model.make_predict_function

    def noting(self, *args, **kwargs):
        predicting.append(self)
        return make_function(self, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "make_predict_function", noting)
    model = TextClassifier(BertBackbone(tiny_config.replace(num_layers=1)), ["bad", "good"], tiny_tokenizer)
    texts = ["good", "the film was good", "bad", "the film was bad"]
    probe_head(model, tokenize(tiny_tokenizer, texts, [1, 1, 0, 0], max_length=16), batch_size=2, seed=0)
    model.predict(texts, batch_size=2)
    assert len(set(predicting)) == 2  # the encoder alone, and the classifier
    assert not any(used.jit_compile for used in predicting)


def test_xla_stays_on_where_it_was_asked_for(tiny_config, tiny_tokenizer):
    model = TextClassifier(BertBackbone(tiny_config.replace(num_layers=1)), ["bad", "good"], tiny_tokenizer)
    model.compile(keras.optimizers.SGD(), loss=model.default_loss(), jit_compile=True)
    model.predict(["good", "the film"])
    assert model.jit_compile
