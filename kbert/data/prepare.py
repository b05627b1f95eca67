"""`prepare_shards`: raw text in, a folder of shards out. What was finished before an interruption is kept."""

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from kbert.data.beam import write_shards_with_beam
from kbert.data.processes import WorkerLost, in_processes
from kbert.data.shard_plan import Plan, ShardPlan, plan_shards
from kbert.data.shard_writer import write_shard
from kbert.data.shards import MANIFEST, PLAN, ShardSet, open_shards, read_counts, total_counts
from kbert.errors import InputError
from kbert.extras import require
from kbert.files import new_directory, new_file, no_parents_left_behind, remove_written, write_json
from kbert.provenance import versions
from kbert.tokenizer import BertTokenizer


class PreparedOtherwise(InputError):
    """The folder holds shards of other text or settings; `difference` says which."""

    def __init__(self, folder: Path, difference: str) -> None:
        super().__init__(
            f"{folder}: holds shards prepared otherwise ({difference}). Choose another folder, or add --overwrite"
        )
        self.difference = difference


def prepare_shards(
    files: Sequence[str | os.PathLike[str]],
    tokenizer: BertTokenizer,
    output: str | os.PathLike[str],
    *,
    max_length: int = 128,
    sentence_objective: str = "nsp",
    documents: str = "blank-line",
    processes: int = 1,
    shard_mb: float = 8,
    beam_options: Sequence[str] | None = None,
    overwrite: bool = False,
    show_progress: bool = False,
    command: str | None = None,
) -> ShardSet:
    """Turns text into shards of windows for pretraining. The same text and settings give the same bytes.

    After an interruption the same call goes on: finished shards are kept. It also replaces shards that were lost.

    Args:
        files: files and folders, see `corpus_files`.
        tokenizer: is saved with the shards.
        output: the folder to write. Until its manifest is there it is unfinished.
        max_length: tokens of a training example, special ones included.
        sentence_objective: `nsp` and `sop` take each window from one document, `none` fills them across documents.
        documents: what ends a document in plain text: a `blank-line`, or the `file`.
        processes: how many work at a time. More than one needs the caller's `if __name__ == "__main__":`.
        shard_mb: megabytes of text in a shard, about. A compressed file is one shard at least.
        beam_options: work on Apache Beam with these options of its pipeline, not in `processes`.
        overwrite: replace what `output` holds, if it is anything but these shards.
        show_progress: show shards done, speed and time left on stderr.
        command: the command line, kept in the manifest.

    Raises:
        InputError: text or settings cannot be used, `output` holds something else, or it cannot be written.
    """
    if processes < 1:
        raise InputError(f"processes must be at least 1. Received: {processes}")
    plan = plan_shards(
        files,
        tokenizer,
        output,
        max_length=max_length,
        sentence_objective=sentence_objective,
        documents=documents,
        shard_mb=shard_mb,
    )
    if beam_options is not None:
        require("apache_beam", extra="beam")
    started = time.perf_counter()
    with no_parents_left_behind(plan.directory):
        _begin(plan, tokenizer, overwrite)
        missing = [shard for shard in plan.shards if not _is_written(shard)]
        try:
            if beam_options is not None:
                write_shards_with_beam(missing, beam_options)
            else:
                with _progress(plan, missing, show=show_progress and bool(missing)) as advance:
                    for shard in in_processes(write_shard, missing, processes):
                        advance(shard)
            if missing or not (plan.directory / MANIFEST).is_file():
                _finish(plan, tokenizer, command)
        except InputError:
            # The text itself is at fault: these shards can never become whole.
            remove_written(plan.directory)
            with contextlib.suppress(OSError):  # it may hold files of the user, or be a link
                plan.directory.rmdir()
            raise
        except WorkerLost:
            raise InputError(
                f"{plan.directory}: a process was killed, perhaps for lack of memory. Run the same command again with "
                "fewer --processes: finished shards are kept"
            ) from None
        except OSError as error:
            raise InputError(
                f"{plan.directory}: could not be written ({error.strerror or error}). Run the same command again once "
                "it can: finished shards are kept"
            ) from error
    seconds = time.perf_counter() - started
    written_mb = sum(shard.source_bytes for shard in missing) / 1e6
    return dataclasses.replace(open_shards(plan.directory), mb_per_second=written_mb / seconds)


