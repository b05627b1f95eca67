"""What training for a scheme is worth: test scores of files before and after it, and whether they say what was trained.

python benchmarks/qat.py RUN --train F --test F [--validation F] [--scheme int4] [--format tflite] [--epochs 1]
    [--learning-rate 2e-5] [--seed 0] [--columns score,text,text_b] --output DIR

RUN is a fine-tuned run. A line for the run itself; for its file, with the weights at their nearest levels and rounded
for the training texts; for RUN fine-tuned as long without rounding, since more training alone may be worth something;
for RUN trained for the scheme, as float32, as it computed while it learned, and as its file. `drop` is in points below
RUN, `agreement` the share of test examples on which a file says what the model it is compared with says: RUN, and for
the last line the model with rounded weights.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kbert.data.column_names import ColumnNames
from kbert.export import Recipe, export_model, open_artefact
from kbert.fine_tuning.settings import QUANTIZE_SCHEMES
from kbert.models import open_model
from kbert.problems.kinds import problem_class
from kbert.quantization.fake_quantization import fake_quantize
from kbert.training import FinetuneSettings, finetune


class Bench:
    """Scores on the test examples, against those of a run."""

    def __init__(self, run: Path, test: Any, recipe: Recipe) -> None:
        self.test = test
        self.recipe = recipe
        model = open_model(run)
        self.problem = model.problem
        self.metric = self.problem.main_metric_of(test)
        self.full = model.answer(test.inputs)
        print(f"| | {self.metric} | drop | agreement |\n| --- | ---: | ---: | ---: |")
        self.line("the run", self.full)

    def score(self, answers: Sequence[Any]) -> float:
        return 100.0 * self.problem.score(answers, self.test)[self.metric]

    def line(self, name: str, answers: Sequence[Any], reference: Sequence[Any] | None = None) -> None:
        reference = self.full if reference is None else reference
        same = sum(self.problem.same(*pair) for pair in zip(answers, reference, strict=True))
        score, agreement = self.score(answers), 100.0 * same / len(answers)
        print(f"| {name} | {score:.2f} | {self.score(self.full) - score:.2f} | {agreement:.2f} % |", flush=True)

    def file_answers(self, run: Path, folder: Path, calibration: Sequence[Any] = ()) -> Sequence[Any]:
        """Those of the run's file, in its runtime."""
        report = export_model(
            open_model(run), self.recipe, self.test, folder, calibration=calibration, overwrite=True, name=run.name
        )
        answers: Sequence[Any] = open_artefact(folder / report.files[0].file).answer(self.test.inputs)
        return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--train", required=True)
    parser.add_argument("--validation")
    parser.add_argument("--test", required=True)
    parser.add_argument("--columns", type=lambda text: tuple(text.split(",")))
    parser.add_argument("--scheme", choices=QUANTIZE_SCHEMES, default="int4")
    parser.add_argument("--format", choices=("tflite", "onnx"), default="tflite")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=2e-5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    model = open_model(arguments.run)
    task, max_length = model.problem.task, model.problem.max_length
    problem, columns = problem_class(task), ColumnNames(names=arguments.columns)
    train, test = (problem.read(path, columns) for path in (arguments.train, arguments.test))
    validation = None if arguments.validation is None else problem.read(arguments.validation, columns)
    # Everything is to be measured, whatever it loses.
    bench = Bench(arguments.run, test, Recipe(formats=(arguments.format,), schemes=(arguments.scheme,), max_drop=100.0))
    files = arguments.output / "files"
    bench.line("its file", bench.file_answers(arguments.run, files / "nearest"))
    if arguments.scheme == "int4":
        calibrated = bench.file_answers(arguments.run, files / "calibrated", train.inputs)
        bench.line("its file, calibrated", calibrated)

    def trained(name: str, quantize: str | None) -> Path:
        settings = FinetuneSettings(
            epochs=arguments.epochs,
            learning_rate=arguments.learning_rate,
            max_length=max_length,
            seed=arguments.seed,
            quantize=quantize,
        )
        run = arguments.output / name
        return finetune(
            arguments.run, train, run, settings, task=task, validation=validation, overwrite=True, show_progress=True
        ).run

    longer = trained("longer", None)
    bench.line("trained on, float32", open_model(longer).answer(test.inputs))
    bench.line("its file", bench.file_answers(longer, files / "longer"))
    run = trained("trained", arguments.scheme)
    model = open_model(run)
    bench.line(f"trained for {arguments.scheme}, float32", model.answer(test.inputs))
    fake_quantize(model, arguments.scheme)
    rounded = model.answer(test.inputs)
    bench.line("with rounded weights", rounded)
    bench.line("its file", bench.file_answers(run, files / "trained"), rounded)


if __name__ == "__main__":
    main()
