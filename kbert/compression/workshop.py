"""Makes the runs and files of a ladder's steps, and measures them."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kbert.checkpoints import Checkpoint, open_checkpoint
from kbert.compression.ladder import TRIMMED, WHOLE, Step
from kbert.distillation.distill import distill
from kbert.distillation.settings import DistillSettings
from kbert.distillation.student import TASK_VOCABULARY, WHOLE_VOCABULARY, cut_out
from kbert.export.pipeline import export_model
from kbert.export.recipe import Recipe
from kbert.export.search_report import Candidate
from kbert.files import new_directory, write_json
from kbert.finetune_settings import FinetuneSettings
from kbert.pruning.prune import neurons_to_keep, prune_checkpoint
from kbert.tasks.kinds import task_from_checkpoint
from kbert.tasks.task import BertTask
from kbert.training_state import FOLDER
from kbert.trim import write_used_tokens

RUNGS = "rungs.json"
# The gate of a file on the way is open: its drop is what is to be found out.
OPEN = 100.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rung:
    """What one step came to. `metric` is the file's, from 0 to 1; `drop` in points against the whole model."""

    name: str
    scheme: str
    parameters: int
    size_bytes: int
    latency_ms: float
    metric: float
    drop: float
    agreement: float
    shift: float

    def candidate(self) -> Candidate:
        return Candidate(
            formats={self.name: self.scheme},
            size_bytes=self.size_bytes,
            latency_ms=self.latency_ms,
            drop_points=self.drop,
            agreement=self.agreement,
            shift=self.shift,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workshop:
    """Makes the steps' runs and files in a folder, and takes those that lie there already."""

    known: Checkpoint
    whole: BertTask
    train: Any
    validation: Any
    unlabelled: Sequence[Any]
    settings: DistillSettings
    place: Path
    show_progress: bool
    say: Callable[[str], None]
    command: str | None

    def rung(self, step: Step) -> Rung:
        """What a step comes to."""
        kept = self.place / RUNGS
        done = [Rung(**row) for row in json.loads(kept.read_text("utf-8"))] if kept.is_file() else []
        for rung in done:
            if rung.name == step.name:
                return rung
        found = self._measured(step)
        write_json(kept, [dataclasses.asdict(rung) for rung in [*done, found]])
        return found

    def model(self, step: Step) -> BertTask:
        """The model of a step, made now if it is not there."""
        if step.student is None:
            return self.whole
        folder = self.place / step.run.replace(", ", "-").replace(" ", "-")
        if not (folder / "kbert.json").is_file() or (folder / FOLDER).is_dir():
            self._make_run(step, folder)
        return task_from_checkpoint(open_checkpoint(folder), self.whole.problem.task)

    def least_bytes(self, step: Step, rungs: Sequence[Rung]) -> float:
        """What the file of a student will weigh at least, as far as the files of the run itself tell; 0 where not.

        A byte of a small file holds less of its weights than one of a large file, which has the same metadata.
        """
        student = step.student
        of_scheme = [rung.size_bytes / rung.parameters for rung in rungs if rung.scheme == step.scheme]
        if student is None or not of_scheme:
            return 0.0
        if step.keep_ffn is not None:
            neurons = neurons_to_keep(step.keep_ffn, self.known.config.intermediate_dim)
            student = dataclasses.replace(student, intermediate=neurons)
        parameters = cut_out(self.known, dataclasses.replace(student, vocabulary=WHOLE_VOCABULARY)).parameters
        if student.vocabulary == TASK_VOCABULARY:
            whole, trimmed = (next(r.parameters for r in rungs if r.name.startswith(run)) for run in (WHOLE, TRIMMED))
            token_width = student.config(self.known.config).token_dim
            parameters -= (whole - trimmed) // self.known.config.token_dim * token_width
        return min(of_scheme) * parameters

    def _make_run(self, step: Step, folder: Path) -> None:
        assert step.student is not None
        if step.keep_ffn is not None:
            self._prune(step, step.keep_ffn, folder)
            return
        if not step.is_taught:
            self._trim(self.known, folder)
            return
        result = distill(
            self.known.source,
            self.train,
            folder,
            self.settings,
            student=step.student,
            unlabelled=self.unlabelled,
            validation=self.validation,
            answers=self.place / "teacher",
            resume=(folder / FOLDER).is_dir(),
            overwrite=True,
            show_progress=self.show_progress,
            say=self.say,
            command=self.command,
        )
        if result.interrupted:
            raise KeyboardInterrupt

    def _prune(self, step: Step, keep_ffn: float, folder: Path) -> None:
        assert step.student is not None
        settings = FinetuneSettings(
            epochs=1,
            learning_rate=self.settings.learning_rate,
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
        )
        is_trimmed = step.student.vocabulary == TASK_VOCABULARY
        place = self.place / "pruned" if is_trimmed else folder
        result = prune_checkpoint(
            self.known,
            place,
            self.validation,
            keep_ffn=keep_ffn,
            train=self.train,
            settings=settings,
            resume=(place / FOLDER).is_dir(),
            overwrite=True,
            show_progress=self.show_progress,
            command=self.command,
        )
        if result.interrupted:
            raise KeyboardInterrupt
        if is_trimmed:
            self._trim(open_checkpoint(place), folder)
            shutil.rmtree(place)

    def _trim(self, checkpoint: Checkpoint, folder: Path) -> None:
        """The checkpoint with the tokens that the texts use."""
        texts = [*self.train.inputs, *self.unlabelled]
        with new_directory(folder, overwrite=True) as made:
            write_used_tokens(checkpoint, self.whole.problem.encode(texts).token_ids, made)

    def _measured(self, step: Step) -> Rung:
        student = self.model(step)
        report = export_model(
            student,
            Recipe(formats=("tflite",), schemes=(step.scheme,), max_drop=OPEN),
            self.validation,
            self.place / "exported",
            calibration=self.train.inputs,
            overwrite=True,
            reference=self.whole,
        )
        (file,) = report.files
        return Rung(
            name=step.name,
            scheme=step.scheme,
            parameters=student.count_params(),
            size_bytes=file.size_bytes,
            latency_ms=file.measurement.latency_ms,
            metric=file.verdict.exported,
            drop=file.verdict.drop_points,
            agreement=file.verdict.agreement,
            shift=file.verdict.mean_shift,
        )
