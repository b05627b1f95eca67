"""`kbert export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import command_line, data_options, overwrite_option, task_option
from kbert.export.recipe import ONNX_OPERATORS, OTHER_MACHINES, SCHEMES, TFLITE_RUNTIMES, shipped_recipes

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.argument("run")
@click.option("--tflite", "formats", flag_value="tflite", multiple=True, help="Make a TFLite file.")
@click.option("--onnx", "formats", flag_value="onnx", multiple=True, help="Make an ONNX file.")
@click.option(
    "--savedmodel", "formats", flag_value="savedmodel", multiple=True, help="Make a SavedModel: text in, label out."
)
@click.option(
    "--recipe",
    help=f"How to export for a target: {', '.join(shipped_recipes())}, or a .toml file.",
)
@click.option(
    "--scheme",
    "schemes",
    type=click.Choice(SCHEMES),
    multiple=True,
    help="How to quantize; may be given more than once.  [default: dynamic_int8]",
)
@click.option("--max-drop", type=float, help="Accuracy a file may lose, in percentage points.  [default: 0.5]")
@click.option("--target-mb", type=float, help="Mix weight formats until a TFLite file is this small, in megabytes.")
@click.option("--target-ms", type=float, help="The same for the mean latency of a text here, in milliseconds.")
@click.option(
    "--onnx-operators",
    type=click.Choice(ONNX_OPERATORS),
    help="ONNX's operators, or ONNX Runtime's fused ones.  [default: portable]",
)
@click.option(
    "--tflite-runtime",
    type=click.Choice(TFLITE_RUNTIMES),
    help="The oldest runtime that the TFLite file must run in.  [default: litert]",
)
@click.option("--length", type=int, help="Fix the tokens of every text, for TFLite runtimes that cannot resize.")
@click.option(
    "--verify-on",
    type=click.Choice(OTHER_MACHINES),
    multiple=True,
    help="Let the files pass the gate there too: arm64 emulates a phone's processor.",
)
@task_option
@click.option("--validation", required=True, help="Held-out labelled data, as the task takes it.")
@data_options
@click.option(
    "--calibration",
    help="Texts that the model was trained with: int4 and static_int8 are fitted to them. Labels are not used.",
)
@click.option("--labels", help="Other names for the labels: a file with one a line, or a comma-separated list.")
@click.option("--output", required=True, help="The export directory to write.")
@overwrite_option
def command(
    run: str,
    formats: tuple[str, ...],
    recipe: str | None,
    schemes: tuple[str, ...],
    max_drop: float | None,
    target_mb: float | None,
    target_ms: float | None,
    onnx_operators: str | None,
    tflite_runtime: str | None,
    length: int | None,
    verify_on: tuple[str, ...],
    task: str | None,
    validation: str,
    columns: "ColumnNames",
    calibration: str | None,
    labels: str | None,
    output: str,
    overwrite: bool,
) -> None:
    """Convert RUN to TFLite and ONNX, run the files on held-out texts, and keep them only if they are as good.

    Exit code 3: a file lost more than --max-drop, and nothing was put in place.
    """
    from kbert.cli.options import read_list
    from kbert.export.recipe import Recipe, load_recipe

    if not formats and recipe is None and (target_mb or target_ms):
        formats = ("tflite",)
    given: dict[str, Any] = {
        "formats": formats,
        "schemes": schemes,
        "max_drop": max_drop,
        "target_mb": target_mb,
        "target_ms": target_ms,
        "onnx_operators": onnx_operators,
        "tflite_runtime": tflite_runtime,
        "length": length,
        "verify_on": verify_on,
    }
    given = {name: value for name, value in given.items() if value not in ((), None)}
    if recipe is None and not formats:
        raise click.UsageError("say what to make: --tflite, --onnx, --savedmodel, or --recipe NAME")
    chosen = Recipe(**given) if recipe is None else load_recipe(recipe, **given)

    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint
    from kbert.cli.screen import error_console, output_console
    from kbert.errors import GateError, InputError
    from kbert.export.pipeline import export_model
    from kbert.export.report import to_table
    from kbert.export.search import BudgetError
    from kbert.export.search_table import search_table
    from kbert.models import task_for
    from kbert.tasks.kinds import task_from_checkpoint

    checkpoint = open_checkpoint(run)
    chosen_task = task_for(checkpoint, task)
    if chosen_task is None:
        raise InputError(f"{checkpoint.source}: has no head of a task to export. Fine-tune it first")
    model = task_from_checkpoint(checkpoint, chosen_task, read_list(labels))
    texts = model.problem.read(validation, columns)
    sample = model.problem.read_inputs(calibration, columns) if calibration else []
    trained = checkpoint.run
    provenance = {
        "base_model": trained.get("checkpoint"),
        "seed": trained.get("settings", {}).get("seed"),
        "command": command_line(),
    }
    with error_console().status("loading") as status:
        try:
            report = export_model(
                model,
                chosen,
                texts,
                output,
                calibration=sample,
                overwrite=overwrite,
                name=Path(run).name,
                say=status.update,
                provenance=provenance,
            )
        except BudgetError as error:
            output_console().print(search_table(error.report))
            raise
        except GateError as error:
            output_console().print(to_table(error.report))
            raise
    for search in report.searches.values():
        output_console().print(search_table(search))
    output_console().print(to_table(report))
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"{output}: {', '.join(file.file for file in report.files)}")
