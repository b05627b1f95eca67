"""Epoch after epoch of Keras's `fit`, with the state saved in between."""

import dataclasses
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
import numpy as np

from kbert.checkpoints import extract_weights
from kbert.compact_vocabulary import TOKEN_TABLE, CompactVocabulary
from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches
from kbert.fine_tuning.averaging import averaged_weights
from kbert.fine_tuning.learning_rates import freeze, layer_decay_multipliers
from kbert.fine_tuning.losses import with_options
from kbert.finetune_settings import FinetuneSettings
from kbert.head_start import has_head_start, probe_head
from kbert.optimizer import decay_without_gradient, make_optimizer
from kbert.problems.problem import Problem
from kbert.progress import Interruption, StepCallback, TrainingProgress
from kbert.quantization.fake_quantization import FakeQuantization, ScaleRefresh, fake_quantize
from kbert.tasks.task import BertTask, one_or_all
from kbert.tensorboard import TensorBoardCurves
from kbert.tokenizer import SPECIAL_TOKENS
from kbert.training_state import Position, TrainingState

if TYPE_CHECKING:
    from kbert.distillation.teaching import Teaching


# Makes what a student learns from its teacher, given the student and the losses of its labels.
Teach: TypeAlias = Callable[[BertTask, dict[str, keras.losses.Loss]], "Teaching"]


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """Tokenized texts, and the small vocabulary that they are in if there is one; `examples` are validation's.

    `labelled` are those of `train` that have labels: all, but where a teacher gives answers to others too.
    """

    problem: Problem
    train: TokenizedTexts
    validation: TokenizedTexts | None
    examples: Any
    compact: CompactVocabulary | None
    labelled: TokenizedTexts

    @classmethod
    def prepare(cls, model: BertTask, train: Any, validation: Any, settings: FinetuneSettings) -> "TrainingData":
        texts = model.problem.encode_examples(train)
        return cls.of_tokens(model, texts, texts, validation, settings)

    @classmethod
    def of_tokens(
        cls,
        model: BertTask,
        train: TokenizedTexts,
        labelled: TokenizedTexts,
        validation: Any,
        settings: FinetuneSettings,
    ) -> "TrainingData":
        """The same of texts that are tokenized already."""
        problem, tokenizer = model.problem, model.known_tokenizer()
        held_out = None if validation is None else problem.encode_examples(validation)
        compact = None
        if settings.compact_vocabulary:
            special = [tokenizer.token_id(token) for token in SPECIAL_TOKENS]
            sets = [train] if held_out is None else [train, held_out]
            used = np.concatenate([special, *(texts.token_ids for texts in sets)]).astype("int64")
            table = extract_weights({TOKEN_TABLE: model.named_variables()[TOKEN_TABLE]})[TOKEN_TABLE]
            compact = CompactVocabulary(used, table)
            small = compact.translate(train)
            labelled = small if labelled is train else compact.translate(labelled)
            train = small
            held_out = None if held_out is None else compact.translate(held_out)
        return cls(problem, train, held_out, validation, compact, labelled)


