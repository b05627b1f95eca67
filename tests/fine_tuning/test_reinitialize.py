"""The top of the encoder, drawn anew."""

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.fine_tuning.reinitialize import reinitialize_top


def values(backbone):
    return {name: variable.numpy() for name, variable in backbone.named_variables().items()}


def pretrained(config):
    keras.utils.set_random_seed(1)
    backbone = BertBackbone(config)
    for variable in backbone.named_variables().values():
        variable.assign_add(keras.ops.full(variable.shape, 3.0))
    return backbone


def test_the_top_layer_and_the_pooler_are_drawn_anew(tiny_config):
    backbone = pretrained(tiny_config)
    before = values(backbone)
    reinitialize_top(backbone, 1, seed=5)
    after = values(backbone)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {name for name in before if name.startswith(("layers.1.", "pooler."))}
    for name in changed:
        if name.endswith("kernel"):
            # Of a deviation of 0.2, cut off at twice that: 256 or 512 draws.
            assert np.abs(after[name]).max() <= 0.4, name
            assert 0.14 < after[name].std() < 0.21, name
        else:
            np.testing.assert_array_equal(after[name], np.full_like(after[name], name.endswith("gamma")), err_msg=name)
    kernels = [after[name] for name in sorted(changed) if name.endswith("kernel")]
    assert not any(np.array_equal(a, b) for i, a in enumerate(kernels) for b in kernels[:i])


def test_the_seed_decides_and_no_layers_are_none(tiny_config):
    backbones = [pretrained(tiny_config) for _ in range(3)]
    for backbone, seed in zip(backbones, (5, 5, 6), strict=True):
        reinitialize_top(backbone, 2, seed=seed)
    a, b, c = map(values, backbones)
    np.testing.assert_array_equal(a["layers.0.output.kernel"], b["layers.0.output.kernel"])
    assert not np.array_equal(a["layers.0.output.kernel"], c["layers.0.output.kernel"])
    untouched = pretrained(tiny_config)
    before = values(untouched)
    reinitialize_top(untouched, 0, seed=5)
    for name, value in values(untouched).items():
        np.testing.assert_array_equal(value, before[name])
