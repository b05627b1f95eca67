"""Distillation on raw text: a teacher, text and a student's sizes in, a checkpoint for any task out."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, extract_weights, load_backbone, open_checkpoint
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.data.shards import ShardSet
from kbert.distillation.corpus_settings import CorpusDistillSettings
from kbert.distillation.corpus_teaching import CorpusTeaching, TaughtText, masked_scores
from kbert.distillation.student import TASK_VOCABULARY, StudentSpec, cut_out
from kbert.distributed import find_worker
from kbert.errors import InputError
from kbert.extras import require
from kbert.files import new_contents, write_json
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.corpus_start import read_windows
from kbert.pretraining.embedding_size import FINETUNED_WELL, enlarge_for_pretraining, resize_embeddings
from kbert.pretraining.evaluation import HeldOutText
from kbert.pretraining.loop import PretrainingData, PretrainingLoop
from kbert.pretraining.run import FREE_SETTINGS
from kbert.pretraining.run_folder import LOG, clear_for_new_run, nothing_left_behind, publish_run
from kbert.pretraining.snapshots import Snapshots
from kbert.pretraining.text_source import TextSource, fingerprint, held_out_text, open_text, short_batches
from kbert.progress import Interruption, TrainingProgress
from kbert.provenance import versions, weights_sha256
from kbert.tokenizer import BertTokenizer
from kbert.training_state import FOLDER, check_resumable
from kbert.trim import write_used_tokens

Paths = Sequence[str | os.PathLike[str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusDistillResult:
    """What a distillation on raw text came to.

    `teacher` and `student` are scores on held-out text, empty without any: of the student `loss`, and of both
    `masked_accuracy`, `perplexity` and `most_frequent_accuracy`, where there is an MLM head.
    """

    run: Path
    teacher: Mapping[str, float]
    student: Mapping[str, float]
    steps_done: int
    parameters: int
    teacher_parameters: int
    tokens: int
    interrupted: bool
    tokens_per_second: float


def distill_corpus(
    teacher: str | os.PathLike[str],
    source: TextSource | Paths | str | os.PathLike[str],
    output: str | os.PathLike[str],
    settings: CorpusDistillSettings | None = None,
    *,
    student: StudentSpec | str | os.PathLike[str],
    validation: Paths = (),
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
    say: Callable[[str], None] | None = None,
    command: str | None = None,
) -> CorpusDistillResult:
    """Teaches a student what an encoder knows of raw text, and writes a checkpoint to fine-tune for any task.

    Task-agnostic distillation: on masked text the answers of the teacher's MLM head and its hidden states (DistilBERT,
    arXiv:1910.01108), or on whole text the relations between its tokens (MiniLM v2, arXiv:2012.15828), which need no
    such head; and the other objectives about hidden states. With an MLM head in the teacher the student has one too,
    and the run is a `BertForMaskedLM`; without, it is an encoder. A head for a task stays behind.

    Ctrl-C, or any other end, leaves a state in `output` from which `resume` goes on to the same weights as a run that
    never stopped. With held-out text the weights of the lowest loss on it become the checkpoint, else the last ones.

    Args:
        teacher: a checkpoint with weights and a vocabulary.
        source: files and folders of text, as for `prepare_shards`; or a `TextSource`, which has options, and shards.
        output: the run directory.
        settings: how to distil.
        student: its sizes, or a checkpoint to start from.
        validation: files of held-out text.
        resume: go on with the run in `output`.
        overwrite: replace what `output` holds.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw a line of progress on stderr.
        say: called with a line of text where there is something to tell, such as a teacher that knows nothing.
        command: what to note in `kbert.json` as the command of the run.

    Raises:
        InputError: teacher, student, text or output cannot be used together, or the loss is no number any more.
    """
    run = Path(output)
    if tensorboard is not None:
        require("tensorboard", extra="report")
    if resume:
        check_resumable(run)
    else:
        clear_for_new_run(run, overwrite=overwrite)
    known = open_checkpoint(teacher)
    if not known.weights:
        raise InputError(f"{known.source}: expected a trained teacher, it has no weights")
    has_mlm_head = "mlm.transform.kernel" in known.weights and known.tied_decoder
    settings = (settings or CorpusDistillSettings()).for_teacher(known.source, has_mlm_head=has_mlm_head)
    tokenizer = known.tokenizer()
    start = _start(known, tokenizer, student, settings, has_mlm_head=has_mlm_head)
    shortest = min((known, start), key=lambda checkpoint: checkpoint.config.max_sequence_length)
    if not isinstance(source, TextSource):
        length = min(TextSource.max_length, shortest.config.max_sequence_length)
        files = [source] if isinstance(source, (str, os.PathLike)) else source
        source = TextSource(corpus=files, max_length=length, sentence_objective="none")
    keras.utils.set_random_seed(settings.seed)
    model, wise = _models(start, known, tokenizer, settings, has_mlm_head=has_mlm_head)
    size_to_publish = enlarge_for_pretraining(model) if start.weights else FINETUNED_WELL
    teaching = CorpusTeaching(model, wise, settings)
    worker = find_worker().join()
    with contextlib.nullcontext() if resume else nothing_left_behind(run):
        text, _ = open_text(
            source, tokenizer, shortest, settings, run, worker, resume=resume, show_progress=show_progress
        )
        shards = held_out_text(validation, text, tokenizer, run, resume=resume)
        held_out = None if shards is None else HeldOutText(shards, settings.masking())
        batches = short_batches(text, settings, worker)
    model.max_length = text.max_length
    identity = {
        **{name: value for name, value in dataclasses.asdict(settings).items() if name not in FREE_SETTINGS},
        "teacher": os.fspath(teacher),
        "teacher_sha256": weights_sha256(known.weights),
        "student": dataclasses.asdict(student) if isinstance(student, StudentSpec) else os.fspath(student),
        "text": [fingerprint(text)],
        "validation": [] if shards is None else [fingerprint(shards)],
    }
    snapshots = Snapshots(run / FOLDER, identity, settings.keep)
    scores = _teacher_scores(wise, held_out, say)
    loop = PretrainingLoop(
        model,
        PretrainingData(
            short=batches, long=None, validation=None if held_out is None else TaughtText(held_out, teaching)
        ),
        settings,
        worker,
        snapshots,
        resume=resume and snapshots.last_step() is not None,
        teaching=teaching,
    )
    with (
        Interruption().watch() as interruption,
        TrainingProgress(settings.steps, loop.step, show=show_progress) as progress,
    ):
        loop.run(progress, interruption, run / FOLDER / LOG, tensorboard)
    snapshots.give_best(model.named_variables())
    if size_to_publish is not None:
        resize_embeddings(model, size_to_publish)
    finished = loop.step == settings.steps
    facts = {
        "metrics": loop.best_metrics,
        "settings": dataclasses.asdict(settings),
        "checkpoint": known.source,
        "distilled": {"teacher": os.fspath(teacher), "student": identity["student"], "teacher_metrics": scores},
        "data": identity["text"],
        "steps": loop.step,
        "versions": versions(),
        "command": command,
        "finished": finished,
    }
    publish_run(run, lambda folder: _write(model, folder, facts, has_mlm_head=has_mlm_head))
    if finished and isinstance(student, StudentSpec) and student.vocabulary == TASK_VOCABULARY:
        with new_contents(run, keep=FOLDER) as folder:
            write_used_tokens(open_checkpoint(run), _used_tokens(text), folder)
    learnt = open_checkpoint(run)
    return CorpusDistillResult(
        run=run,
        teacher=scores,
        student=loop.best_metrics,
        steps_done=loop.step,
        parameters=learnt.parameters,
        teacher_parameters=known.parameters,
        tokens=learnt.config.vocabulary_size,
        interrupted=not finished,
        tokens_per_second=loop.tokens_per_second,
    )


def _start(
    teacher: Checkpoint,
    tokenizer: BertTokenizer,
    student: StudentSpec | str | os.PathLike[str],
    settings: CorpusDistillSettings,
    *,
    has_mlm_head: bool,
) -> Checkpoint:
    """The student before it learns; of a preset its weights are random."""
    start = cut_out(teacher, student) if isinstance(student, StudentSpec) else open_checkpoint(student)
    if not start.weights:
        start = start.with_vocabulary(tokenizer)
    elif start.tokenizer().vocabulary != tokenizer.vocabulary:
        raise InputError(
            f"{start.source}: expected the teacher's vocabulary, the student has another: they do not read the same "
            "tokens. Cut the student out of its teacher (layers=…), or start from a preset"
        )
    if not has_mlm_head:
        # Nothing would teach such a head, or it has a decoder of its own.
        weights = {name: value for name, value in start.weights.items() if not name.startswith("mlm.")}
        start = dataclasses.replace(start, weights=weights)
    if settings.dropout is not None:
        rates = dict.fromkeys(("dropout", "attention_dropout"), settings.dropout)
        start = dataclasses.replace(start, config=start.config.replace(**rates))
    return start


def _models(
    student: Checkpoint,
    teacher: Checkpoint,
    tokenizer: BertTokenizer,
    settings: CorpusDistillSettings,
    *,
    has_mlm_head: bool,
) -> tuple[BertPretrainer, BertPretrainer | BertBackbone]:
    """The student and its teacher, which without an MLM head is an encoder."""
    student_model, *wise = (
        BertPretrainer.from_checkpoint(checkpoint, next_sentence=False, tokenizer=tokenizer, dtype=settings.precision)
        for checkpoint in ([student, teacher] if has_mlm_head else [student])
    )
    return student_model, wise[0] if wise else load_backbone(teacher, dtype=settings.precision)


def _teacher_scores(
    teacher: BertPretrainer | BertBackbone, text: HeldOutText | None, say: Callable[[str], None] | None
) -> dict[str, float]:
    """The teacher's scores, with a warning where it knows no more than which token is frequent."""
    if text is None or not isinstance(teacher, BertPretrainer):
        return {}
    scores = masked_scores(text, teacher)
    right, chance = scores["masked_accuracy"], scores["most_frequent_accuracy"]
    if say is not None and not right > chance:
        say(
            f"warning: on held-out text the teacher's masked accuracy is {right:.4f}, no better than the most frequent "
            f"token ({chance:.4f}): a student can only learn what its teacher knows"
        )
    return scores


def _write(model: BertPretrainer, folder: Path, facts: Mapping[str, Any], *, has_mlm_head: bool) -> None:
    if has_mlm_head:
        model.write_checkpoint_files(folder, **facts)
        return
    config = model.backbone.config
    write_checkpoint(folder, config, extract_weights(model.backbone.named_variables()), architecture="BertModel")
    model.known_tokenizer().save(folder, max_length=config.max_sequence_length)
    write_json(folder / "kbert.json", {"max_length": model.max_length, **facts})


def _used_tokens(shards: ShardSet) -> np.ndarray:
    """The ids that occur in shards, each once."""
    found: set[int] = set()
    for token_ids in read_windows(shards):
        found.update(np.unique(token_ids[token_ids >= 0]).tolist())
    return np.array(sorted(found))
