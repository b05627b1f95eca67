"""What a student looks like, and what it takes over from its teacher before it learns.

`layers=3,intermediate=768,vocabulary=task` and the like: each field that is left out stays as it is in the teacher.
Layers are taken whole. Of a narrower width those coordinates, neurons and heads stay that weigh most (Minitron,
arXiv:2407.14679, ranks by activations; here it is the weights that are at hand): a student cut out of its teacher needs
a fraction of the data that one from random weights needs.
"""

import dataclasses
import os
import re
from collections.abc import Mapping

import numpy as np

from kbert.checkpoints import Checkpoint, open_checkpoint
from kbert.config import BertConfig
from kbert.errors import InputError, check_setting
from kbert.pruning.weights import keep_heads, keep_layers, keep_neurons

TASK_VOCABULARY, WHOLE_VOCABULARY = "task", "whole"
WIDTHS = {"hidden": "hidden_dim", "intermediate": "intermediate_dim", "heads": "num_heads", "embedding": "token_dim"}
FIELDS = ("layers", *WIDTHS, "vocabulary")
LAYER_HELP = "a number, top:N, bottom:N, or a list such as 0+2+5"


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudentSpec:
    """The sizes of a student cut out of its teacher; None keeps the teacher's.

    `layers` is a number (taken by stride, the last one always: every second of six for three), `top:N`, `bottom:N`, or
    positions in the teacher, from 0, joined by `+`. `hidden`, `intermediate` and `heads` are widths. `embedding` is
    that of the token table, whose rows a dense layer then brings to `hidden`. `vocabulary` is `whole`, or `task` for
    only those tokens that the texts of the training use.

    Example:
        >>> StudentSpec.parse("layers=3,vocabulary=task").chosen_layers(6)
        (1, 3, 5)
    """

    layers: str | None = None
    hidden: int | None = None
    intermediate: int | None = None
    heads: int | None = None
    embedding: int | None = None
    vocabulary: str = WHOLE_VOCABULARY

    def __post_init__(self) -> None:
        for name in WIDTHS:
            value = getattr(self, name)
            check_setting(value is None or value >= 1, f"student {name}", value, "at least 1")
        known = (TASK_VOCABULARY, WHOLE_VOCABULARY)
        check_setting(self.vocabulary in known, "student vocabulary", self.vocabulary, " or ".join(known))
        if self.layers is not None and not re.fullmatch(r"(top:|bottom:)?\d+|\d+(\+\d+)+", self.layers):
            raise InputError(f"student layers must be {LAYER_HELP}. Received: {self.layers}")

    @classmethod
    def parse(cls, text: str) -> "StudentSpec":
        """From what stands on a command line, `layers=3,hidden=192`.

        Raises:
            InputError: a field is unknown, stands twice, or is no number where one is due.
        """
        found: dict[str, str | int] = {}
        for part in text.split(","):
            name, equals, value = part.strip().partition("=")
            if not equals or name not in FIELDS:
                raise InputError(
                    f"a student is described by {', '.join(f'{field}=…' for field in FIELDS)} between commas, or is a "
                    f"checkpoint. Received: {part.strip()!r}"
                )
            if name in found:
                raise InputError(f"student {name} stands twice in {text!r}")
            if name in WIDTHS:
                check_setting(value.isdecimal(), f"student {name}", value, "a whole number")
                found[name] = int(value)
            else:
                found[name] = value
        return cls(**found)  # type: ignore[arg-type]

    def chosen_layers(self, num_layers: int) -> tuple[int, ...]:
        """Which of the teacher's layers the student has, from the lowest.

        Raises:
            InputError: there are not so many, or a position is out of range or stands twice.
        """
        if self.layers is None:
            return tuple(range(num_layers))
        if "+" in self.layers:
            chosen = tuple(int(part) for part in self.layers.split("+"))
            if max(chosen) >= num_layers or list(chosen) != sorted(set(chosen)):
                raise InputError(
                    f"student layers must be positions from 0 to {num_layers - 1}, in order, each once. "
                    f"Received: {self.layers}"
                )
            return chosen
        kind, _, number = self.layers.rpartition(":")
        count = int(number)
        expected = f"from 1 to {num_layers}, the layers of the teacher"
        check_setting(1 <= count <= num_layers, "student layers", self.layers, expected)
        if kind == "top":
            return tuple(range(num_layers - count, num_layers))
        if kind == "bottom":
            return tuple(range(count))
        return spread(count, num_layers)

    def config(self, teacher: BertConfig) -> BertConfig:
        """The student's sizes, heads being as wide as the teacher's.

        Raises:
            InputError: a width is above the teacher's, so that nothing could be cut out of it.
        """
        changes: dict[str, int] = {"num_layers": len(self.chosen_layers(teacher.num_layers))}
        for name, field in WIDTHS.items():
            value = getattr(self, name)
            if value is not None and value > getattr(teacher, field):
                raise InputError(
                    f"student {name} must be at most {getattr(teacher, field)}, the teacher's: weights are cut out of "
                    f"it. Received: {value}. For a wider student give a checkpoint of its own"
                )
            if value is not None:
                changes[field] = value
        if self.heads is None and self.hidden is not None:
            changes["num_heads"] = min(teacher.num_heads, max(1, self.hidden // teacher.head_dim))
        heads = changes.get("num_heads", teacher.num_heads)
        token_dim = changes.pop("token_dim", teacher.embedding_dim)
        return teacher.replace(**changes, attention_dim=heads * teacher.head_dim, embedding_dim=token_dim)


def open_teacher(reference: str | os.PathLike[str]) -> tuple[Checkpoint, str]:
    """A fine-tuned model and its task; raises InputError where it has no head."""
    teacher = open_checkpoint(reference)
    if teacher.task is None:
        raise InputError(
            f"{teacher.source}: expected a fine-tuned teacher, it has no head. Fine-tune it first, or distil it on raw "
            "text: --corpus"
        )
    return teacher, teacher.task


def spread(count: int, num_layers: int) -> tuple[int, ...]:
    """So many of the layers at even distances, the last one always."""
    return tuple((i + 1) * num_layers // count - 1 for i in range(count))


def cut_out(teacher: Checkpoint, spec: StudentSpec, used_tokens: np.ndarray | None = None) -> Checkpoint:
    """The student before it learns: the teacher's layers, and of each matrix those rows and columns that weigh most.

    Its heads come along, and the pooler. A narrower token table is the nearest of its width to the teacher's.

    Args:
        teacher: what to cut from.
        spec: the student's sizes.
        used_tokens: the ids that such a table is to be nearest for; None for all.

    Raises:
        InputError: see `StudentSpec.config`; the teacher has no weights, or heads of another width are asked for.
    """
    if not teacher.weights:
        raise InputError(f"{teacher.source}: expected a trained teacher, it has no weights")
    wanted = spec.config(teacher.config)
    layers = spec.chosen_layers(teacher.config.num_layers)
    weights, config = keep_layers(teacher.weights, teacher.config, layers)
    if wanted.intermediate_dim < config.intermediate_dim:
        neurons = [_strongest(strength, wanted.intermediate_dim) for strength in _neuron_strengths(weights, config)]
        weights, config = keep_neurons(weights, config, neurons)
    if wanted.num_heads < config.num_heads:
        heads = [_strongest(strength, wanted.num_heads) for strength in _head_strengths(weights, config)]
        weights, config = keep_heads(weights, config, heads)
    if wanted.hidden_dim < config.hidden_dim:
        weights = _narrow_hidden(weights, wanted.hidden_dim)
        config = config.replace(hidden_dim=wanted.hidden_dim, attention_dim=config.heads_dim)
        if config.embedding_dim is None:
            weights = _without_projection(weights)
    if wanted.token_dim < config.token_dim:
        weights = _factorize(weights, wanted.token_dim, used_tokens)
        config = config.replace(embedding_dim=wanted.token_dim)
    return dataclasses.replace(teacher, config=config, weights=weights)


def _factorize(weights: Mapping[str, np.ndarray], width: int, used_tokens: np.ndarray | None) -> dict[str, np.ndarray]:
    """A token table of so many columns and the dense layer behind it, by the principal components of the rows.

    Where there is such a layer already, its kernel takes up the change of basis.
    """
    table = weights["embeddings.token"].astype("float64")
    used = table if used_tokens is None else table[np.unique(used_tokens)]
    mean = used.mean(axis=0)
    _, components = np.linalg.eigh(np.cov(used - mean, rowvar=False, bias=True))  # by ascending variance
    basis = components[:, : -width - 1 : -1]  # (token_dim, width)
    kernel, bias = basis.T, mean
    if "embeddings.projection.kernel" in weights:
        before = weights["embeddings.projection.kernel"]
        kernel, bias = kernel @ before, weights["embeddings.projection.bias"] + mean @ before
    found = {
        "embeddings.token": (table - mean) @ basis,
        "embeddings.projection.kernel": kernel,
        "embeddings.projection.bias": bias,
    }
    return {**weights, **{name: value.astype("float32") for name, value in found.items()}}


def _without_projection(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The rows of the token table as the layer behind it gives them, if there is one, and no such layer."""
    found = dict(weights)
    if "embeddings.projection.kernel" in found:
        rows = found["embeddings.token"] @ found.pop("embeddings.projection.kernel")
        found["embeddings.token"] = rows + found.pop("embeddings.projection.bias")
    return found


def _strongest(scores: np.ndarray, count: int) -> list[int]:
    """The positions of the highest scores, in their order."""
    return sorted(np.argsort(-scores, kind="stable")[:count].tolist())


def _neuron_strengths(weights: Mapping[str, np.ndarray], config: BertConfig) -> list[np.ndarray]:
    """Of each layer's neurons, how much they read times how much they write."""
    return [
        np.linalg.norm(weights[f"layers.{i}.intermediate.kernel"], axis=0)
        * np.linalg.norm(weights[f"layers.{i}.output.kernel"], axis=1)
        for i in range(config.num_layers)
    ]


def _head_strengths(weights: Mapping[str, np.ndarray], config: BertConfig) -> list[np.ndarray]:
    """The same of each layer's heads, by what they hand on."""
    found = []
    for i in range(config.num_layers):
        value = np.linalg.norm(weights[f"layers.{i}.attention.value.kernel"], axis=0)
        output = np.linalg.norm(weights[f"layers.{i}.attention.output.kernel"], axis=1)
        found.append((value * output).reshape(config.num_heads, -1).sum(axis=1))
    return found


# Matrices of the encoder's width on both sides.
SQUARE = ("pooler.kernel", "mlm.transform.kernel")
# Where every vector has the encoder's width; elsewhere, in a head, it is a bias of the outputs.
OF_HIDDEN_WIDTH = ("layers.", "embeddings.", "pooler.", "mlm.transform.", "mlm.layer_norm.")
# Which axis of a weight is the residual stream, by the end of its name; None for neither.
HIDDEN_AXES = (
    ("intermediate.kernel", 0),
    ("intermediate.bias", None),
    ("query.kernel", 0),
    ("key.kernel", 0),
    ("value.kernel", 0),
    ("query.bias", None),
    ("key.bias", None),
    ("value.bias", None),
    ("output.kernel", 1),
    ("embeddings.token", 1),
    ("embeddings.projection.kernel", 1),
    ("embeddings.position", 1),
    ("embeddings.segment", 1),
)


def _narrow_hidden(weights: Mapping[str, np.ndarray], width: int) -> dict[str, np.ndarray]:
    """The same coordinates of the residual stream in every weight: those that are written and read most strongly."""
    strength = np.zeros(len(weights["embeddings.layer_norm.gamma"]))
    for name, value in weights.items():
        if name.endswith(".kernel") and name.startswith("layers."):
            norms = np.linalg.norm(value, axis=0 if name.endswith("output.kernel") else 1)
            strength += norms / np.linalg.norm(norms)
    kept = _strongest(strength, width)
    found = {}
    for name, value in weights.items():
        if name == "embeddings.token" and "embeddings.projection.kernel" in weights:
            found[name] = value  # the layer behind it has become narrower
            continue
        if name in SQUARE:
            found[name] = value[np.ix_(kept, kept)]
            continue
        default = -1 if value.ndim == 1 else 0
        axis: int | None = next((axis for end, axis in HIDDEN_AXES if name.endswith(end)), default)
        if axis is None or (value.ndim == 1 and not name.startswith(OF_HIDDEN_WIDTH)):
            found[name] = value
        else:
            found[name] = np.take(value, kept, axis=axis)
    return found
