"""A teacher's answers to all texts of a training, found once and kept in files: an epoch costs the student only."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kbert.data.batching import TokenizedTexts
from kbert.distillation.soft_targets import BESIDE, mask_unread, teacher_targets
from kbert.files import new_directory
from kbert.tasks.task import BertTask

FOLDER = "teacher"
FACTS = "facts.json"
# Rows that the teacher is asked at a time.
ROWS = 2048


def kept_answers(
    teacher: BertTask,
    tokens: TokenizedTexts,
    read: np.ndarray | None,
    folder: Path,
    identity: Mapping[str, Any],
    *,
    show_progress: bool = False,
) -> dict[str, np.ndarray]:
    """The targets that a teacher makes of texts, as memory-mapped arrays; found now, or what the folder has of them.

    Args:
        teacher: the model to ask.
        tokens: what to ask it.
        read: bool (tokens,), the tokens whose answers are read; the others get `IGNORED`. None where all are.
        folder: where they are kept.
        identity: what the answers depend on: those of another teacher or of other texts are not taken.
        show_progress: draw a line of progress on stderr.
    """
    wanted = json.loads(json.dumps(dict(identity)))
    if not (folder / FACTS).is_file() or json.loads((folder / FACTS).read_text("utf-8")) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        with new_directory(folder) as place:
            _find(teacher, tokens, read, place, show_progress)
            (place / FACTS).write_text(json.dumps(wanted), "utf-8")
    return {name + BESIDE: np.load(folder / f"{name}.npy", mmap_mode="r") for name in teacher.problem.heads}


def _find(teacher: BertTask, tokens: TokenizedTexts, read: np.ndarray | None, place: Path, show_progress: bool) -> None:
    of_tokens = teacher.outputs_of_tokens()
    files: dict[str, np.memmap] = {}
    columns = (TextColumn("asking the teacher"), BarColumn(), MofNCompleteColumn(), TextColumn("left"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not show_progress) as bar:
        task = bar.add_task("", total=len(tokens))
        for start in range(0, len(tokens), ROWS):
            stop = min(start + ROWS, len(tokens))
            places = slice(int(tokens.starts[start]), int(tokens.starts[stop]))
            targets = teacher_targets(teacher.problem, teacher.run_rows(tokens.some_rows(start, stop)), of_tokens)
            for name, values in mask_unread(targets, None if read is None else read[places]).items():
                name = name.removesuffix(BESIDE)
                by_token = teacher.problem.heads[name] in of_tokens
                if name not in files:
                    rows = len(tokens.token_ids) if by_token else len(tokens)
                    files[name] = np.lib.format.open_memmap(
                        place / f"{name}.npy", mode="w+", dtype="float32", shape=(rows, *values.shape[1:])
                    )
                files[name][places if by_token else slice(start, stop)] = values
            bar.update(task, completed=stop)
    for values in files.values():
        values.flush()
