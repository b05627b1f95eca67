"""Distillation: a teacher, data and a student's sizes in, a run directory out."""

import dataclasses
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.checkpoints import Checkpoint, assign_weights, load_backbone, open_checkpoint
from kbert.compact_vocabulary import TOKEN_TABLE, CompactVocabulary
from kbert.data.batching import TokenizedTexts, join_texts
from kbert.distillation.settings import DistillSettings
from kbert.distillation.student import TASK_VOCABULARY, StudentSpec, cut_out, open_teacher
from kbert.distillation.teacher_answers import FOLDER as ANSWERS_FOLDER
from kbert.distillation.teacher_answers import kept_answers
from kbert.distillation.teaching import Teaching
from kbert.distillation.unlabelled import encode_unlabelled, read_tokens
from kbert.errors import InputError
from kbert.files import check_output_directory, new_contents, new_directory
from kbert.provenance import fingerprint, weights_sha256
from kbert.tasks.kinds import task_from_checkpoint
from kbert.tasks.task import BertTask
from kbert.training import run_to_the_end, with_defaults
from kbert.training_loop import Teach, TrainingData, TrainingLoop
from kbert.training_state import FOLDER, TrainingState, check_resumable
from kbert.trim import write_used_tokens

# Where the first of the two stages keeps its run; it is left out where it has no epochs.
INTERMEDIATE = "intermediate"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DistillResult:
    """What a distillation came to. `teacher` and `student` are scores on validation data, empty without any."""

    run: Path
    teacher: Mapping[str, float]
    student: Mapping[str, float]
    best_epoch: int | None
    parameters: int
    teacher_parameters: int
    tokens: int
    interrupted: bool
    sentences_per_second: float
    truncated: int
    max_length: int


def distill(
    teacher: str | os.PathLike[str],
    train: Any,
    output: str | os.PathLike[str],
    settings: DistillSettings | None = None,
    *,
    student: StudentSpec | str | os.PathLike[str],
    unlabelled: Sequence[Any] = (),
    validation: Any = None,
    answers: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
    say: Any = None,
    command: str | None = None,
) -> DistillResult:
    """Teaches a student what a fine-tuned model knows, and writes a run directory.

    Ctrl-C ends it after the step in hand, and `resume` goes on from there, in whichever stage that was.

    Args:
        teacher: a fine-tuned run, or another checkpoint with a head.
        train: labelled data, as the reader of the teacher's task gives it.
        output: the run directory.
        settings: how to distil.
        student: its sizes, or a checkpoint to start from.
        unlabelled: further inputs, for which the teacher has the answers.
        validation: labelled data that choose the best epoch; without them the last one is kept.
        answers: a folder for the teacher's answers, which several students of one teacher may share; by default one in
            `output`, which goes with the training's state.
        resume: go on with the run in `output`.
        overwrite: replace what `output` holds.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw lines of progress on stderr.
        say: called with a line of text where there is something to tell, such as a teacher that knows nothing.
        command: what to note in `kbert.json` as the command of the run.

    Raises:
        InputError: teacher, student, data or output cannot be used together, or the training diverged; says why.
    """
    run = Path(output)
    if resume:
        check_resumable(run)
    else:
        check_output_directory(run, overwrite=overwrite)
    known, task = open_teacher(teacher)
    chosen = with_defaults(settings or DistillSettings(), task, train if validation is None else validation)
    assert isinstance(chosen, DistillSettings)
    keras.utils.set_random_seed(chosen.seed)
    wise = task_from_checkpoint(known, task, dtype=chosen.precision)
    wise.problem.check(train)
    settings = dataclasses.replace(chosen, max_length=wise.max_length)
    if isinstance(student, StudentSpec):
        student.config(known.config)  # sizes that do not fit must show before all texts are read
        tokens, labelled, read = _tokens(wise, train, unlabelled, settings)
        start = cut_out(known, student, tokens.token_ids if student.vocabulary == TASK_VOCABULARY else None)
    else:
        start = open_checkpoint(student)
        _check_same_tokens(start, known)
        tokens, labelled, read = _tokens(wise, train, unlabelled, settings)
    model = _student_model(start, wise, settings)
    identity = {
        **dataclasses.asdict(settings),
        "teacher": os.fspath(teacher),
        "teacher_sha256": weights_sha256(known.weights),
        "student": dataclasses.asdict(student) if isinstance(student, StudentSpec) else os.fspath(student),
        "train": fingerprint(train),
        "unlabelled": len(unlabelled),
        "validation": None if validation is None else fingerprint(validation),
        "text_sha256": weights_sha256({"token_ids": tokens.token_ids, "starts": tokens.starts}),
    }
    if not resume:
        shutil.rmtree(run / FOLDER, ignore_errors=True)
    # Without validation data it is all training texts that are answered, for a warning that someone must hear.
    held_or_heard = validation is not None or say is not None
    scores = _teacher_scores(wise, train if validation is None else validation, say) if held_or_heard else {}
    if settings.objectives.soft:
        found = kept_answers(
            wise,
            tokens,
            read,
            run / FOLDER / ANSWERS_FOLDER if answers is None else Path(answers),
            {name: identity[name] for name in ("teacher_sha256", "text_sha256", "precision")},
            show_progress=show_progress,
        )
        tokens = dataclasses.replace(tokens, targets={**tokens.targets, **found})
    facts = {
        "settings": dataclasses.asdict(settings),
        "checkpoint": known.source,
        "distilled": {"teacher": os.fspath(teacher), "student": identity["student"], "teacher_metrics": scores},
        "data": {name: identity[name] for name in ("train", "unlabelled", "validation")},
        "command": command,
    }
    for is_first in ([True] if settings.intermediate_epochs else []) + [False]:
        of_stage = settings.of_stage(intermediate=is_first)
        place = run / FOLDER / INTERMEDIATE if is_first else run
        if is_first and resume and (place / "kbert.json").is_file() and not (place / FOLDER).exists():
            assign_weights(model.named_variables(), open_checkpoint(place))
            continue
        held_out = None if is_first else validation
        data = TrainingData.of_tokens(model, tokens, labelled, held_out, of_stage)
        state = TrainingState(place, identity)
        goes_on = resume and (state.folder / "last.safetensors").is_file()
        loop = TrainingLoop(
            model,
            data,
            of_stage,
            state,
            new_head=not is_first and start.task != task,
            resume=goes_on,
            teach=_teach(known, data.compact, of_stage),
        )
        result = run_to_the_end(
            loop, model, place, facts, validation=held_out, tensorboard=tensorboard, show_progress=show_progress
        )
        if result.interrupted:
            break
    if result.interrupted and is_first:
        # The run directory must hold something, however early the end came.
        with new_contents(run, keep=FOLDER) as folder:
            model.write_checkpoint_files(folder, **facts, finished=False)
    elif not result.interrupted and isinstance(student, StudentSpec) and student.vocabulary == TASK_VOCABULARY:
        with new_directory(run, overwrite=True) as folder:
            write_used_tokens(open_checkpoint(run), tokens.token_ids, folder)
    learnt = open_checkpoint(run)
    return DistillResult(
        run=run,
        teacher=scores,
        student=result.metrics,
        best_epoch=result.best_epoch,
        parameters=learnt.parameters,
        teacher_parameters=known.parameters,
        tokens=learnt.config.vocabulary_size,
        interrupted=result.interrupted,
        sentences_per_second=result.sentences_per_second,
        truncated=tokens.truncated,
        max_length=model.max_length,
    )


