"""What each way to fine-tune is worth: test scores with it and without, over several seeds.

python benchmarks/option_worth.py --task T --train F [--validation F] --test F --epochs 3 --learning-rate 5e-5
    [--seeds 3] [--columns score,text,text_b] --output DIR OPTION=VALUE[,OPTION=VALUE]…

A line for the schedule alone, one for each argument on top of it, and one for its runs averaged into one model. An
argument is fields of `FinetuneSettings`: `layer_decay=0.9`, or `layer_decay=0.9,r_drop=1` for both together. What a
line is worth is the mean over the seeds of its score less the first line's with the same seed; the error is that mean's
standard error.
"""

import dataclasses
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import keras
from seeds_table import print_line, schedule_parser

from kbert.data.column_names import ColumnNames
from kbert.evaluation import evaluate
from kbert.fine_tuning.soup import average_checkpoints
from kbert.models import open_model
from kbert.problems.kinds import problem_class
from kbert.training import FinetuneSettings, finetune


def parse_options(text: str) -> dict[str, Any]:
    """`layer_decay=0.9,freeze=embeddings` as a dictionary of settings."""
    found = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def main() -> None:
    parser = schedule_parser(__doc__)
    parser.add_argument("options", nargs="*")
    parser.add_argument("--task", required=True)
    parser.add_argument("--validation")
    arguments = parser.parse_args()

    problem = problem_class(arguments.task)
    columns = ColumnNames(names=arguments.columns)
    train, test = (problem.read(path, columns) for path in (arguments.train, arguments.test))
    validation = None if arguments.validation is None else problem.read(arguments.validation, columns)
    schedule = FinetuneSettings(epochs=arguments.epochs, learning_rate=arguments.learning_rate)
    metric = problem.metrics_of(test)[0]

    def test_score(run: Path) -> float:
        return 100 * evaluate(open_model(run, arguments.task), test).metrics[metric]

    def scores(options: dict[str, Any], place: Path) -> tuple[list[float], list[Path]]:
        runs = [place / str(seed) for seed in range(arguments.seeds)]
        for seed, run in enumerate(runs):
            settings = dataclasses.replace(schedule, seed=seed, **options)
            result = finetune(
                arguments.checkpoint,
                train,
                run,
                settings,
                task=arguments.task,
                validation=validation,
                overwrite=True,
            )
            if result.interrupted:
                sys.exit(130)
            keras.utils.clear_session()  # or each run's graphs slow the next ones down
        return [test_score(run) for run in runs], runs

    print(f"| | {metric}, mean | worth | error | |\n| --- | ---: | ---: | ---: | --- |")
    plain, runs = scores({}, arguments.output / "plain")
    print_line("the schedule alone", plain, plain)
    if len(runs) > 1:
        average = average_checkpoints(runs, arguments.output / "average", overwrite=True)
        score = test_score(average.run)
        print(f"| its runs averaged | {score:.2f} | {score - statistics.mean(plain):+.2f} | | |", flush=True)
    for number, text in enumerate(arguments.options):
        found, _ = scores(parse_options(text), arguments.output / str(number))
        print_line(f"`{text}`", found, plain)


if __name__ == "__main__":
    main()
