"""`kbert inspect`."""

import json

import click


@click.command()
@click.argument("model")
def command(model: str) -> None:
    """Show what MODEL, a checkpoint, a run or an exported file, holds; as JSON."""
    from kbert.export.runtime import artefact_files, is_artefact

    if is_artefact(model):
        from kbert.export.inspect import inspect_artefact

        found = [inspect_artefact(file) for file in artefact_files(model)]
        click.echo(json.dumps(found[0] if len(found) == 1 else found, indent=2, ensure_ascii=False))
        return
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint
    from kbert.checkpoints.describe import describe

    click.echo(json.dumps(describe(open_checkpoint(model)), indent=2, ensure_ascii=False))
