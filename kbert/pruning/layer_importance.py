"""What each encoder layer is worth, measured: the metric without it."""

import dataclasses
from collections.abc import Callable
from typing import Any

from kbert.checkpoints import Checkpoint
from kbert.pruning.importance import mean_loss
from kbert.pruning.weights import keep_layers
from kbert.tasks.kinds import task_from_checkpoint


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerLoss:
    """What a model loses without one layer (its number in the whole encoder): of its main metric, and in loss."""

    layer: int
    metric_drop: float
    loss_rise: float


def least_important_layers(
    checkpoint: Checkpoint, data: Any, count: int, *, say: Callable[[str], None] = lambda line: None
) -> tuple[LayerLoss, ...]:
    """The layers to leave out, in the order in which they go.

    The layer goes whose absence, the identity in its place, costs the least of the main metric, and among equals the
    least loss. Then what is left is measured anew: of two layers that do the same, one may go, and then the other is
    worth more than before. Nothing is trained in between.

    Args:
        checkpoint: with a task's head.
        data: labelled, as the task's problem reads it; not what the model was trained on.
        count: how many, fewer than there are.
        say: told each measurement in a line.
    """
    kept = list(range(checkpoint.config.num_layers))
    metric, loss = _measure(checkpoint, kept, data)
    gone: list[LayerLoss] = []
    for _ in range(count):
        trials = []
        for layer in kept:
            without = _measure(checkpoint, [other for other in kept if other != layer], data)
            trials.append(
                (LayerLoss(layer=layer, metric_drop=metric - without[0], loss_rise=without[1] - loss), without)
            )
            say(f"without layer {layer}: metric {without[0]:.4f}, loss {without[1]:.4f}")
        least, (metric, loss) = min(trials, key=lambda trial: (trial[0].metric_drop, trial[0].loss_rise))
        gone.append(least)
        kept.remove(least.layer)
    return tuple(gone)


def _measure(checkpoint: Checkpoint, layers: list[int], data: Any) -> tuple[float, float]:
    """Main metric and loss with those layers alone."""
    weights, config = keep_layers(checkpoint.weights, checkpoint.config, layers)
    assert checkpoint.task is not None
    model = task_from_checkpoint(dataclasses.replace(checkpoint, weights=weights, config=config), checkpoint.task)
    tokens = model.problem.encode_examples(data)
    answers = model.problem.decode(data.inputs, tokens, model.run_rows(tokens))
    return model.problem.score(answers, data)[model.problem.main_metric_of(data)], mean_loss(model, tokens)
