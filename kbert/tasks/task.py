"""`BertTask`: what the Keras models of all tasks share."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, as_checkpoint, assign_weights, extract_weights, load_backbone
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches, sorted_rows
from kbert.errors import InputError
from kbert.files import new_directory, write_json
from kbert.fine_tuning.step import SIGMOID, SOFTMAX, VALUES, FineTuningStep
from kbert.layers.naming import named_variables
from kbert.problems.problem import Problem
from kbert.tokenizer import BertTokenizer

if TYPE_CHECKING:
    import tensorflow as tf

# What a problem's activations make of the outputs that they are for.
KINDS = {"softmax": SOFTMAX, "sigmoid": SIGMOID, "none": VALUES}


class BertTask(FineTuningStep, keras.Model):
    """A head, or two, on the encoder: a functional Keras model that knows what it is asked.

    It takes the dict of `BertBackbone` and returns a dict of float32 logits. `fit` and `predict` also take plain texts,
    once a tokenizer is known (`from_checkpoint` brings it).

    A subclass says in `architecture` how Hugging Face calls it, in `connect` what it puts on the encoder, and in
    `losses_by_output` how it learns.
    """

    architecture: ClassVar[str]
    # Whether the heads stand on `pooled_output`.
    reads_pooler: ClassVar[bool] = True
    problem: Problem
    # The scheme of the file that the weights were trained for, see `kbert.quantization`.
    trained_scheme: str | None = None

    def __init__(self, backbone: BertBackbone, problem: Problem, **kwargs: Any) -> None:
        heads, outputs = self.connect(backbone, problem)
        super().__init__(inputs=backbone.input, outputs=outputs, **kwargs)
        self.dtype_policy = backbone.dtype_policy
        self.backbone = backbone
        self.heads = heads
        self.output_kinds = {name: KINDS[problem.activations[name]] for name in outputs}
        limit = backbone.config.max_sequence_length
        self.problem = dataclasses.replace(problem, max_length=min(problem.max_length, limit))

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Problem
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        """The heads by the name of their weights, and the model's outputs."""
        raise NotImplementedError

    @classmethod
    def of_problem(cls, backbone: BertBackbone, problem: Problem) -> Self:
        """A model of any task, whatever its own constructor takes."""
        model = cls.__new__(cls)
        BertTask.__init__(model, backbone, problem)
        return model

    @classmethod
    def load(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        task: str,
        labels: Sequence[str] | None = None,
        *,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
        **settings: Any,
    ) -> Self:
        """The model of a task from a checkpoint, with its heads where the checkpoint has those of this task.

        `settings` are the problem's own; by default the checkpoint's, or those of the task.

        Raises:
            InputError: the checkpoint is unsound; it has no head and no `labels` came; or their numbers differ.
        """
        from kbert.problems.kinds import make_problem, problem_class

        checkpoint = as_checkpoint(reference)
        has_head = checkpoint.task == task and not new_head
        labels = labels if labels is not None else checkpoint.labels if has_head else None
        if labels is None:
            if problem_class(task).has_labels:
                raise InputError(f"{checkpoint.source}: has no head for {task}: say which labels to learn")
            labels = ()
        if has_head and checkpoint.labels is not None and len(checkpoint.labels) != len(labels):
            raise InputError(
                f"{checkpoint.source}: its {task} head has {len(checkpoint.labels)} labels, got {len(labels)}. "
                "Give as many, or ask for a new head"
            )
        if tokenizer is None and checkpoint.folder is not None:
            tokenizer = checkpoint.tokenizer()
        elif tokenizer is not None:
            checkpoint = checkpoint.with_vocabulary(tokenizer)
        longest = max_length or checkpoint.run.get("max_length") or problem_class(task).default_max_length
        known = checkpoint.task_settings if has_head else {}
        problem = make_problem(task, labels, tokenizer, longest, {**known, **settings})
        model = cls.of_problem(load_backbone(checkpoint, dtype=dtype), problem)
        if has_head:
            model.load_heads(checkpoint)
            model.trained_scheme = checkpoint.run.get("settings", {}).get("quantize")
        return model

    @property
    def labels(self) -> tuple[str, ...]:
        return self.problem.labels

    @property
    def tokenizer(self) -> BertTokenizer | None:
        return self.problem.tokenizer

    @property
    def max_length(self) -> int:
        return self.problem.max_length

    @max_length.setter
    def max_length(self, value: int) -> None:
        self.problem = dataclasses.replace(self.problem, max_length=value)

    @property
    def trainable_weights(self) -> list[keras.Variable]:
        """All but the pooler's where nothing reads it: Keras warns of weights without a gradient."""
        weights: list[keras.Variable] = super().trainable_weights
        unread = set() if self.reads_pooler else {id(variable) for variable in self.backbone.pooler.variables}
        taught = [] if self.teaching is None else self.teaching.trainable_variables
        return [variable for variable in weights if id(variable) not in unread] + taught

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        return self.trainable_weights

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer; raises InputError where the model was built without one."""
        return self.problem.known_tokenizer()

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        """The loss of each output."""
        raise NotImplementedError

    def default_loss(self) -> Any:
        """What `compile` takes as `loss`: one loss, or one for each output."""
        return one_or_all(self.losses_by_output())

    def compile(self, *args: Any, jit_compile: bool | str = False, **kwargs: Any) -> None:
        """As `keras.Model.compile`; XLA is off unless asked for: it would compile anew for every length of batch."""
        super().compile(*args, jit_compile=jit_compile, **kwargs)

    def fit_tokens(self, tokens: TokenizedTexts, *, batch_size: int | None, seed: int, **kwargs: Any) -> Any:
        """`keras.Model.fit` on tokenized texts, batched by length in an order drawn from `seed`."""
        batch_size = batch_size or 32
        kwargs.pop("shuffle", None)

        def rows(epoch: int) -> list[np.ndarray]:
            return epoch_rows(tokens.lengths, batch_size, seed=seed, epoch=epoch, group=tokens.group)

        kwargs.setdefault("steps_per_epoch", len(rows(0)))
        batches = make_batches(tokens, rows, first_epoch=kwargs.get("initial_epoch", 0))
        return super().fit(batches, shuffle=False, **kwargs)

    def answer(self, inputs: Sequence[Any], *, batch_size: int = 32) -> list[Any]:
        """One answer an input, as the task's problem decodes them."""
        if not len(inputs):
            return []
        tokens = self.problem.encode(inputs)
        return self.problem.decode(inputs, tokens, self.run_rows(tokens, batch_size=batch_size))

    def run_rows(self, tokens: TokenizedTexts, *, batch_size: int = 32) -> list[dict[str, np.ndarray]]:
        """The activated outputs of each row, its padding cut off."""
        found: list[dict[str, np.ndarray]] = [{} for _ in range(len(tokens))]
        rows = sorted_rows(tokens.lengths, batch_size)
        batches = make_batches(tokens.without_targets(), rows)
        per_token = self.outputs_of_tokens()
        if not per_token:
            # One call of Keras for all batches: outputs of one shape can be joined.
            outputs = self._activated(predict_batches(self, batches))
            for place, row in enumerate(np.concatenate(rows)):
                found[row] = {name: values[place] for name, values in outputs.items()}
            return found
        _trace_for_any_shape(self, (batches.element_spec,))
        for batch, features in zip(rows, batches, strict=True):
            outputs = self._activated(keras.Model.predict_on_batch(self, features))
            for place, row in enumerate(batch):
                length = tokens.lengths[row]
                found[row] = {
                    name: values[place, :length] if name in per_token else values[place]
                    for name, values in outputs.items()
                }
        return found

    def _activated(self, outputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        return self.problem.activate({name: keras.ops.convert_to_numpy(value) for name, value in outputs.items()})

    def outputs_of_tokens(self) -> set[str]:
        """The names of activated outputs that have a value for each token."""
        return {self.problem.heads[name] for name, tensor in self.output.items() if tensor.shape[1] is None}

    def named_variables(self) -> dict[str, keras.Variable]:
        return {**self.backbone.named_variables(), **named_variables(**self.heads)}

    def load_heads(self, checkpoint: Checkpoint) -> None:
        """Takes the heads' weights from a checkpoint."""
        assign_weights(named_variables(**self.heads), checkpoint)

    def save_checkpoint(self, directory: str | os.PathLike[str], *, overwrite: bool = False, **facts: Any) -> Path:
        """Writes a run directory: a Hugging Face checkpoint with tokenizer, and `kbert.json` with `facts`.

        Raises:
            InputError: the directory holds something already and `overwrite` is not set.
        """
        with new_directory(directory, overwrite=overwrite) as folder:
            self.write_checkpoint_files(folder, **facts)
        return Path(directory)

    def write_checkpoint_files(self, folder: Path, **facts: Any) -> None:
        """The files of `save_checkpoint`, into a folder that exists."""
        problem = self.problem
        write_checkpoint(
            folder,
            self.backbone.config,
            extract_weights(self.named_variables()),
            architecture=self.architecture,
            labels=problem.labels,
            task=problem.task,
        )
        if problem.tokenizer is not None:
            problem.tokenizer.save(folder, max_length=self.backbone.config.max_sequence_length)
        own = {"task": problem.task, "labels": list(problem.labels), "max_length": problem.max_length}
        if problem.settings():
            own["task_settings"] = problem.settings()
        write_json(folder / "kbert.json", {**own, **facts})

    def get_config(self) -> dict[str, Any]:
        problem = self.problem
        return {
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "task": problem.task,
            "labels": list(problem.labels),
            "tokenizer": None if problem.tokenizer is None else problem.tokenizer.to_tokenizer_json(),
            "max_length": problem.max_length,
            "settings": problem.settings(),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        from kbert.problems.kinds import make_problem

        backbone = keras.saving.deserialize_keras_object(config["backbone"], custom_objects=custom_objects)
        text = config["tokenizer"]
        tokenizer = None if text is None else BertTokenizer.from_tokenizer_json(text)
        problem = make_problem(config["task"], config["labels"], tokenizer, config["max_length"], config["settings"])
        model = cls.__new__(cls)
        BertTask.__init__(model, backbone, problem, name=config["name"])
        return model


def predict_batches(model: keras.Model, batches: "tf.data.Dataset") -> Any:
    """`keras.Model.predict` on batches of many shapes."""
    _trace_for_any_shape(model, batches.element_spec)
    return keras.Model.predict(model, batches, verbose=0)


def _trace_for_any_shape(model: keras.Model, spec: Any) -> None:
    """Saves a trace: Keras makes one for the shape of the first batch, and then one for all others."""
    import tensorflow as tf

    if not model.compiled:
        # Where there is a GPU Keras would choose XLA, which compiles anew for every length: 8 s each on an H100.
        model.jit_compile = False
    model.make_predict_function()
    if isinstance(model.predict_function, tf.types.experimental.PolymorphicFunction):
        model.predict_function.get_concrete_function([spec])


def one_or_all(losses: Mapping[str, keras.losses.Loss]) -> Any:
    """The losses of outputs as `compile` takes them: of one output its loss, as its target is a tensor and no dict."""
    return next(iter(losses.values())) if len(losses) == 1 else dict(losses)
