"""Pruning: a fine-tuned run and labelled data in, a smaller run directory out."""

import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints import Checkpoint, as_checkpoint, open_checkpoint
from kbert.config import BertConfig
from kbert.errors import InputError, check_setting
from kbert.evaluation import evaluate
from kbert.files import check_output_directory, new_file, write_json
from kbert.finetune_settings import FinetuneSettings
from kbert.provenance import fingerprint, versions
from kbert.pruning.importance import gate_importance
from kbert.pruning.layer_importance import LayerLoss, least_important_layers
from kbert.pruning.weights import keep_heads as with_heads
from kbert.pruning.weights import keep_layers as with_layers
from kbert.pruning.weights import keep_neurons as with_neurons
from kbert.tasks.kinds import task_from_checkpoint
from kbert.tasks.task import BertTask
from kbert.training import finetune
from kbert.training_state import check_resumable

# The blocks of an int4 export share a scale between so many neighbours, and a row that they do not fill has one scale
# for all; vector instructions want as much. In a small layer it would make the share another.
NEURON_BLOCK = 32
SMALLEST_BLOCKED = 8 * NEURON_BLOCK


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pruned:
    """A checkpoint after pruning, and what of the whole one is left: numbers of layers, and of their parts.

    `dropped` are the layers that measuring chose to leave out, in the order in which they went.
    """

    checkpoint: Checkpoint
    layers: tuple[int, ...]
    heads: tuple[tuple[int, ...], ...]
    neurons: tuple[tuple[int, ...], ...]
    dropped: tuple[LayerLoss, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class PruneResult:
    """What became of a run. Metrics are those of the labelled data; `metrics_recovered` is None without training."""

    run: Path
    pruned: Pruned
    config_before: BertConfig
    parameters_before: int
    parameters_after: int
    metric: str
    metrics_before: dict[str, float]
    metrics_after: dict[str, float]
    metrics_recovered: dict[str, float] | None = None
    interrupted: bool = False

    @property
    def size_mb_before(self) -> float:
        """Of the weights in float32."""
        return 4 * self.parameters_before / 1e6

    @property
    def size_mb_after(self) -> float:
        return 4 * self.parameters_after / 1e6


def prune_weights(
    reference: str | os.PathLike[str] | Checkpoint,
    data: Any,
    *,
    keep_heads: float = 1.0,
    keep_ffn: float = 1.0,
    drop_layers: int = 0,
    keep_layers: Sequence[int] | None = None,
    seed: int = 0,
    say: Callable[[str], None] = lambda line: None,
) -> Pruned:
    """Takes the least important layers, heads and neurons out of a checkpoint's weights, without writing anything.

    Layers go first, so that heads and neurons are measured in the model that they will be in. For the arguments and
    errors see `prune_checkpoint`.
    """
    checkpoint = as_checkpoint(reference)
    for name, share in (("keep_heads", keep_heads), ("keep_ffn", keep_ffn)):
        check_setting(0 < share <= 1, name, share, "a share, above 0 and at most 1")
    config = checkpoint.config
    most = config.num_layers - 1
    check_setting(
        0 <= drop_layers <= most, "drop_layers", drop_layers, f"from 0 to {most}: there are {config.num_layers} layers"
    )
    if keep_layers is not None and drop_layers:
        raise InputError("keep_layers says which layers stay, drop_layers how many go. Give one of them")
    heads = max(1, round(keep_heads * config.num_heads))
    neurons = neurons_to_keep(keep_ffn, config.intermediate_dim)
    whole = (config.num_heads, config.intermediate_dim)
    layers = tuple(range(config.num_layers)) if keep_layers is None else tuple(keep_layers)
    if (heads, neurons) == whole and not drop_layers and layers == tuple(range(config.num_layers)):
        raise InputError(
            f"expected something to leave out: {heads} of {whole[0]} heads, {neurons} of {whole[1]} neurons and all "
            "layers would stay. Lower --keep-heads or --keep-ffn, or raise --drop-layers"
        )
    model = open_task(checkpoint)
    model.problem.check(data)
    dropped: tuple[LayerLoss, ...] = ()
    if drop_layers:
        dropped = least_important_layers(checkpoint, data, drop_layers, say=say)
    layers = tuple(i for i in layers if i not in {loss.layer for loss in dropped})
    weights, config = with_layers(checkpoint.weights, config, layers)
    if (heads, neurons) == whole:
        chosen_heads, chosen_neurons = (_all(count, config.num_layers) for count in whole)
    else:
        shallower = dataclasses.replace(checkpoint, weights=weights, config=config)
        importance = gate_importance(open_task(shallower), data, seed=seed)
        chosen_heads = _largest(importance.heads, heads)
        chosen_neurons = _largest(importance.neurons, neurons)
    weights, config = with_heads(weights, config, chosen_heads)
    weights, config = with_neurons(weights, config, chosen_neurons)
    return Pruned(
        checkpoint=dataclasses.replace(checkpoint, weights=weights, config=config),
        layers=layers,
        heads=chosen_heads,
        neurons=chosen_neurons,
        dropped=dropped,
    )


def prune_checkpoint(
    run: str | os.PathLike[str] | Checkpoint,
    output: str | os.PathLike[str],
    data: Any,
    *,
    keep_heads: float = 1.0,
    keep_ffn: float = 1.0,
    drop_layers: int = 0,
    keep_layers: Sequence[int] | None = None,
    train: Any = None,
    settings: FinetuneSettings | None = None,
    seed: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    show_progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
    command: str | None = None,
) -> PruneResult:
    """Writes a run directory of a fine-tuned model with fewer heads, neurons and layers.

    They are gone for good: matrices are smaller, and so are the files that are exported from the run. Without training,
    the logits are those of the whole model with the missing heads and neurons gated to zero.

    transformers loads a run with fewer layers or neurons, and with a few settings, too. It has no config for
    **fewer heads**, whose width together is not hidden_size any more: such a run is for kbert, and for its exports.

    Args:
        run: a run directory, or another checkpoint with a task's head.
        output: the run directory to write.
        data: labelled data, as the task's problem reads it; choose what goes, and measure. Held out from training.
        keep_heads: share of the attention heads that stay in every layer; of a number, the nearest, at least one.
        keep_ffn: share of the feed-forward neurons that stay in every layer; of large layers the nearest multiple of
            32.
        drop_layers: how many layers go; which, is measured (`least_important_layers`).
        keep_layers: the numbers of the layers that stay, in place of `drop_layers`.
        train: labelled data to fine-tune on afterwards, for the same task and with the same head; None for no training.
        settings: how; by default those of `FinetuneSettings`, and the run's `max_length`.
        seed: of the order in which examples are measured.
        resume: go on with the interrupted training in `output`; what goes is chosen anew, and is the same.
        overwrite: replace what `output` holds.
        show_progress: draw a line of progress of the training on stderr.
        say: told what is measured, a line at a time.
        command: what to note in `kbert.json` as the command.

    Raises:
        InputError: a share or number is out of its range, nothing would go, the run has no task's head, the data does
            not fit it, there is nothing to resume, or the output cannot be written; says why.
    """
    if resume:
        check_resumable(Path(output))
    else:
        check_output_directory(Path(output), overwrite=overwrite)
    checkpoint = as_checkpoint(run)
    if checkpoint.folder is not None and os.path.realpath(output) == os.path.realpath(checkpoint.folder):
        raise InputError(f"{output}: the output is the run itself. Choose another folder")
    model = open_task(checkpoint)
    if train is not None:
        model.problem.check(train)
    pruned = prune_weights(
        checkpoint,
        data,
        keep_heads=keep_heads,
        keep_ffn=keep_ffn,
        drop_layers=drop_layers,
        keep_layers=keep_layers,
        seed=seed,
        say=say,
    )
    smaller = open_task(pruned.checkpoint)
    metric = model.problem.main_metric_of(data)
    before, after = (dict(evaluate(one, data).metrics) for one in (model, smaller))
    facts = {**_facts(checkpoint, pruned), "data": fingerprint(data), "before": before, "after": after}
    facts["command"] = command
    if "pruned" in checkpoint.run:  # a run may be pruned again
        facts["earlier"] = checkpoint.run["pruned"]
    result = PruneResult(
        run=Path(output),
        pruned=pruned,
        config_before=checkpoint.config,
        parameters_before=_parameters(model),
        parameters_after=_parameters(smaller),
        metric=metric,
        metrics_before=before,
        metrics_after=after,
    )
    if train is None:
        noted = {"metrics": after, "checkpoint": checkpoint.source, "pruned": facts, "versions": versions()}
        smaller.save_checkpoint(output, overwrite=overwrite, **noted)
        return result
    settings = settings or FinetuneSettings()
    tuned = finetune(
        pruned.checkpoint,
        train,
        output,
        dataclasses.replace(settings, max_length=settings.max_length or model.max_length),
        task=model.problem.task,
        validation=data,
        resume=resume,
        overwrite=overwrite,
        show_progress=show_progress,
        command=command,
    )
    _note(Path(output) / "kbert.json", facts)
    recovered = dict(evaluate(open_task(open_checkpoint(output)), data).metrics)
    return dataclasses.replace(result, metrics_recovered=recovered, interrupted=tuned.interrupted)


def open_task(checkpoint: Checkpoint) -> BertTask:
    """The model of the task that a checkpoint has a head for; raises InputError where it has none."""
    return task_from_checkpoint(checkpoint, task_of(checkpoint))


def task_of(checkpoint: Checkpoint) -> str:
    """What a checkpoint's head is for; raises InputError where it has none."""
    if checkpoint.task is None or not checkpoint.weights:
        raise InputError(
            f"{checkpoint.source}: expected a run with the head of a task, it has none. Fine-tune it first"
        )
    return checkpoint.task


def neurons_to_keep(share: float, neurons: int) -> int:
    """How many of so many neurons a share is: the nearest number, in large layers the nearest multiple of 32."""
    if neurons < SMALLEST_BLOCKED or share == 1:
        return max(1, round(share * neurons))
    return min(neurons, max(1, round(share * neurons / NEURON_BLOCK)) * NEURON_BLOCK)


def _all(count: int, layers: int) -> tuple[tuple[int, ...], ...]:
    return (tuple(range(count)),) * layers


def _largest(importance: np.ndarray, count: int) -> tuple[tuple[int, ...], ...]:
    """For each row the places of its `count` largest values, ascending; of equal ones the first."""
    order = np.argsort(-importance, axis=1, kind="stable")[:, :count]
    return tuple(tuple(sorted(row)) for row in order.tolist())


def _facts(checkpoint: Checkpoint, pruned: Pruned) -> dict[str, Any]:
    sizes = ("num_layers", "num_heads", "intermediate_dim")
    return {
        "from": {name: getattr(checkpoint.config, name) for name in sizes},
        "to": {name: getattr(pruned.checkpoint.config, name) for name in sizes},
        "layers": list(pruned.layers),
        "heads": [list(heads) for heads in pruned.heads],
    }


def _parameters(model: BertTask) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.named_variables().values())


def _note(path: Path, facts: dict[str, Any]) -> None:
    run = json.loads(path.read_text("utf-8"))
    with new_file(path) as place:
        write_json(place, {**run, "pruned": facts})
