"""Writes NLU++ (arXiv:2204.13021) of one domain as multi-label data: train, validation and test by its folds.

python benchmarks/nlupp_split.py FOLDER OUTPUT [DOMAIN]

FOLDER holds `banking_fold0.json` to `banking_fold19.json`. Folds 0 to 15 are for training, 16 and 17 for validation, 18
and 19 for the test. Labels that the training folds do not have cannot be learned: they are left out of the others, and
counted. Prints what a model would score that gives every text the labels that most of the training texts with labels
have in common, at its best: those whose share is above the threshold that is best on the validation texts.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from kbert.data.column_names import ColumnNames
from kbert.problems.kinds import make_problem, problem_class

FOLDS = {"train": range(16), "validation": range(16, 18), "test": range(18, 20)}


def main(folder: str, output: str, domain: str = "banking") -> None:
    rows = {split: read(Path(folder), domain, folds) for split, folds in FOLDS.items()}
    known = {label for _, labels in rows["train"] for label in labels}
    Path(output).mkdir(parents=True, exist_ok=True)
    for split, examples in rows.items():
        unknown = Counter(label for _, labels in examples for label in labels if label not in known)
        kept = [{"text": text, "labels": [label for label in labels if label in known]} for text, labels in examples]
        path = Path(output) / f"{split}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), "utf-8")
        print(f"{path}: {len(kept)} rows, {len(known)} labels; left out {dict(unknown) or 'none'}")
    baseline(Path(output))


def read(folder: Path, domain: str, folds: range) -> list[tuple[str, list[str]]]:
    """Texts and their intents, each once."""
    found = []
    for fold in folds:
        for row in json.loads((folder / f"{domain}_fold{fold}.json").read_text("utf-8")):
            found.append((row["text"], list(dict.fromkeys(row.get("intents", [])))))
    return found


def baseline(folder: Path) -> None:
    """The scores of the training set's shares, the same for every text."""
    names = ColumnNames()
    train, validation, test = (problem_class("multi-label").read(folder / f"{name}.jsonl", names) for name in FOLDS)
    problem = make_problem("multi-label", train.label_set(), None, 128)
    shares = np.array([count / len(train) for count in train.label_counts().values()])
    tuned = problem.tuned([shares] * len(validation), validation)
    scores = tuned.score([shares] * len(test), test)
    print(f"always {tuned.say(shares)}: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
