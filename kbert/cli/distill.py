"""`kbert distill`."""

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import (
    batch_size_option,
    clip_norm_option,
    command_line,
    data_options,
    metric_option,
    overwrite_option,
    patience_option,
    precision_option,
    seed_option,
    tensorboard_option,
    warmup_option,
    weight_decay_option,
)
from kbert.cli.text_inputs import TextCommand

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command(cls=TextCommand)
@click.argument("teacher")
@click.option("--train", "train_file", required=True, help="Labelled data, as the teacher was fine-tuned on.")
@click.option("--unlabelled", "unlabelled_files", multiple=True, help="Texts without labels. More files may follow it.")
@click.option("--validation", "validation_file", help="Labelled data that choose the best epoch.")
@click.option(
    "--student",
    "student",
    required=True,
    help="layers=3,hidden=192,intermediate=768,heads=6,vocabulary=task: what differs from TEACHER; or a checkpoint.",
)
@click.option("--output", required=True, help="The run directory to write.")
@data_options
@click.option(
    "--objectives",
    default="soft",
    show_default=True,
    help="What is learnt, each with its weight: soft=0.9,labels=0.1,hidden,embeddings,relations,cosine.",
)
@click.option("--temperature", default=2.0, show_default=True, help="How far the teacher's answers are flattened.")
@click.option("--intermediate-epochs", default=0, show_default=True, help="Epochs of a stage before, on features.")
@click.option(
    "--intermediate-objectives",
    "intermediate",
    default="hidden,relations",
    show_default=True,
    help="What that stage learns.",
)
@click.option("--layer-map", help="Layers of student and teacher that are to be alike, as 0:1,1:3.  [default: evenly]")
@click.option("--relation-heads", type=int, help="Parts of queries, keys and values.  [default: the teacher's heads]")
@click.option("--augment", "copies", default=0, show_default=True, help="Variants made of each text, for the teacher.")
@click.option("--mlm", help="A checkpoint with an MLM head: replaces words of the variants by likely ones.")
@click.option("--epochs", default=10, show_default=True, help="Times that all texts are seen.")
@click.option("--learning-rate", default=1e-4, show_default=True, help="The highest one, at the end of the warm-up.")
@batch_size_option
@warmup_option
@weight_decay_option
@clip_norm_option
@click.option("--dropout", type=float, help="Share of activations dropped.  [default: the teacher's]")
@metric_option
@patience_option
@precision_option
@seed_option
@tensorboard_option
@click.option("--resume", is_flag=True, help="Go on with the interrupted run in --output.")
@overwrite_option
def command(
    teacher: str,
    train_file: str,
    unlabelled_files: tuple[str, ...],
    validation_file: str | None,
    student: str,
    output: str,
    columns: "ColumnNames",
    objectives: str,
    intermediate: str,
    layer_map: str | None,
    copies: int,
    mlm: str | None,
    tensorboard: str | None,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Teach a small student what TEACHER, a fine-tuned run, knows.

    The teacher answers all texts once, and the student learns its answers; a stage before may learn what happens inside
    it. Ctrl-C stops after the step in hand; --resume goes on from there.

    \b
    kbert distill run --train train.csv --validation dev.csv --student layers=3,vocabulary=task --output small
    """
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint
    from kbert.distillation import DistillSettings, Objectives, StudentSpec, distill
    from kbert.distillation.settings import parse_layer_map
    from kbert.problems.kinds import problem_class

    chosen = DistillSettings(
        objectives=Objectives.parse(objectives),
        intermediate=Objectives.parse(intermediate),
        layer_map=None if layer_map is None else parse_layer_map(layer_map),
        **settings,
    )
    spec = StudentSpec.parse(student) if "=" in student else student
    problem = problem_class(open_checkpoint(teacher).task or "text-classification")
    train = problem.read(train_file, columns)
    unlabelled = [given for file in unlabelled_files for given in problem.read_inputs(file, columns)]
    if copies:
        unlabelled += _variants([*train.inputs, *unlabelled], copies, mlm, chosen.seed)
    elif mlm is not None:
        raise click.UsageError("--mlm replaces words of variants: say how many with --augment N")
    result = distill(
        teacher,
        train,
        output,
        chosen,
        student=spec,
        unlabelled=unlabelled,
        validation=None if validation_file is None else problem.read(validation_file, columns),
        resume=resume,
        overwrite=overwrite,
        tensorboard=tensorboard,
        show_progress=True,
        say=lambda line: click.echo(line, err=True),
        command=command_line(),
    )
    if result.truncated:
        click.echo(f"{result.truncated} texts were longer than {result.max_length} tokens and were cut", err=True)
    if result.interrupted:
        click.echo(f"stopped; {result.run} holds the state so far. Go on with the same command and --resume", err=True)
        sys.exit(130)
    for name, value in result.teacher.items():
        ours = f"{result.student[name]:.4f}" if name in result.student else "not measured: no --validation"
        click.echo(f"{name}: teacher {value:.4f}, student {ours}")
    click.echo(
        f"{result.run}: {result.parameters / 1e6:.2f} million weights of the teacher's "
        f"{result.teacher_parameters / 1e6:.2f}, {result.tokens} tokens"
    )


def _variants(texts: list[Any], copies: int, mlm: str | None, seed: int) -> list[str]:
    from kbert.distillation.augmentation import WITH_MODEL, Augmentation, augment

    if mlm is None:
        return augment(texts, Augmentation(copies=copies), seed=seed)
    from kbert.pretrainer import BertPretrainer

    how = dataclasses.replace(WITH_MODEL, copies=copies)
    return augment(texts, how, seed=seed, model=BertPretrainer.from_checkpoint(mlm))