class TrainingLoop:
    """Each epoch is a `fit` of its own on a finite dataset; validation, best and last state come in between."""

    def __init__(
        self,
        model: BertTask,
        data: TrainingData,
        settings: FinetuneSettings,
        state: TrainingState,
        *,
        new_head: bool,
        resume: bool,
        teach: Teach | None = None,
    ) -> None:
        self.data = data
        self.settings = settings
        self.state = state
        self.batches_per_epoch = -(-(len(data.train) // data.train.group) // settings.batch_size)
        self.total_batches = self.batches_per_epoch * settings.epochs
        self.model = data.compact.shrink(model) if data.compact else model
        self.model.fine_tuning = settings
        self.fake: FakeQuantization | None = None
        if settings.quantize:
            whole = model.backbone.config.vocabulary_size
            self.fake = fake_quantize(self.model, settings.quantize, vocabulary_size=whole)
        if new_head and settings.probe_head and not resume and has_head_start(model.problem.task):
            probe_head(self.model, data.labelled, batch_size=settings.batch_size, seed=settings.seed)
        self._refresh_scales()
        freeze(self.model.backbone, settings.freeze)
        losses = with_options(self.model.losses_by_output(), settings, data.labelled.targets, len(model.labels))
        if teach is not None:
            self.model.teaching = teach(self.model, losses)
        total_steps = max(1, self.total_batches // settings.gradient_accumulation)
        self.optimizer = make_optimizer(
            learning_rate=settings.learning_rate,
            total_steps=total_steps,
            warmup_steps=round(settings.warmup * total_steps),
            weight_decay=settings.weight_decay,
            clip_norm=settings.clip_norm,
            gradient_accumulation=settings.gradient_accumulation,
            learning_rate_multipliers=layer_decay_multipliers(self.model, settings.layer_decay),
            ema=settings.ema,
        )
        self.model.compile(self.optimizer, loss=one_or_all(losses))
        self.model.optimizer.build(self.model.trainable_variables)
        self.position = state.restore(self.model) if resume else Position()
        if self.position.best_epoch is not None:
            # Damage must show now, not after the rest of the training.
            state.load_best(model.named_variables())
        self.divergence: str | None = None
        self.sentences_done = 0
        self.step_seconds = 0.0

    @property
    def done_batches(self) -> int:
        return self.position.epoch * self.batches_per_epoch + self.position.batch

    def run(self, progress: TrainingProgress, interruption: Interruption, tensorboard: Any) -> None:
        """Trains until the last epoch, an interruption, or a `divergence`, whose state is not saved."""
        writer = TensorBoardCurves(tensorboard)
        while self.position.epoch < self.settings.epochs and not interruption.requested and not self._out_of_patience():
            progress.update(stage=f"epoch {self.position.epoch + 1}/{self.settings.epochs}")
            losses = self._train_epoch(progress, interruption)
            writer.losses(losses, self.done_batches, self.optimizer)
            self.divergence = self._find_divergence(losses)
            if self.divergence:
                return
            if self.position.batch == self.batches_per_epoch:
                self._finish_epoch(float(np.mean(losses)), progress)
                writer.metrics(self.position.history[-1], self.done_batches)
            self.state.save_last(self.model, self.position)

    def _train_epoch(self, progress: TrainingProgress, interruption: Interruption) -> list[float]:
        epoch = self.position.epoch
        texts = self.data.train
        rows = epoch_rows(
            texts.lengths, self.settings.batch_size, seed=self.settings.seed, epoch=epoch, group=texts.group
        )
        rows = rows[self.position.batch :]
        steps = StepCallback(progress, interruption, must_be_finite=not self._may_overflow)
        callbacks = [steps] if self.fake is None else [steps, ScaleRefresh(self.fake, self.done_batches)]
        started = time.perf_counter()
        keras.Model.fit(
            self.model,
            make_batches(texts, rows),
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=0,
            callbacks=callbacks,
            shuffle=False,
        )
        self.step_seconds += time.perf_counter() - started
        self.sentences_done += sum(len(batch) for batch in rows[: steps.steps])
        self.position.batch += steps.steps
        return steps.losses

    @property
    def _may_overflow(self) -> bool:
        """Whether one loss that is no number is no divergence: loss scaling leaves such a step out."""
        return self.settings.precision == "mixed_float16"

    def _find_divergence(self, losses: list[float]) -> str | None:
        if not (np.isfinite(losses).any() if self._may_overflow else math.isfinite(losses[-1])):
            return f"step {self.done_batches}: the loss is {losses[-1]}"
        # The loss of a step is that of the weights before it.
        values = (keras.ops.convert_to_numpy(variable) for variable in self.model.trainable_variables)
        if not all(np.isfinite(value).all() for value in values):
            return f"step {self.done_batches}: weights are no numbers any more"
        return None

    def _finish_epoch(self, train_loss: float, progress: TrainingProgress) -> None:
        with averaged_weights(self.model):
            self._refresh_scales()
            self._judge_epoch(train_loss, progress)
        if self.settings.ema:
            self._refresh_scales()

    def _refresh_scales(self) -> None:
        if self.fake is not None:
            self.fake.refresh()

    def _judge_epoch(self, train_loss: float, progress: TrainingProgress) -> None:
        metrics = {"train_loss": train_loss}
        if self.data.validation is not None:
            metrics |= self._validate(self.data.validation)
        position = self.position
        position.history.append(metrics)
        metric = metrics.get(str(self.settings.metric))
        if metric is None or position.best_metric is None or metric > position.best_metric:
            position.best_metric, position.best_epoch = metric, position.epoch
            self.state.save_best(self._whole_weights())
        position.epoch, position.batch = position.epoch + 1, 0
        shown = "" if metric is None else f"{self.settings.metric} {metric:.4f}"
        progress.update(metric=shown)
        progress.say(f"epoch {position.epoch}: train loss {train_loss:.4f}  {shown and f'validation {shown}'}")

    def _validate(self, tokens: TokenizedTexts) -> dict[str, float]:
        examples = self.data.examples
        outputs = self.model.run_rows(tokens, batch_size=self.settings.batch_size)
        answers = self.data.problem.decode(examples.inputs, tokens, outputs)
        return self.data.problem.tuned(answers, examples).score(answers, examples)

    def _out_of_patience(self) -> bool:
        if self.settings.patience is None or self.position.best_epoch is None:
            return False
        return self.position.epoch - 1 - self.position.best_epoch >= self.settings.patience

    def _whole_weights(self) -> dict[str, np.ndarray]:
        weights = extract_weights(self.model.named_variables())
        if self.data.compact:
            updates = int(keras.ops.convert_to_numpy(self.optimizer.iterations))
            table = self.model.named_variables()[TOKEN_TABLE]
            decay = decay_without_gradient(self.optimizer, updates, table, averaged=self.settings.ema > 0)
            weights[TOKEN_TABLE] = self.data.compact.expand(weights[TOKEN_TABLE], decay)
        return weights

    def load_best_into(self, model: BertTask) -> None:
        """Gives the whole model the best epoch's weights, or the last ones if no epoch was finished."""
        variables = model.named_variables()
        with averaged_weights(self.model):
            has_best = self.position.best_epoch is not None
            weights = self.state.load_best(variables) if has_best else self._whole_weights()
        for name, variable in variables.items():
            variable.assign(weights[name])
