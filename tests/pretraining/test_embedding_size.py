import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings, TextSource, pretrain
from kbert.pretraining.embedding_size import embedding_size, enlarge_for_pretraining, resize_embeddings

from .conftest import SIZES


@pytest.fixture
def make_model(tiny_config):
    def make(**changes):
        keras.utils.set_random_seed(0)
        model = BertPretrainer(BertBackbone(tiny_config.replace(**changes)))
        # As after training: a head that adds nothing would not show whether its shift is scaled too.
        model.mlm.layer_norm.beta.assign(np.linspace(-1, 1, tiny_config.hidden_dim))
        return model

    return make


def token_table(model) -> np.ndarray:
    return keras.ops.convert_to_numpy(model.backbone.embeddings.token.embeddings)


def logits(model) -> dict[str, np.ndarray]:
    inputs = {
        "token_ids": np.array([[2, 5, 6, 4, 7, 3]], "int32"),
        "segment_ids": np.array([[0, 0, 0, 0, 1, 1]], "int32"),
        "padding_mask": np.ones((1, 6), "int32"),
    }
    return {name: keras.ops.convert_to_numpy(value) for name, value in model(inputs).items()}


@pytest.mark.parametrize("embedding_dim", [None, 4])
def test_a_table_gets_its_size_and_the_model_computes_the_same(make_model, embedding_dim):
    model = make_model(initializer_range=0.2, embedding_dim=embedding_dim)
    if embedding_dim is not None:
        model.backbone.embeddings.projection.bias.assign(np.linspace(-0.1, 0.1, 16))
    before = logits(model)
    for size in (0.02, 0.5):
        resize_embeddings(model, size)
        assert embedding_size(model) == pytest.approx(size, rel=1e-5)
        after = logits(model)
        assert set(after) == {"mlm_logits", "nsp_logits"}
        for name, expected in before.items():
            np.testing.assert_allclose(after[name], expected, atol=2e-6)


def test_a_model_with_fixed_positions_is_left_alone(make_model):
    model = make_model(position_embedding="sinusoidal")
    before = token_table(model)
    resize_embeddings(model, 0.01)
    np.testing.assert_array_equal(token_table(model), before)


def test_a_small_table_is_enlarged_and_a_large_one_left_alone(make_model):
    model = make_model(initializer_range=0.2)
    before = token_table(model)
    assert enlarge_for_pretraining(model) is None
    np.testing.assert_array_equal(token_table(model), before)
    resize_embeddings(model, 0.008)
    assert enlarge_for_pretraining(model) == pytest.approx(0.008, rel=1e-5)
    assert embedding_size(model) == pytest.approx(0.2, rel=1e-5)


def test_a_run_ends_with_a_small_table_and_so_does_one_that_goes_on_from_it(make_shards, tmp_path):
    source = TextSource(shards=make_shards().directory)
    settings = PretrainSettings(steps=2, batch_size=2, max_predictions=3)
    pretrain("preset:tiny", source, tmp_path / "first", settings, sizes=SIZES)
    pretrain(tmp_path / "first", source, tmp_path / "second", settings)
    for run in ("first", "second"):
        assert embedding_size(BertPretrainer.from_checkpoint(tmp_path / run)) == pytest.approx(0.008, rel=1e-5)
