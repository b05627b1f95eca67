"""`kbert android`."""

import click

from kbert.cli.options import overwrite_option


@click.command()
@click.option("--export", "export_directory", required=True, metavar="DIR", help="An export directory.")
@click.option("--output", required=True, metavar="APPDIR", help="The folder to write the project to.")
@click.option(
    "--application-id",
    default="org.kbert.app",
    show_default=True,
    metavar="ID",
    help="What Android knows the app by, such as com.example.reviews.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="FILE",
    help="A model of the export to put into the app; may be given more than once.  [default: all]",
)
@overwrite_option
def command(export_directory: str, output: str, application_id: str, models: tuple[str, ...], overwrite: bool) -> None:
    """Write an Android app that runs an exported model: a Gradle project with the files of the export inside.

    \b
    kbert android --export exported --output app --application-id com.example.reviews
    """
    from kbert.export.android import write_android_project

    made = write_android_project(
        export_directory, output, application_id=application_id, models=models, overwrite=overwrite
    )
    click.echo(
        f"{made.folder}: app {made.application_id} with {', '.join(made.models)}, {made.size_bytes / 1e6:.1f} MB"
    )
    click.echo("open it in Android Studio, or build it as its README.md says")
