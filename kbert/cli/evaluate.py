"""`kbert evaluate`."""

import json

import click

from kbert.cli.options import label_column_option, text_column_option


@click.command()
@click.argument("model")
@click.option("--data", required=True, help="Labelled texts: .tsv, .csv (with a header), .jsonl; or raw text.")
@text_column_option
@label_column_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, data: str, text_column: str | None, label_column: str | None, as_json: bool) -> None:
    """Score MODEL, a run or an exported file, on labelled texts.

    A masked language model, as pretraining leaves it, is scored on raw text.
    """
    from kbert.data import read_labelled_texts
    from kbert.evaluation import evaluate_classifier
    from kbert.models import is_masked_language_model, open_model
    from kbert.prediction import truncation_note

    # The model first: whether the file fits depends on what the model is.
    opened = open_model(model)
    if is_masked_language_model(opened):
        from kbert.pretraining.evaluation import evaluate_pretrainer

        evaluation = evaluate_pretrainer(opened, [data])
    else:
        texts = read_labelled_texts(data, text_column=text_column, label_column=label_column)
        evaluation = evaluate_classifier(opened, texts)
        if note := truncation_note(opened, texts.texts):
            click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(evaluation.to_dict()))
        return
    width = max(10, *map(len, evaluation.metrics))
    for name, value in evaluation.metrics.items():
        click.echo(f"{name:{width}s} {value:.4f}")
    click.echo(f"{evaluation.examples} texts", err=True)
