"""`kbert bench`."""

import json

import click

from kbert.cli.options import text_column_option


@click.command()
@click.argument("artefacts", nargs=-1, required=True)
@click.option("--data", help="Texts to measure with: .tsv, .csv, .jsonl by column, any other file one a line.")
@text_column_option
@click.option("--threads", default=2, show_default=True, help="Threads that the runtime may use.")
@click.option("--count", default=200, show_default=True, help="Texts taken from --data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def command(
    artefacts: tuple[str, ...], data: str | None, text_column: str | None, threads: int, count: int, as_json: bool
) -> None:
    """Measure ARTEFACTS, exported files or export directories: latency, cold start, memory; each in its own process."""
    from kbert.data import read_texts
    from kbert.export.golden_texts import TEXTS
    from kbert.export.measurement import measure
    from kbert.export.runtime import artefact_files

    texts = (list(TEXTS) if data is None else read_texts(data, text_column=text_column))[:count]
    files = [file for artefact in artefacts for file in artefact_files(artefact)]
    results = [(file, measure(file, texts, num_threads=threads)) for file in files]
    if as_json:
        import dataclasses

        for file, result in results:
            click.echo(json.dumps({"file": str(file), "size_bytes": file.stat().st_size, **dataclasses.asdict(result)}))
        return
    from rich.table import Table

    from kbert.cli.screen import output_console

    table = Table(title=f"{len(texts)} texts, one at a time, {threads} threads")
    for name in ("file", "size", "mean", "95th percentile", "cold start", "memory", "speed"):
        table.add_column(name, justify="left" if name == "file" else "right", no_wrap=name != "file")
    for file, result in results:
        table.add_row(
            str(file),
            f"{file.stat().st_size / 1e6:.1f} MB",
            f"{result.latency_ms:.2f} ms",
            f"{result.latency_p95_ms:.2f} ms",
            f"{result.cold_start_ms:.0f} ms",
            f"{result.memory_mb:.0f} MB",
            f"{results[0][1].latency_ms / result.latency_ms:.2f}x",
        )
    output_console().print(table)