def _student_model(start: Checkpoint, teacher: BertTask, settings: DistillSettings) -> BertTask:
    """The student with its teacher's labels and settings, and its head where one came along."""
    problem = teacher.problem
    if settings.dropout is not None:
        rates = dict.fromkeys(("dropout", "attention_dropout", "classifier_dropout"), settings.dropout)
        start = dataclasses.replace(start, config=start.config.replace(**rates))
    if start.task == problem.task and start.labels is not None and tuple(start.labels) != problem.labels:
        raise InputError(
            f"{start.source}: expected the teacher's {len(problem.labels)} labels in the same order, the student has "
            f"{', '.join(start.labels[:5])}. Start from an encoder without a head"
        )
    return task_from_checkpoint(
        start,
        problem.task,
        problem.labels,
        new_head=start.task != problem.task,
        max_length=problem.max_length,
        dtype=settings.precision,
        **problem.settings(),
    )


def _check_same_tokens(student: Checkpoint, teacher: Checkpoint) -> None:
    if student.tokenizer().vocabulary != teacher.tokenizer().vocabulary:
        raise InputError(
            f"{student.source}: expected the teacher's vocabulary, the student has another: their tokens and hidden "
            "states do not stand beside each other. Let the teacher label texts (kbert predict --input F) and "
            "fine-tune the student on them"
        )


def _tokens(
    teacher: BertTask, train: Any, unlabelled: Sequence[Any], settings: DistillSettings
) -> tuple[TokenizedTexts, TokenizedTexts, np.ndarray | None]:
    """All texts, those with labels, and which tokens are read."""
    problem = teacher.problem
    labelled = problem.encode_examples(train)
    if not settings.objectives.labels:
        # What belongs together for the labels need not stay in one batch.
        labelled = dataclasses.replace(labelled, group=1)
    elif unlabelled and labelled.group > 1:
        raise InputError(
            f"texts without scores cannot stand beside groups of texts for {problem.task}. Leave out the objective "
            "labels, or the unlabelled texts"
        )
    read = read_tokens(problem, train.inputs, labelled)
    if not unlabelled:
        return labelled, labelled, read
    more = encode_unlabelled(problem, unlabelled, labelled)
    read_more = read_tokens(problem, unlabelled, more)
    if read is not None and read_more is not None:
        read = np.concatenate([read, read_more])
    return join_texts(labelled, more), labelled, read


def _teach(teacher: Checkpoint, compact: CompactVocabulary | None, settings: DistillSettings) -> Teach:
    """How a student gets its teacher: the teacher's encoder reads the ids of the small vocabulary too."""

    def teach(student: BertTask, losses: dict[str, keras.losses.Loss]) -> Teaching:
        encoder = None
        if settings.objectives.reads_features:
            checkpoint = teacher
            if compact is not None:
                weights = {**teacher.weights, TOKEN_TABLE: teacher.weights[TOKEN_TABLE][compact.used]}
                config = teacher.config.replace(vocabulary_size=len(compact.used))
                checkpoint = dataclasses.replace(teacher, weights=weights, config=config, folder=None)
            encoder = load_backbone(checkpoint, dtype=settings.precision)
        return Teaching(student, encoder, settings, losses)

    return teach


def _teacher_scores(teacher: BertTask, data: Any, say: Any) -> dict[str, float]:
    """The teacher's scores, with a warning where it knows no more than answers that say nothing."""
    problem = teacher.problem
    problem.check(data)
    answers = teacher.answer(data.inputs)
    found = problem.score(answers, data)
    metric = problem.main_metric_of(data)
    chance = problem.score([problem.nothing(answer) for answer in answers], data).get(metric, 0.0)
    if say is not None and not found[metric] > chance:
        say(
            f"warning: on {Path(data.path).name} the teacher's {metric} is {found[metric]:.4f}, no better than an "
            f"answer that says nothing ({chance:.4f}): a student can only learn what its teacher knows"
        )
    return found
