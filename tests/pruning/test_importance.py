"""The derivative by a gate is that of the loss, of every task; and what is worth nothing is found."""

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.data import read_labelled_texts
from kbert.errors import InputError
from kbert.pruning.importance import gate_importance, mean_loss
from kbert.tasks import TextClassifier


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "few.tsv"
    path.write_text("text\tlabel\nthe film was good\tgood\na bad day\tbad\na good meal !\tgood\n", "utf-8")
    return read_labelled_texts(path)


@pytest.fixture
def model(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(5)
    return TextClassifier(BertBackbone(tiny_config), ["bad", "good"], tiny_tokenizer, max_length=16)


def loss_with_gate(model, data, kernel, rows: slice, gate: float) -> float:
    before = kernel.numpy().copy()
    changed = before.copy()
    changed[rows] *= gate
    kernel.assign(changed)
    loss = mean_loss(model, model.problem.encode_examples(data))
    kernel.assign(before)
    return loss


def test_it_is_the_derivative_of_the_loss_by_a_gate(model, data):
    found = gate_importance(model, data, batch_size=3, normalize=False)
    assert (found.heads.shape, found.neurons.shape) == ((2, 2), (2, 32))
    layer = model.backbone.encoder_layers[1]
    parts = [(found.heads[1, 0], layer.attention.output_dense.kernel, slice(0, 8))]
    parts.append((found.neurons[1, 7], layer.output_dense.kernel, slice(7, 8)))
    for value, kernel, rows in parts:
        above, below = (loss_with_gate(model, data, kernel, rows, 1 + step) for step in (0.1, -0.1))
        # A difference over 0.2 in float32: the loss's last digits and its third derivative are in it.
        assert value == pytest.approx(abs(above - below) / 0.2, rel=0.02, abs=2e-6)
        assert value > 1e-5


def test_a_part_that_gives_nothing_is_worth_nothing(model, data):
    layer = model.backbone.encoder_layers[0]
    kernel = layer.attention.output_dense.kernel
    kernel.assign(np.concatenate([np.zeros((8, 16)), kernel.numpy()[8:]]))
    model.backbone.trainable = False  # it is measured all the same
    found = gate_importance(model, data, batch_size=2)
    assert found.heads[0].tolist() == [0.0, 1.0]
    np.testing.assert_allclose((found.heads**2).sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose((found.neurons**2).sum(axis=1), 1.0, rtol=1e-5)


def test_small_batches_cancel_less(model, data):
    one, all_ = (gate_importance(model, data, batch_size=size, normalize=False) for size in (1, 3))
    # The mean of sizes is at least the size of the mean.
    assert (one.neurons >= all_.neurons - 1e-7).all()
    assert one.neurons.sum() > 1.01 * all_.neurons.sum()


def test_labels_are_checked(model, data):
    data.labels[0] = "great"
    with pytest.raises(InputError, match="'great'"):
        gate_importance(model, data)
