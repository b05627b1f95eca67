"""`kbert distill`."""

import dataclasses
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from kbert.cli.options import (
    batch_size_option,
    clip_norm_option,
    command_line,
    data_options,
    metric_option,
    overwrite_option,
    patience_option,
    precision_option,
    resume_option,
    seed_option,
    tensorboard_option,
    warmup_option,
    weight_decay_option,
)
from kbert.cli.text_inputs import TextCommand

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames
    from kbert.distillation import CorpusDistillResult, DistillResult

# What says something about one of the two forms alone, by the names of parameters.
_OF_TRAIN = (
    *("unlabelled_files", "columns", "intermediate", "intermediate_epochs", "copies", "mlm", "epochs"),
    *("metric", "patience"),
)
_OF_COLUMNS = ("text_column", "text_b_column", "label_column", "separator", "names")
_OF_CORPUS = ("steps", "max_length", "mask_share", "max_predictions", "evaluate_every", "save_every")


@click.command(cls=TextCommand)
@click.argument("teacher")
@click.option("--train", "train_file", help="Labelled data, as the teacher was fine-tuned on.")
@click.option(
    "--corpus",
    multiple=True,
    metavar="TEXT",
    help="Files and folders of raw text, in place of --train. More may follow it.",
)
@click.option("--unlabelled", "unlabelled_files", multiple=True, help="Texts without labels. More files may follow it.")
@click.option("--validation", "validation_file", help="Labelled data, or held-out text, that choose the best weights.")
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
    help="What is learnt, each with its weight: soft=0.9,labels=0.1,hidden,embeddings,relations,cosine,mlm.  "
    "[default: soft; with --corpus soft=5,mlm=2,cosine, or relations where TEACHER has no MLM head]",
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
@click.option("--steps", default=10_000, show_default=True, help="Updates of the weights, with --corpus.")
@click.option("--max-length", default=128, show_default=True, help="Tokens of a text from --corpus.")
@click.option("--mask-share", default=0.15, show_default=True, help="Share of its tokens that are predicted.")
@click.option("--max-predictions", default=20, show_default=True, help="Predicted tokens of a text at most.")
@click.option("--evaluate-every", default=1000, show_default=True, help="Steps between evaluations on held-out text.")
@click.option("--save-every", default=1000, show_default=True, help="Steps between saved states.")
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
@resume_option
@overwrite_option
def command(
    teacher: str,
    train_file: str | None,
    corpus: tuple[str, ...],
    student: str,
    objectives: str | None,
    layer_map: str | None,
    **options: Any,
) -> None:
    """Teach a small student what TEACHER knows: a fine-tuned run on its data, or any encoder on raw text.

    On its data, TEACHER answers all texts once, and the student learns its answers; a stage before may learn what
    happens inside it. On raw text, the student learns what the MLM head says of masked places and what happens inside,
    and can be fine-tuned for any task. Ctrl-C stops after the step in hand; --resume goes on from there.

    \b
    kbert distill run --train train.csv --validation dev.csv --student layers=3,vocabulary=task --output small
    kbert distill bert --corpus books --student layers=6 --output general
    """
    if (train_file is None) == (not corpus):
        raise click.UsageError("give --train or --corpus, and not both")
    _check_options(corpus=bool(corpus))
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.distillation import Objectives, StudentSpec
    from kbert.distillation.settings import parse_layer_map

    options["student"] = StudentSpec.parse(student) if "=" in student else student
    options["layer_map"] = None if layer_map is None else parse_layer_map(layer_map)
    if objectives is not None:
        options["objectives"] = Objectives.parse(objectives)
    left_out = _OF_TRAIN if corpus else _OF_CORPUS
    options = {name: value for name, value in options.items() if name not in left_out}
    if corpus:
        _on_raw_text(teacher, corpus, **options)
    else:
        _on_data(teacher, str(train_file), **options)


def _check_options(*, corpus: bool) -> None:
    """Refuses options that say nothing about the form of distillation that was asked for."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            if corpus and name in (*_OF_TRAIN, *_OF_COLUMNS):
                raise click.UsageError(f"{parameter.opts[0]} goes with --train, not with --corpus")
            if not corpus and name in _OF_CORPUS:
                raise click.UsageError(f"{parameter.opts[0]} goes with --corpus, not with --train")


def _on_data(
    teacher: str,
    train_file: str,
    *,
    student: Any,
    output: str,
    unlabelled_files: tuple[str, ...],
    validation_file: str | None,
    columns: "ColumnNames",
    intermediate: str,
    copies: int,
    mlm: str | None,
    tensorboard: str | None,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    from kbert.checkpoints import open_checkpoint
    from kbert.distillation import DistillSettings, Objectives, distill
    from kbert.problems.kinds import problem_class

    chosen = DistillSettings(intermediate=Objectives.parse(intermediate), **settings)
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
        student=student,
        unlabelled=unlabelled,
        validation=None if validation_file is None else problem.read(validation_file, columns),
        resume=resume,
        overwrite=overwrite,
        tensorboard=tensorboard,
        show_progress=True,
        say=_say,
        command=command_line(),
    )
    if result.truncated:
        _say(f"{result.truncated} texts were longer than {result.max_length} tokens and were cut")
    if result.interrupted:
        _stop(f"stopped; {result.run} holds the state so far. Go on with the same command and --resume")
    for name, value in result.teacher.items():
        ours = f"{result.student[name]:.4f}" if name in result.student else "not measured: no --validation"
        click.echo(f"{name}: teacher {value:.4f}, student {ours}")
    click.echo(_sizes(result))


def _on_raw_text(
    teacher: str,
    corpus: tuple[str, ...],
    *,
    student: Any,
    output: str,
    validation_file: str | None,
    max_length: int,
    tensorboard: str | None,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    from kbert.distillation import CorpusDistillSettings, distill_corpus
    from kbert.pretraining import TextSource

    try:
        result = distill_corpus(
            teacher,
            TextSource(corpus=corpus, max_length=max_length, sentence_objective="none"),
            output,
            CorpusDistillSettings(**settings),
            student=student,
            validation=() if validation_file is None else [validation_file],
            resume=resume,
            overwrite=overwrite,
            tensorboard=tensorboard,
            show_progress=True,
            say=_say,
            command=command_line(),
        )
    except KeyboardInterrupt:
        _stop("stopped; go on with the same command and --resume")
    if result.interrupted:
        _stop(f"stopped after step {result.steps_done}; go on with the same command and --resume")
    for name, value in result.student.items():
        beside = f"teacher {result.teacher[name]:.4f}, " if name in result.teacher else ""
        click.echo(f"{name}: {beside}student {value:.4f}")
    click.echo(_sizes(result))


def _say(line: str) -> None:
    click.echo(line, err=True)


def _stop(line: str) -> NoReturn:
    _say(line)
    sys.exit(130)


def _sizes(result: "DistillResult | CorpusDistillResult") -> str:
    return (
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
