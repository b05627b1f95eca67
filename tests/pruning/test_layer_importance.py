"""The layer that does least goes first, and is measured without what went before."""

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.data import read_labelled_texts
from kbert.pruning.layer_importance import least_important_layers
from kbert.tasks import TextClassifier


def test_what_changes_nothing_goes_first(tiny_config, tiny_tokenizer, sentiment_file, tmp_path):
    keras.utils.set_random_seed(9)
    model = TextClassifier(BertBackbone(tiny_config.replace(num_layers=3)), ["bad", "good"], tiny_tokenizer, 16)
    # A layer that adds nothing to what comes in normalized: LayerNorm of it is the same again.
    idle = model.backbone.encoder_layers[1]
    for dense in (idle.attention.output_dense, idle.output_dense):
        dense.kernel.assign(np.zeros(dense.kernel.shape))
    data = read_labelled_texts(sentiment_file)
    probabilities = model.predict_proba(data.texts)
    model.classifier.dense.bias.assign([0.0, -np.median(np.log(probabilities[:, 1] / probabilities[:, 0]))])
    # What the whole model says is right: no layer can be missed for the better.
    data.labels[:] = [prediction.label for prediction in model.predict(data.texts)]
    assert set(data.labels) == {"bad", "good"}
    said = []
    first, second = least_important_layers(
        open_checkpoint(model.save_checkpoint(tmp_path / "run")), data, 2, say=said.append
    )
    assert first.layer == 1
    assert (first.metric_drop, second.layer in (0, 2)) == (0.0, True)
    assert abs(first.loss_rise) < 1e-5 < abs(second.loss_rise)  # 1e-5: float32, normalized once more
    # Three layers alone, then the two that are left.
    assert [line.split(":")[0] for line in said] == [f"without layer {i}" for i in (0, 1, 2, 0, 2)]
