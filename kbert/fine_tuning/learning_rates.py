"""Which layers learn how fast: a learning rate that falls from the head to the embeddings, and frozen layers."""

import re
from typing import Any

from kbert.backbone import BertBackbone
from kbert.fine_tuning.settings import BACKBONE, EMBEDDINGS

LAYER = re.compile(r"layers\.(\d+)\.")


def layer_decay_multipliers(model: Any, decay: float) -> dict[str, float]:
    """What the learning rates of a model's variables are multiplied by, one layer's after the other's.

    Lower layers hold what is general of the language and are to change less. The rates are those of BEiT
    (arXiv:2106.08254), after ULMFiT (arXiv:1801.06146) and ELECTRA (arXiv:2003.10555): layer i, counted from 0, has
    `decay ** (num_layers - i)`; the embeddings, below it, `decay ** (num_layers + 1)`; the pooler and the head 1.

    Args:
        model: a task or a backbone, with `named_variables`.
        decay: the factor from a layer to the one below it.

    Returns:
        The multiplier by the `path` of the variable, as `kbert.optimizer.AdamW` takes it; nothing where all are 1.
    """
    if decay == 1.0:
        return {}
    variables = model.named_variables()
    layers = {name: int(match[1]) for name in variables if (match := LAYER.match(name))}
    num_layers = 1 + max(layers.values())
    multipliers = {}
    for name, variable in variables.items():
        if name in layers:
            multipliers[variable.path] = decay ** (num_layers - layers[name])
        elif name.startswith("embeddings."):
            multipliers[variable.path] = decay ** (num_layers + 1)
    return multipliers


def freeze(backbone: BertBackbone, what: str | int | None) -> None:
    """Keeps layers of a backbone as they are: they get no gradients and no weight decay; their dropout stays.

    To be called before the model is compiled, and after everything that counts non-trainable variables.

    Args:
        backbone: that of the model that is trained, with the compact vocabulary the small one.
        what: `embeddings`; so many of the lowest layers, and the embeddings below them; `backbone`, which leaves the
            head alone to learn (the pooler is frozen too); or None.
    """
    if what is None:
        return
    if what == BACKBONE:
        backbone.trainable = False
        return
    backbone.embeddings.trainable = False
    if what != EMBEDDINGS:
        for layer in backbone.encoder_layers[: int(what)]:
            layer.trainable = False
