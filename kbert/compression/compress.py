"""Goes down the ladder until a file meets the budget, and leaves what every step came to."""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kbert.checkpoints import open_checkpoint
from kbert.compression.ladder import EIGHT_BITS, FOUR_BITS, TRIMMED, Step, trained_steps, untaught_steps
from kbert.compression.workshop import Rung, Workshop
from kbert.distillation.settings import DistillSettings
from kbert.distillation.student import TASK_VOCABULARY, WHOLE_VOCABULARY
from kbert.errors import InputError, check_setting
from kbert.export.pipeline import export_model
from kbert.export.recipe import Recipe
from kbert.export.report import ExportReport
from kbert.export.search import Budget, BudgetError, describe, ranked, unmet
from kbert.export.search_report import Candidate, SearchReport
from kbert.files import check_output_directory
from kbert.provenance import fingerprint, note_or_compare, weights_sha256
from kbert.tasks.kinds import task_from_checkpoint

FACTS = "identity.json"
# A file is known to be too large where its estimate is so far above the target.
SURE = 1.05


class LadderError(BudgetError):
    """No step reaches the budget; `rungs` are all that were tried, `report` the same for charts."""

    def __init__(self, message: str, report: SearchReport, rungs: tuple[Rung, ...]) -> None:
        super().__init__(message, report)
        self.rungs = rungs


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompressResult:
    """The export directory, its report, and every rung tried; `chosen` is the position of the one that was taken."""

    output: Path
    report: ExportReport
    rungs: tuple[Rung, ...]
    chosen: int
    metric: str
    full: float


def compress(
    run: str | os.PathLike[str],
    train: Any,
    validation: Any,
    output: str | os.PathLike[str],
    *,
    max_drop: float,
    target_mb: float | None = None,
    target_ms: float | None = None,
    settings: DistillSettings | None = None,
    unlabelled: Sequence[Any] = (),
    overwrite: bool = False,
    show_progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
    command: str | None = None,
) -> CompressResult:
    """Writes the export directory of a TFLite file within a budget, made by the cheapest steps that reach it.

    What every step made stays in `OUTPUT.ladder`, and the same call goes on with what was interrupted there. It stops
    at the first file within the budget; and where a file is small and fast enough and loses too much, since those
    below it would lose more.

    Args:
        run: a fine-tuned run.
        train: labelled data for the students, whose texts decide the vocabulary too.
        validation: held-out labelled data: every file is held against the whole model there.
        output: the export directory.
        max_drop: points of the main metric that the file may lose.
        target_mb: how large it may be, in MB.
        target_ms: how long a text may take, in mean milliseconds.
        settings: how students are taught.
        unlabelled: further texts for the teacher.
        overwrite: replace what `output` holds.
        show_progress: draw lines of progress on stderr.
        say: told each step as it starts, and what came of it.
        command: what to note as the command.

    Raises:
        LadderError: no step reaches the budget; says which limit is in the way, and the nearest two.
        InputError: there is no budget, the run has no head, or the data does not fit it.
        KeyboardInterrupt: Ctrl-C ended a step.
    """
    if target_mb is None and target_ms is None:
        raise InputError("say what the file may come to: a size (--target-mb), a time (--target-ms), or both")
    for name, value in (("target_mb", target_mb), ("target_ms", target_ms)):
        check_setting(value is None or value > 0, name, value, "above 0")
    budget = Budget(max_drop=max_drop, target_mb=target_mb, target_ms=target_ms)
    check_output_directory(output, overwrite=overwrite)
    known = open_checkpoint(run)
    if known.task is None:
        raise InputError(f"{known.source}: expected a fine-tuned run to compress, it has no head. Fine-tune it first")
    model = task_from_checkpoint(known, known.task)
    for data in (train, validation):
        model.problem.check(data)
    settings = settings or DistillSettings()
    place = Path(f"{os.fspath(output).rstrip('/')}.ladder")
    identity = {
        "run": weights_sha256(known.weights),
        "settings": dataclasses.asdict(settings),
        "train": fingerprint(train),
        "unlabelled": len(unlabelled),
        "validation": fingerprint(validation),
    }
    _claim(place, identity)
    workshop = Workshop(
        known=known,
        whole=model,
        train=train,
        validation=validation,
        unlabelled=unlabelled,
        settings=settings,
        place=place,
        show_progress=show_progress,
        say=say,
        command=command,
    )
    by_size = target_mb is not None
    rungs, reached = _climb(untaught_steps(by_size=by_size), budget, workshop, say)
    if reached is None:
        trimmed = next(rung for rung in rungs if rung.name.startswith(TRIMMED))
        vocabulary = WHOLE_VOCABULARY if trimmed.drop > max_drop else TASK_VOCABULARY
        steps = trained_steps(known.config, by_size=by_size, vocabulary=vocabulary)
        more, reached = _climb(_that_may_fit(steps, target_mb, workshop, rungs, say), budget, workshop, say)
        rungs += more
    candidates = [rung.candidate() for rung in rungs]
    found = SearchReport(
        max_drop=max_drop,
        target_mb=target_mb,
        target_ms=target_ms,
        sensitivities=(),
        candidates=tuple(candidates),
        chosen=ranked(candidates, budget)[0],
    )
    if reached is None:
        reason = unmet(budget, candidates, what="no step of the ladder", describe=_with_name)
        raise LadderError(reason, found, tuple(rungs))
    report = export_model(
        workshop.model(reached),
        Recipe(formats=("tflite",), schemes=(reached.scheme,), max_drop=max_drop),
        validation,
        output,
        calibration=train.inputs,
        overwrite=overwrite,
        name=Path(run).name,
        say=say,
        provenance={"command": command, "base_model": known.source},
        reference=model,
        ladder=found,
    )
    verdict = report.files[0].verdict
    return CompressResult(
        output=Path(output),
        report=report,
        rungs=tuple(rungs),
        chosen=found.chosen,
        metric=verdict.metric,
        full=verdict.full,
    )


