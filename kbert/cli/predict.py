"""`kbert predict`."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import data_options, task_option

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames
    from kbert.models import Model

# Answers come while standard input is still being read, so many texts at a time.
STREAMED_TEXTS = 32


@click.command()
@click.argument("model")
@click.argument("texts", nargs=-1)
@click.option(
    "--input",
    "input_file",
    help="Texts: .tsv, .csv, .jsonl by column, any other file one a line; - reads lines from standard input.",
)
@click.option("--pairs", is_flag=True, help="Take TEXTS two at a time, as pairs; of lines, the two sides of a tab.")
@task_option
@data_options
@click.option("--table", is_flag=True, help="Print a table for people.")
@click.option("--output", help="Write embeddings to this .npy file.")
@click.option("--top", type=int, help="For masked language models: so many tokens for each [MASK].  [default: 5]")
def command(
    model: str,
    texts: tuple[str, ...],
    input_file: str | None,
    pairs: bool,
    task: str | None,
    columns: "ColumnNames",
    table: bool,
    output: str | None,
    top: int | None,
) -> None:
    """Answer TEXTS with MODEL, a run or an exported file; one JSON object a line.

    What is printed depends on the task: a label, labels, a score, entities, an answer, an embedding. Questions come
    with their text, two at a time: kbert predict RUN QUESTION TEXT. A masked language model, as pretraining leaves it,
    predicts the tokens behind every [MASK].
    """
    if bool(texts) == bool(input_file):
        raise click.UsageError("give texts or --input FILE, and not both")
    from kbert.models import open_model
    from kbert.prediction import predictions, truncation_note

    opened = open_model(model, task)
    if input_file == "-":
        batches: Iterable[list[Any]] = _streamed(opened, pairs)
    else:
        batches = [_from_words(opened, texts, pairs) if texts else _from_file(opened, str(input_file), columns, pairs)]
    if output is not None:
        _write_vectors(opened, batches, output)
        return
    rows: list[dict[str, Any]] = []
    for batch in batches:
        found = predictions(opened, batch, top=top)
        if note := truncation_note(opened, batch):
            click.echo(f"note: {note}", err=True)
        for row in found:
            if table:
                rows.append(row)
            else:
                click.echo(json.dumps(row, ensure_ascii=False))
                sys.stdout.flush()
    if table:
        from kbert.cli.prediction_table import prediction_table
        from kbert.cli.screen import output_console

        output_console().print(prediction_table(rows))


def _from_words(model: "Model", words: tuple[str, ...], pairs: bool) -> list[Any]:
    if not (pairs or _reads_pairs(model)):
        return list(words)
    if len(words) % 2:
        raise click.UsageError(f"expected texts two at a time, got {len(words)}")
    return list(zip(words[::2], words[1::2], strict=True))


def _from_file(model: "Model", path: str, columns: "ColumnNames", pairs: bool) -> list[Any]:
    from kbert.models import is_masked_language_model

    if is_masked_language_model(model):
        from kbert.data import read_texts

        return read_texts(path, text_column=columns.text)
    return model.problem.read_inputs(path, columns, pairs=pairs)


def _streamed(model: "Model", pairs: bool) -> Iterator[list[Any]]:
    """Texts from standard input as they come: all that are there, up to `STREAMED_TEXTS`, at a time."""
    pairs = pairs or _reads_pairs(model)
    batch: list[Any] = []
    for number, line in enumerate(sys.stdin, start=1):
        line = line.rstrip("\r\n")
        if not line.strip():
            continue
        batch.append(_split_pair(line, number) if pairs else line)
        if sys.stdin.isatty() or len(batch) == STREAMED_TEXTS:
            yield batch
            batch = []
    if batch:
        yield batch


def _split_pair(line: str, number: int) -> tuple[str, str]:
    from kbert.errors import InputError

    first, tab, second = line.partition("\t")
    if not tab:
        raise InputError(f"standard input:{number}: expected two texts with a tab between them, got one")
    return first, second


def _reads_pairs(model: "Model") -> bool:
    problem = getattr(model, "problem", None)
    return problem is not None and problem.reads_pairs


def _write_vectors(model: "Model", batches: Iterable[list[Any]], output: str) -> None:
    """Embeddings of all texts, float32 (texts, hidden_dim)."""
    import numpy as np

    from kbert.errors import InputError
    from kbert.files import new_file

    if getattr(getattr(model, "problem", None), "task", None) != "embedding":
        raise InputError("--output is for embeddings: other answers are printed, redirect them (> FILE)")
    vectors = np.asarray([vector for batch in batches for vector in model.answer(batch)], "float32")
    if vectors.ndim != 2:
        raise InputError("--output is for a vector a text: give texts one by one, without --pairs")
    with new_file(Path(output)) as path, path.open("wb") as file:
        np.save(file, vectors)
    click.echo(f"{output}: {vectors.shape[0]} vectors of {vectors.shape[1]} numbers", err=True)