def _begin(plan: Plan, tokenizer: BertTokenizer, overwrite: bool) -> None:
    """Makes the folder, or goes on with one of the same plan."""
    folder = plan.directory
    before = _read_plan(folder)
    if before == plan.settings:
        BertTokenizer.from_directory(folder)  # every process reads it there
        for leftover in folder.glob(".shard-*"):
            leftover.unlink()
        return
    if before is not None and not overwrite:
        raise PreparedOtherwise(folder, _difference(before, plan.settings))
    with new_directory(folder, overwrite=overwrite) as new:
        tokenizer.save(new, max_length=plan.settings["max_length"])
        write_json(new / PLAN, plan.settings)


def _read_plan(folder: Path) -> dict[str, Any] | None:
    try:
        plan = json.loads((folder / PLAN).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) else None


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    changed = [name for name in now if before.get(name) != now[name]]
    names = {"vocabulary_sha256": "another vocabulary", "sources": "other text"}
    return ", ".join(names.get(name, f"{name} {before.get(name)}, now {now[name]}") for name in changed)


def _is_written(shard: ShardPlan) -> bool:
    counts = read_counts(shard.path)
    return counts is not None and shard.path.is_file() and shard.path.stat().st_size == counts.bytes


@contextlib.contextmanager
def _progress(plan: Plan, missing: list[ShardPlan], *, show: bool) -> Iterator[Callable[[ShardPlan], None]]:
    """Shows shards done, text a second and time left; gives the function to call with every shard done."""
    bar = Progress(
        TextColumn("{task.fields[done]} of {task.fields[shards]} shards"),
        BarColumn(),
        TransferSpeedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not show,
    )
    done = len(plan.shards) - len(missing)
    total = sum(shard.source_bytes for shard in missing)
    task = bar.add_task("", total=total, done=done, shards=len(plan.shards))

    def advance(shard: ShardPlan) -> None:
        nonlocal done
        done += 1
        bar.update(task, advance=shard.source_bytes, done=done)

    with bar:
        yield advance


def _finish(plan: Plan, tokenizer: BertTokenizer, command: str | None) -> None:
    """Writes the manifest, if the text is of use for the objective."""
    shards = [counts for shard in plan.shards if (counts := read_counts(shard.path)) is not None]
    totals = total_counts(shards)
    _check_totals(totals, plan.settings)
    settings = {name: value for name, value in plan.settings.items() if name != "vocabulary_sha256"}
    manifest = {
        **settings,
        "totals": totals,
        "vocabulary": {
            "size": tokenizer.vocabulary_size,
            "lowercase": tokenizer.lowercase,
            "sha256": plan.settings["vocabulary_sha256"],
        },
        "versions": versions(),
        "command": command,
        "shards": [dataclasses.asdict(shard) for shard in shards],
    }
    with new_file(plan.directory / MANIFEST) as path:
        write_json(path, manifest)


def _check_totals(totals: dict[str, int], settings: dict[str, Any]) -> None:
    sources = ", ".join(source["file"] for source in settings["sources"][:3])
    objective = settings["sentence_objective"]
    if totals["windows"] == 0:
        raise InputError(f"{sources}: expected text, found no sentence. Give other files")
    if objective == "none":
        return
    if totals["one_sentence_windows"] == totals["windows"]:
        raise InputError(
            f"{sources}: expected windows of at least two sentences for {objective}, every one holds a single sentence "
            "of its document. Use --sentence-objective none, --documents file, or a longer --max-length"
        )
    if objective == "nsp" and totals["documents"] == 1:
        raise InputError(
            f"{sources}: expected at least two documents for nsp, which draws sentences from another one; got one. "
            "Separate documents by a blank line, or use --sentence-objective sop"
        )