def _that_may_fit(
    steps: Sequence[Step],
    target_mb: float | None,
    workshop: Workshop,
    rungs: Sequence[Rung],
    say: Callable[[str], None],
) -> Iterator[Step]:
    """The steps without those that cannot be small enough; the last run stays, which tells what can be reached."""
    for step in steps:
        if target_mb is None or step.run == steps[-1].run:
            yield step
            continue
        least = workshop.least_bytes(step, rungs) / 1e6
        if least <= SURE * target_mb:
            yield step
        else:
            say(f"{step.name}: left out, it would have about {least:.1f} MB")


def _climb(
    steps: Iterable[Step], budget: Budget, workshop: Workshop, say: Callable[[str], None]
) -> tuple[list[Rung], Step | None]:
    """What the steps come to, up to the first within the budget, which is told, or to where the others lose more."""
    rungs: list[Rung] = []
    for step in steps:
        if rungs and not _is_of_use(step, rungs[-1], budget):
            continue
        say(f"{step.name}: making it")
        rungs.append(workshop.rung(step))
        broken = budget.excess(rungs[-1].candidate())
        say(f"{step.name}: {describe(rungs[-1].candidate())}")
        if not broken:
            return rungs, step
        if set(broken) == {"drop"} and step.is_taught and step.scheme == EIGHT_BITS:
            break
    return rungs, None


def _is_of_use(step: Step, last: Rung, budget: Budget) -> bool:
    """Whether a step may mend what the last one broke.

    Where 8 bits are small enough, 4 would only make a file slower, and lose more. A narrow token table in 8 bits is
    larger than a whole one in 4, and loses less.
    """
    is_small = "size" not in budget.excess(last.candidate())
    if step.scheme == FOUR_BITS:
        return not is_small
    return not step.has_narrow_table or (last.scheme == FOUR_BITS and is_small)


def _claim(place: Path, identity: dict[str, Any]) -> None:
    """Makes the folder of the steps, or takes what lies there of the same call."""
    if not (place / FACTS).is_file():
        check_output_directory(place)
    differing = note_or_compare(place / FACTS, identity)
    if differing is not None:
        raise InputError(
            f"{place}: holds the steps of another compression: {differing[0]} is not the same. Remove it, or choose "
            "another output"
        )


def _with_name(candidate: Candidate) -> str:
    (name,) = candidate.formats
    return f"{name}: {describe(candidate)}"
