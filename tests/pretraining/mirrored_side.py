"""Run by test_step.py in a process of its own: steps on two devices of the processor beside steps on one; JSON out."""

import dataclasses
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from kbert.quiet import load_tensorflow  # noqa: E402

load_tensorflow()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from kbert.backbone import BertBackbone  # noqa: E402
from kbert.config import BertConfig  # noqa: E402
from kbert.data.masking import MaskingSettings  # noqa: E402
from kbert.data.pretraining_batches import PretrainingBatches  # noqa: E402
from kbert.data.shards import open_shards  # noqa: E402
from kbert.distributed import join_workers  # noqa: E402
from kbert.errors import InputError  # noqa: E402
from kbert.pretrainer import BertPretrainer  # noqa: E402
from kbert.pretraining import PretrainSettings  # noqa: E402
from kbert.pretraining.step import PretrainingStep  # noqa: E402

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

SETTINGS = PretrainSettings(steps=12, batch_size=8, learning_rate=1e-2, warmup=0.0, max_predictions=3)
shards = open_shards(sys.argv[1])
config = BertConfig(
    vocabulary_size=shards.manifest["vocabulary"]["size"],
    hidden_dim=16,
    num_layers=1,
    num_heads=2,
    intermediate_dim=32,
    max_sequence_length=32,
    initializer_range=0.2,
    dropout=0.0,
    attention_dropout=0.0,
)
masking = MaskingSettings(mask_share=0.25, max_predictions=4)
batches = list(PretrainingBatches(shards=shards, batch_size=8, masking=masking).read(count=3))
two_devices = join_workers("mirrored").strategy


def train(strategy, settings: PretrainSettings, steps: list) -> tuple[PretrainingStep, list[float]]:
    keras.utils.set_random_seed(7)
    with strategy.scope():
        step = PretrainingStep(BertPretrainer(BertBackbone(config, dtype=settings.precision)), settings)
    return step, [float(step(batches)[0].loss()) for batches in steps]


def largest_difference(ours, theirs) -> float:
    return max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in zip(ours, theirs, strict=True))


def weights(step: PretrainingStep) -> list:
    named = step.model.named_variables()
    # The loss does not depend on the biases of keys: what Adam makes of them is noise.
    return [variable.numpy() for name, variable in named.items() if not name.endswith("key.bias")]


def moments(step: PretrainingStep) -> list:
    return [moment.numpy() for moment in step.inner_optimizer._momentums]


halves = [[tf.nest.map_structure(lambda t, k=k: t[4 * k : 4 * k + 4], batch) for k in (0, 1)] for batch in batches]
one, losses_of_one = train(tf.distribute.get_strategy(), SETTINGS, [[batch] for batch in batches])
found: dict = {"replicas": two_devices.num_replicas_in_sync, "losses of one": losses_of_one}
for case, parts in (("whole batches", [[batch] for batch in batches]), ("in two parts", halves)):
    settings = dataclasses.replace(SETTINGS, gradient_accumulation=len(parts[0]))
    two, losses = train(two_devices, settings, parts)
    found[case] = {
        "moments": largest_difference(moments(one), moments(two)),
        "weights": largest_difference(weights(one), weights(two)),
        "losses": losses,
    }

step, losses = train(two_devices, dataclasses.replace(SETTINGS, precision="mixed_float16"), [batches[:1]] * 12)
copies = [variable.value.values for variable in step.model.trainable_variables]
found["mixed_float16"] = {
    "losses": losses,
    "apart": max(float(np.abs(first.numpy() - second.numpy()).max()) for first, second in copies),
}

try:
    step([tf.nest.map_structure(lambda tensor: tensor[:3], batches[0])])
except InputError as error:
    found["refused"] = str(error).split(". Received")[0]

try:
    train(two_devices, dataclasses.replace(SETTINGS, jit_compile=True), [])
except InputError as error:
    found["jit refused"] = str(error)

config = config.replace(dropout=0.5, attention_dropout=0.5)
step, losses = train(two_devices, SETTINGS, [[batch] for batch in batches])
layer = step.model.backbone.embeddings.dropout


@tf.function(autograph=False)
def drop_ones() -> list:
    results = two_devices.run(lambda: layer(tf.ones([100]), training=True))
    return two_devices.experimental_local_results(results)


masks = [[mask.numpy() > 0 for mask in drop_ones()] for _ in range(2)]
found["dropout"] = {
    "finite": bool(np.isfinite(losses).all()),
    "same on both": float(np.mean(masks[0][0] == masks[0][1])),
    "same twice": float(np.mean(masks[0][1] == masks[1][1])),
    "states": [state.numpy().tolist() for state in layer.seed_generator.state.value.values],
}
print(json.dumps(found))
