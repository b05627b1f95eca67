"""`kbert export`."""

from pathlib import Path

import click

from kbert.cli.options import overwrite_option


@click.command()
@click.argument("run")
@click.option("--tflite", "formats", flag_value="tflite", multiple=True, help="Make a TFLite file.")
@click.option("--onnx", "formats", flag_value="onnx", multiple=True, help="Make an ONNX file.")
@click.option(
    "--scheme",
    "schemes",
    type=click.Choice(["float32", "dynamic_int8"]),
    multiple=True,
    default=("dynamic_int8",),
    show_default=True,
    help="How to quantize; may be given twice.",
)
@click.option("--validation", required=True, help="Held-out labelled texts: .tsv, .csv (with a header) or .jsonl.")
@click.option("--text-column", help="Name of the text's column.  [default: text, or its synonyms]")
@click.option("--label-column", help="Name of the label's column.  [default: label, or its synonyms]")
@click.option("--max-drop", default=0.5, show_default=True, help="Accuracy a file may lose, in percentage points.")
@click.option("--output", required=True, help="The export directory to write.")
@overwrite_option
def command(
    run: str,
    formats: tuple[str, ...],
    schemes: tuple[str, ...],
    validation: str,
    text_column: str | None,
    label_column: str | None,
    max_drop: float,
    output: str,
    overwrite: bool,
) -> None:
    """Convert RUN to TFLite and ONNX, run the files on held-out texts, and keep them only if they are as good.

    Exit code 3: a file lost more than --max-drop, and nothing was put in place.
    """
    from kbert.data import read_labelled_texts
    from kbert.export.recipe import Recipe

    if not formats:
        raise click.UsageError("say which format: --tflite, --onnx or both")
    recipe = Recipe(formats=formats, schemes=schemes, max_drop=max_drop)
    texts = read_labelled_texts(validation, text_column=text_column, label_column=label_column)

    from rich.console import Console

    from kbert.errors import GateError
    from kbert.export.export_model import export_model
    from kbert.export.report import to_table
    from kbert.tasks import TextClassifier

    progress = Console(stderr=True)
    with progress.status("loading") as status:
        try:
            report = export_model(
                TextClassifier.from_checkpoint(run),
                recipe,
                texts,
                output,
                overwrite=overwrite,
                name=Path(run).name,
                say=status.update,
            )
        except GateError as error:
            Console().print(to_table(error.report))
            raise
    Console().print(to_table(report))
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"{output}: {', '.join(file.file for file in report.files)}")
