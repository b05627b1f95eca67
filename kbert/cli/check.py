"""`kbert check`."""

import json

import click

from kbert.export.check.verdict import RUNTIMES


@click.command()
@click.argument("artefact")
@click.option(
    "--require",
    "required",
    type=click.Choice(list(RUNTIMES)),
    multiple=True,
    help="Exit with 3 unless this runtime takes a file of ARTEFACT; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def command(artefact: str, required: tuple[str, ...], as_json: bool) -> None:
    """Say which runtimes take ARTEFACT, an exported file or a directory of them, and exactly why not.

    Exit code 3: a runtime that --require names takes none of the files.
    """
    from kbert.cli.screen import output_console
    from kbert.export.check.artefact import check_artefact
    from kbert.export.check.report import to_table
    from kbert.export.runtime import artefact_files
    from kbert.export.savedmodel import is_savedmodel

    # A SavedModel is for TensorFlow alone.
    files = [file for file in artefact_files(artefact) if not is_savedmodel(file)]
    checked = {str(file): check_artefact(file) for file in files}
    for file, verdicts in checked.items():
        if as_json:
            click.echo(json.dumps({"file": file, "runtimes": [verdict.to_dict() for verdict in verdicts]}))
        else:
            output_console().print(to_table(file, verdicts))
    taken = {verdict.runtime for verdicts in checked.values() for verdict in verdicts if verdict.accepted}
    missing = [RUNTIMES[runtime] for runtime in required if runtime not in taken]
    if missing:
        click.echo(f"{artefact}: not taken by {', '.join(missing)}", err=True)
        raise SystemExit(3)
