"""`Checkpoint`: what every format is read into, and how its weights get into a model."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kbert.config import BertConfig
from kbert.errors import InputError

if TYPE_CHECKING:
    import keras

    from kbert.tokenizer import BertTokenizer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Weights and facts of a BERT model, whatever format they came in.

    `weights` holds arrays under our names (see `kbert.layers.naming`), dense kernels as (inputs, outputs). A preset
    has none. `task` is what its head is for, by the name that the command line has for it, and `labels` are the names
    of that head's outputs; both are None for an encoder without one. `tied_decoder` is False where the MLM head
    projects with weights of its own, which are not among `weights`. `folder` is where the tokenizer files lie; `run` is
    the content of `kbert.json` where kbert wrote the checkpoint.
    """

    source: str
    config: BertConfig
    weights: Mapping[str, np.ndarray]
    task: str | None = None
    labels: tuple[str, ...] | None = None
    tied_decoder: bool = True
    folder: Path | None = None
    run: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def task_settings(self) -> Mapping[str, Any]:
        """What a run noted of its task beyond the labels, such as a threshold."""
        return dict(self.run.get("task_settings", {}))

    @property
    def parameters(self) -> int:
        """How many numbers its weights are."""
        return sum(int(value.size) for value in self.weights.values())

    def tokenizer(self) -> "BertTokenizer":
        """The tokenizer that belongs to these weights.

        Raises:
            InputError: there is none, or its vocabulary does not have one token for each row of the embedding table.
        """
        from kbert.tokenizer import BertTokenizer

        if self.folder is None:
            raise InputError(f"{self.source} has no vocabulary of its own: give one with --vocab FILE")
        tokenizer = BertTokenizer.from_directory(self.folder)
        self.check_vocabulary(tokenizer)
        return tokenizer

    def with_vocabulary(self, tokenizer: "BertTokenizer") -> "Checkpoint":
        """The same checkpoint for a tokenizer given apart. A preset takes any; weights need one token a row.

        Raises:
            InputError: the vocabulary does not have one token for each row of the embedding table.
        """
        if not self.weights:
            config = self.config.replace(vocabulary_size=tokenizer.vocabulary_size)
            return dataclasses.replace(self, config=config)
        self.check_vocabulary(tokenizer)
        return self

    def check_vocabulary(self, tokenizer: "BertTokenizer") -> None:
        """Raises InputError unless the vocabulary has one token for each row of the embedding table."""
        if tokenizer.vocabulary_size != self.config.vocabulary_size:
            relation = "shorter" if tokenizer.vocabulary_size < self.config.vocabulary_size else "longer"
            raise InputError(
                f"{self.source}: the vocabulary is {relation} than the embedding table: expected "
                f"{self.config.vocabulary_size} tokens, got {tokenizer.vocabulary_size}. "
                "It belongs to another checkpoint, or was cut"
            )


def assign_weights(
    variables: Mapping[str, "keras.Variable"], checkpoint: Checkpoint, *, optional: Sequence[str] = ()
) -> list[str]:
    """Copies a checkpoint's weights into variables of the same names.

    Args:
        variables: what to fill, by our names.
        checkpoint: where from; its further weights are ignored.
        optional: prefixes of names that may be missing: those variables keep their values.

    Returns:
        The names that were missing.

    Raises:
        InputError: a tensor is missing, or its shape does not fit; nothing has been assigned then.
    """
    missing = []
    for name, variable in variables.items():
        if name not in checkpoint.weights:
            if not any(name.startswith(prefix) for prefix in optional):
                raise InputError(f"{checkpoint.source}: expected a tensor for {name}, found none")
            missing.append(name)
        elif tuple(variable.shape) != checkpoint.weights[name].shape:
            raise InputError(
                f"{checkpoint.source}: tensor {name}: expected shape {tuple(variable.shape)}, "
                f"got {checkpoint.weights[name].shape}"
            )
    for name in variables.keys() - set(missing):
        variables[name].assign(np.asarray(checkpoint.weights[name], "float32"))
    return missing


def extract_weights(variables: Mapping[str, "keras.Variable"]) -> dict[str, np.ndarray]:
    """The values of variables, as float32 arrays under our names."""
    import keras

    return {name: np.asarray(keras.ops.convert_to_numpy(value), "float32") for name, value in variables.items()}
