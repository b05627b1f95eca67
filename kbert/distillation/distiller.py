"""`Distiller`: a student that learns from a teacher, for `fit` in a script."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import keras

from kbert.distillation.settings import DistillSettings, Objectives
from kbert.distillation.soft_targets import mask_unread, teacher_targets
from kbert.distillation.student import StudentSpec, cut_out, open_teacher
from kbert.distillation.teaching import Teaching
from kbert.distillation.unlabelled import read_tokens
from kbert.errors import InputError
from kbert.tasks.kinds import task_from_checkpoint
from kbert.tasks.task import BertTask, one_or_all

SOFT_ALONE = Objectives(soft=1.0)


class Distiller:
    """Trains a student on what its teacher answers, and on what happens inside it.

    Keras has `keras.distillation.Distiller`, whose losses know no padding: a mean over the tokens of a batch counts
    those that are none. It also runs the student twice a step where it compares hidden states, and the teacher at every
    epoch anew. So its place is taken here; `soft_loss` is what its `LogitsDistillation` computes.

    Args:
        teacher: a fine-tuned model of any task.
        student: a model of the same task with the same labels and vocabulary, such as `student_of` makes.
        objectives: what is learnt, and how much each counts.
        temperature: how far probabilities are flattened.
        layer_map: pairs of a student's layer and the teacher's, from 0; by default spread evenly.
        relation_heads: into how many parts queries, keys and values are cut.

    Raises:
        InputError: the two have other labels or vocabularies, or what `DistillSettings` and `FeatureLosses` raise.

    Example:
        >>> teacher = TextClassifier.from_checkpoint("run")
        >>> student = student_of("run", "layers=3")
        >>> distiller = Distiller(teacher, student, objectives=Objectives(soft=1.0, relations=1.0))
        >>> distiller.compile(keras.optimizers.AdamW(1e-4))
        >>> distiller.fit(["lights off", "what time is it"], epochs=3)
        >>> student.predict(["turn it off"])[0].label
        'off'
    """

    def __init__(
        self,
        teacher: BertTask,
        student: BertTask,
        *,
        objectives: Objectives = SOFT_ALONE,
        temperature: float = 2.0,
        layer_map: tuple[tuple[int, int], ...] | None = None,
        relation_heads: int | None = None,
    ) -> None:
        if teacher.problem.task != student.problem.task or teacher.labels != student.labels:
            raise InputError(
                f"expected a student for the teacher's task and labels: the teacher has {len(teacher.labels)} for "
                f"{teacher.problem.task}, the student {len(student.labels)} for {student.problem.task}"
            )
        if teacher.known_tokenizer().vocabulary != student.known_tokenizer().vocabulary:
            raise InputError("expected a student with the teacher's vocabulary: both read the same tokens")
        self.teacher, self.student = teacher, student
        self.settings = DistillSettings(
            objectives=objectives, temperature=temperature, layer_map=layer_map, relation_heads=relation_heads
        )

    def compile(self, optimizer: Any = "adam", **kwargs: Any) -> None:
        """As `keras.Model.compile`, without a loss: the objectives make it."""
        losses = self.student.losses_by_output()
        encoder = self.teacher.backbone if self.settings.objectives.reads_features else None
        self.student.teaching = Teaching(self.student, encoder, self.settings, losses)
        self.student.compile(optimizer, loss=one_or_all(losses), **kwargs)

    def fit(self, x: Any, *, batch_size: int = 32, seed: int = 0, **kwargs: Any) -> keras.callbacks.History:
        """As `keras.Model.fit`, on labelled data as a reader gives them, or on a list of inputs without labels.

        The teacher is asked once, before the first epoch.

        Raises:
            InputError: the objectives need labels, and there are none; or `compile` was not called.
        """
        problem = self.teacher.problem
        if self.student.teaching is None:
            raise InputError("compile the distiller before fit")
        if isinstance(x, Sequence):
            if self.settings.objectives.labels:
                raise InputError("the objective labels needs labelled data. Received: inputs alone")
            inputs, tokens = x, problem.encode(x)
        else:
            inputs, tokens = x.inputs, problem.encode_examples(x)
        targets = dict(tokens.targets)
        if self.settings.objectives.soft:
            outputs = self.teacher.run_rows(tokens, batch_size=batch_size)
            found = teacher_targets(problem, outputs, self.teacher.outputs_of_tokens())
            targets |= mask_unread(found, read_tokens(problem, inputs, tokens))
        tokens = dataclasses.replace(tokens, targets=targets)
        return self.student.fit_tokens(tokens, batch_size=batch_size, seed=seed, **kwargs)


def student_of(teacher: str | os.PathLike[str], spec: StudentSpec | str, **options: Any) -> BertTask:
    """A student cut out of a fine-tuned run: its model, before it learns.

    Args:
        teacher: the run.
        spec: its sizes, as `layers=3,intermediate=768`.
        options: for the model, such as `dtype`.

    Raises:
        InputError: the teacher has no head, or the student does not fit into it.
    """
    known, task = open_teacher(teacher)
    spec = spec if isinstance(spec, StudentSpec) else StudentSpec.parse(spec)
    return task_from_checkpoint(cut_out(known, spec), task, **options)
