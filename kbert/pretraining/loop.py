"""Step after step, with the state saved in between."""

import dataclasses
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import keras
import numpy as np

from kbert.checkpoints import extract_weights
from kbert.data.pretraining_batches import Batch, PretrainingBatches
from kbert.distributed import Worker, explained_loss_of_a_worker
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.curves import MetricsLog
from kbert.pretraining.settings import PretrainSettings
from kbert.pretraining.snapshots import Snapshots
from kbert.pretraining.step import PretrainingStep, StepSums
from kbert.progress import Interruption, TrainingProgress
from kbert.training_state import state_variables

if TYPE_CHECKING:
    from kbert.distillation.corpus_teaching import CorpusTeaching


class HeldOut(Protocol):
    """What scores a model on held-out text: metrics, of which the lowest `loss` is the best."""

    def score(self, model: BertPretrainer) -> dict[str, float]: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainingData:
    """Batches of the first length, of the greater one for the last steps, and held-out text."""

    short: PretrainingBatches
    long: PretrainingBatches | None
    validation: HeldOut | None


class PretrainingLoop:
    """Trains a model for the steps that are left of a run; with a `teaching`, on what its teacher knows."""

    def __init__(
        self,
        model: BertPretrainer,
        data: PretrainingData,
        settings: PretrainSettings,
        worker: Worker,
        snapshots: Snapshots,
        *,
        resume: bool,
        teaching: "CorpusTeaching | None" = None,
    ) -> None:
        self.model = model
        self.data = data
        self.settings = settings
        self.worker = worker
        self.snapshots = snapshots
        with worker.strategy.scope():
            self.train = PretrainingStep(model, settings, teaching)
        self.short_steps = settings.steps - (settings.long_steps if data.long else 0)
        self.tokens_per_second = 0.0
        self.step = snapshots.restore(self._variables()) if resume else 0
        self.best_metrics = snapshots.best_metrics() if resume else {}

    def run(self, progress: TrainingProgress, interruption: Interruption, log_path: Path, tensorboard: Any) -> None:
        log = MetricsLog(log_path, first_step=self.step, tensorboard=tensorboard) if self.worker.is_chief else None
        saved_step = self.step
        unproved = self.step > 0  # the newest state, whose weights have not given a loss yet
        batches = self._batches()
        recent: list[StepSums] = []
        tokens, training_seconds, stop = 0, 0.0, False
        while self.step < self.settings.steps and not stop:
            started = time.perf_counter()
            step_batches = [next(batches) for _ in range(self.settings.gradient_accumulation)]
            sums, stop = self._train_step(step_batches, interruption)
            # Several workers have agreed within the step; one need not wait for the next.
            stop = stop or (self.worker.count == 1 and interruption.requested)
            training_seconds += time.perf_counter() - started
            tokens += sum(math.prod(features["token_ids"].shape) for features, _, _ in step_batches) * self.worker.count
            self.step += 1
            recent.append(sums)
            loss = float(keras.ops.convert_to_numpy(sums.loss()))
            if not math.isfinite(loss):
                # A state that leads straight here is no good one.
                self._stop_diverged(f"the loss is {loss}", bad_step=self.step - 1)
            if unproved:
                self._delete_old_states()
                unproved = False
            progress.update(advance=1, stage=f"epoch {self._epoch()}", loss=f"{loss:.4f}")
            if self.step % self.settings.log_every == 0 or self.step == self.settings.steps:
                self.tokens_per_second = tokens / training_seconds
                metrics = self._train_metrics(recent)
                if log:
                    log.write(self.step, "train", metrics)
                progress.update(metric=f"{self.tokens_per_second:,.0f} tokens/s")
                recent, tokens, training_seconds = [], 0, 0.0
            if self.step % self.settings.evaluate_every == 0 or self.step == self.settings.steps:
                self._validate(log, progress)
            if self.step % self.settings.save_every == 0:
                self._save()
                saved_step, unproved = self.step, True
        if saved_step != self.step:
            self._save()
        if self.step == self.settings.steps:
            # No step will follow that could prove the last state bad.
            self._delete_old_states()

    def _train_step(self, batches: list[Batch], interruption: Interruption) -> tuple[StepSums, bool]:
        with explained_loss_of_a_worker(self.worker, f"step {self.step + 1}", "Start all of them again with --resume"):
            return self.train(batches, wants_to_stop=interruption.requested)

    def _batches(self) -> Iterator[Batch]:
        """The batches from the current step on: first the short texts, then the long ones."""
        per_step = self.settings.gradient_accumulation
        worker, count = self.worker.index, self.worker.count
        if self.step < self.short_steps:
            first, left = self.step * per_step, (self.short_steps - self.step) * per_step
            yield from self.data.short.read(first, left, worker=worker, num_workers=count)
        if self.data.long is not None:
            first = (self.step - self.short_steps) * per_step
            yield from self.data.long.read(first, worker=worker, num_workers=count)

    def _epoch(self) -> str:
        """Which time the text is read."""
        batches, steps = self.data.short, self.step
        if self.data.long is not None and self.step > self.short_steps:
            batches, steps = self.data.long, self.step - self.short_steps
        return str((steps * self.settings.gradient_accumulation - 1) // batches.batches_per_epoch + 1)

    def _train_metrics(self, parts: list[StepSums]) -> dict[str, float]:
        total = type(parts[0])(*(sum(values) for values in zip(*parts, strict=True)))
        metrics = total.metrics()
        rate = self.train.inner_optimizer.learning_rate
        metrics["learning_rate"] = float(keras.ops.convert_to_numpy(rate))
        return metrics | {"tokens_per_second": self.tokens_per_second}

    def _validate(self, log: MetricsLog | None, progress: TrainingProgress) -> None:
        if self.data.validation is None or not self.worker.is_chief:
            return
        metrics = self.data.validation.score(self.model)
        if metrics["loss"] < self.best_metrics.get("loss", math.inf):
            self.best_metrics = metrics
            self.snapshots.save_best(self.step, extract_weights(self.model.named_variables()), metrics)
        if log:
            log.write(self.step, "validation", metrics)
        told = f"loss {metrics['loss']:.4f}"
        if "masked_accuracy" in metrics:
            told = f"masked accuracy {metrics['masked_accuracy']:.4f}, perplexity {metrics['perplexity']:.1f}"
        progress.say(f"step {self.step}: held-out {told}")

    def _save(self) -> None:
        # The loss of a step is that of the weights before it.
        weights = extract_weights(self.model.named_variables())
        if not all(np.isfinite(weight).all() for weight in weights.values()):
            self._stop_diverged("weights are no numbers any more", bad_step=self.step)
        if self.worker.is_chief:
            self.snapshots.save(self.step, self._variables())

    def _delete_old_states(self) -> None:
        if self.worker.is_chief:
            self.snapshots.delete_old()

    def _stop_diverged(self, reason: str, *, bad_step: int) -> NoReturn:
        if self.worker.is_chief:
            self.snapshots.drop(bad_step)
        kept = self.snapshots.last_step()
        advice = "start again" if kept is None else f"the state after step {kept} is kept, go on with --resume"
        raise InputError(f"step {self.step}: {reason}; {advice} and a smaller --learning-rate")

    def _variables(self) -> dict[str, keras.Variable]:
        found = state_variables(self.model, self.train.optimizer)
        projections = [] if self.train.teaching is None else self.train.teaching.trainable_variables
        return found | {f"teaching.{i}": variable for i, variable in enumerate(projections)}
