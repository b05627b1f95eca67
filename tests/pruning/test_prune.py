"""A pruned run is a run: it says the same as the whole one with closed gates, loads, trains, and is pruned again."""

import json

import numpy as np
import pytest

from kbert.checkpoints import open_checkpoint
from kbert.errors import InputError
from kbert.finetune_settings import FinetuneSettings
from kbert.pruning.importance import gate_importance, mean_loss
from kbert.pruning.prune import neurons_to_keep, open_task, prune_checkpoint, prune_weights
from kbert.tasks import TextClassifier
from kbert.training import finetune
from kbert.training_state import FOLDER


def closed(run, heads, neurons) -> TextClassifier:
    """The whole model with all heads and neurons but those gated to zero."""
    model = TextClassifier.from_checkpoint(run)
    width = model.backbone.config.head_dim
    for i, layer in enumerate(model.backbone.encoder_layers):
        for kernel, open_rows in (
            (layer.attention.output_dense.kernel, np.isin(np.arange(16) // width, heads[i])),
            (layer.output_dense.kernel, np.isin(np.arange(32), neurons[i])),
        ):
            kernel.assign(kernel.numpy() * open_rows[:, None])
    return model


def test_a_pruned_run_is_the_whole_one_with_closed_gates(trained_run, sentiment, tmp_path):
    result = prune_checkpoint(
        trained_run, tmp_path / "out", sentiment, keep_heads=0.5, keep_ffn=0.25, command="kbert prune"
    )
    model = TextClassifier.from_checkpoint(tmp_path / "out")
    config = model.backbone.config
    assert (config.num_heads, config.head_dim, config.attention_dim, config.intermediate_dim) == (2, 4, 8, 8)
    # 2 layers: 4 kernels of 16 x 8 less and 3 biases of 8; 2 kernels of 16 x 24 and a bias of 24.
    assert result.parameters_before - result.parameters_after == 2 * (4 * 128 + 24 + 2 * 384 + 24)
    assert result.size_mb_after == pytest.approx(4e-6 * result.parameters_after)
    whole = TextClassifier.from_checkpoint(trained_run)
    importance = gate_importance(whole, sentiment)
    for layer in range(2):
        assert list(result.pruned.heads[layer]) == sorted(np.argsort(-importance.heads[layer])[:2])
        assert list(result.pruned.neurons[layer]) == sorted(np.argsort(-importance.neurons[layer])[:8])
    gated = closed(trained_run, result.pruned.heads, result.pruned.neurons)
    features = {
        name: np.array(rows, "int32")
        for name, rows in {
            "token_ids": [[2, 60, 61, 62, 63, 3], [2, 9, 11, 3, 0, 0]],
            "segment_ids": [[0] * 6] * 2,
            "padding_mask": [[1] * 6, [1, 1, 1, 1, 0, 0]],
        }.items()
    }
    # float32 in another order of summation
    np.testing.assert_allclose(model(features)["logits"], gated(features)["logits"], atol=1e-5)
    assert np.abs(model(features)["logits"] - whole(features)["logits"]).max() > 1e-3
    assert result.metrics_before["accuracy"] == 1.0
    facts = json.loads((tmp_path / "out" / "kbert.json").read_text())
    assert facts.keys() == {"task", "labels", "max_length", "metrics", "checkpoint", "pruned", "versions"}
    assert (facts["max_length"], facts["metrics"]) == (16, result.metrics_after)
    pruned = facts["pruned"]
    assert (pruned["from"], pruned["to"]) == (
        {"num_layers": 2, "num_heads": 4, "intermediate_dim": 32},
        {"num_layers": 2, "num_heads": 2, "intermediate_dim": 8},
    )
    assert pruned["heads"] == [list(heads) for heads in result.pruned.heads]
    assert (pruned["command"], pruned["data"]["rows"]) == ("kbert prune", 40)


def test_training_wins_back_what_was_lost(trained_run, sentiment, tmp_path, monkeypatch, interrupt_after):
    """Ctrl-C comes in its second epoch, and it goes on."""
    settings = FinetuneSettings(epochs=6, learning_rate=5e-3, batch_size=20)
    options = {"keep_heads": 0.25, "keep_ffn": 0.1, "keep_layers": [0], "train": sentiment, "settings": settings}
    with monkeypatch.context() as patch:
        steps = interrupt_after(patch, 3)
        stopped = prune_checkpoint(trained_run, tmp_path / "out", sentiment, **options)
        assert stopped.interrupted
        result = prune_checkpoint(trained_run, tmp_path / "out", sentiment, **options, resume=True)
    assert len(steps) == 6 * 2  # none is done twice
    assert not result.interrupted
    assert result.metrics_recovered["accuracy"] == 1.0
    tokens = TextClassifier.from_checkpoint(trained_run).problem.encode_examples(sentiment)
    lost, won = (mean_loss(open_task(one), tokens) for one in (result.pruned.checkpoint, open_checkpoint(result.run)))
    assert won < 0.5 * lost
    facts = json.loads((tmp_path / "out" / "kbert.json").read_text())
    assert (facts["checkpoint"], facts["settings"]["max_length"]) == (str(trained_run), 16)
    assert facts["pruned"]["to"] == {"num_layers": 1, "num_heads": 1, "intermediate_dim": 3}
    assert (facts["pruned"]["layers"], facts["pruned"]["after"]) == ([0], result.metrics_after)
    assert not (tmp_path / "out" / FOLDER).exists()
    # And it can be fine-tuned and pruned like any other run.
    again = finetune(tmp_path / "out", sentiment, tmp_path / "again", FinetuneSettings(epochs=1, max_length=16))
    assert open_checkpoint(again.run).config.attention_dim == 4
    twice = prune_checkpoint(tmp_path / "out", tmp_path / "twice", sentiment, keep_ffn=0.5)
    assert (twice.pruned.checkpoint.config.intermediate_dim, twice.pruned.heads) == (2, ((0,),))
    assert json.loads((tmp_path / "twice" / "kbert.json").read_text())["pruned"]["earlier"] == facts["pruned"]


def test_layers_without_training(trained_run, sentiment):
    whole = open_checkpoint(trained_run)
    pruned = prune_weights(whole, sentiment, keep_layers=[1])
    assert (pruned.layers, pruned.heads, pruned.neurons) == ((1,), ((0, 1, 2, 3),), (tuple(range(32)),))
    assert pruned.checkpoint.config == whole.config.replace(num_layers=1)
    name = "attention.query.kernel"
    np.testing.assert_array_equal(pruned.checkpoint.weights[f"layers.0.{name}"], whole.weights[f"layers.1.{name}"])


@pytest.mark.parametrize(("share", "neurons"), [(0.5, 768), (0.51, 768), (0.52, 800), (0.001, 32), (0.999, 1536)])
def test_large_layers_keep_whole_blocks(share, neurons):
    assert neurons_to_keep(share, 1536) == neurons


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep_heads": 0.0}, "keep_heads must be a share, above 0 and at most 1. Received: 0.0"),
        ({"keep_ffn": 1.5}, "keep_ffn must be a share, above 0 and at most 1. Received: 1.5"),
        ({"drop_layers": 2}, "drop_layers must be from 0 to 1: there are 2 layers. Received: 2"),
        ({"drop_layers": -1}, "drop_layers must be from 0 to 1: there are 2 layers. Received: -1"),
        ({"drop_layers": 1, "keep_layers": [0]}, "keep_layers says which layers stay"),
        ({"keep_layers": [0, 5]}, "expected layers to keep from 0 to 1, got 5"),
        ({"keep_heads": 0.9}, "expected something to leave out: 4 of 4 heads, 32 of 32 neurons and all layers"),
    ],
)
def test_what_cannot_be_pruned_is_said(trained_run, sentiment, tmp_path, options, message):
    with pytest.raises(InputError, match=f"^{message}"):
        prune_checkpoint(trained_run, tmp_path / "out", sentiment, **options)
    assert not (tmp_path / "out").exists()


def test_what_has_no_head_or_stands_in_the_way(tiny_checkpoint, trained_run, sentiment, tmp_path):
    with pytest.raises(InputError, match="expected a run with the head of a task, it has none. Fine-tune it first$"):
        prune_checkpoint(tiny_checkpoint, tmp_path / "out", sentiment, keep_ffn=0.5)
    with pytest.raises(InputError, match="holds something already"):
        prune_checkpoint(trained_run, trained_run, sentiment, keep_ffn=0.5)
    with pytest.raises(InputError, match="the output is the run itself. Choose another folder$"):
        prune_checkpoint(trained_run, trained_run, sentiment, keep_ffn=0.5, overwrite=True)
    for train in (None, sentiment):
        with pytest.raises(InputError, match="nothing to resume here, found no folder training/$"):
            prune_checkpoint(trained_run, tmp_path, sentiment, keep_ffn=0.5, train=train, resume=True)
