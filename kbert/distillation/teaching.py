"""`Teaching`: what a student's training step does for its teacher, on top of what fine-tuning does."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kbert.backbone import BertBackbone
from kbert.distillation.features import FeatureLosses
from kbert.distillation.settings import DistillSettings
from kbert.distillation.soft_targets import BESIDE, kind_of, soft_loss
from kbert.fine_tuning.losses import LabelCrossentropy
from kbert.fine_tuning.step import SIGMOID, VALUES
from kbert.tasks.task import BertTask


class Teaching:
    """Given to a student as its `teaching`; `FineTuningStep` asks it for outputs and for their loss.

    Args:
        student: the model that learns.
        teacher: the encoder of its teacher, which reads the same ids; None where only answers are learnt.
        settings: `objectives`, `temperature` and what `FeatureLosses` reads.
        label_losses: of the data's own targets, by output.
    """

    def __init__(
        self,
        student: BertTask,
        teacher: BertBackbone | None,
        settings: DistillSettings,
        label_losses: Mapping[str, keras.losses.Loss],
    ) -> None:
        self.settings = settings
        self.label_losses = {name: _passing_over(loss) for name, loss in label_losses.items()}
        problem = student.problem
        self.kinds = {name: kind_of(problem.task, problem.activations[name]) for name in student.output}
        self.features = None if teacher is None else FeatureLosses(student.backbone, teacher, settings)
        # One model of everything that is to be run: the student's answers and what is read inside it.
        inside = {} if self.features is None else self.features.outputs
        self.model = keras.Model(student.input, {"answers": student.output, "inside": inside}) if inside else None

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        return [] if self.features is None else self.features.trainable_variables

    def run(self, student: BertTask, x: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The student's outputs in training, and its features."""
        if self.model is None:
            return student(x, training=True), {}
        found = self.model(x, training=True)
        return found["answers"], found["inside"]

    def loss(self, x: Any, y: Any, outputs: Mapping[str, Any], inside: Mapping[str, Any]) -> Any:
        """The loss of a batch, one number: all objectives, each with its weight."""
        weights = self.settings.objectives
        targets = y if isinstance(y, Mapping) else self._alone(y, outputs)
        total: Any = 0.0
        if weights.labels:
            losses = [
                self.label_losses[name](self._own_target(name, targets[name], output), output)
                for name, output in outputs.items()
            ]
            total += weights.labels * sum(losses)
        if weights.soft:
            losses = [
                soft_loss(self.kinds[name], targets[name + BESIDE], outputs[name], self.settings.temperature)
                for name in outputs
            ]
            total += weights.soft * sum(losses) / len(losses)
        if self.features is not None:
            total += self.features.loss(inside, x)
        return total

    def _alone(self, target: Any, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """A batch's only target with its name: the teacher's where its answers are learnt, else the data's own."""
        (name,) = outputs if len(outputs) == 1 else ("",)
        return {name + BESIDE if self.settings.objectives.soft else name: target}

    def _own_target(self, name: str, target: Any, output: Any) -> Any:
        """A text without a label has no gradient: where the target is no number, the model's own answer is right."""
        if self.kinds[name] not in (SIGMOID, VALUES):
            return target
        answer = ops.stop_gradient(ops.cast(output, "float32"))
        return ops.where(ops.isnan(target), ops.sigmoid(answer) if self.kinds[name] == SIGMOID else answer, target)


def _passing_over(loss: keras.losses.Loss) -> keras.losses.Loss:
    """A loss of classes that passes over texts without a label."""
    return LabelCrossentropy() if isinstance(loss, keras.losses.SparseCategoricalCrossentropy) else loss
