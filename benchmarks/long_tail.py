"""A training set with few texts for most labels, cut out of one that has enough for all.

python benchmarks/long_tail.py DATA/banking77/train.csv long_tail.csv [--most 60] [--least 4]

The labels get from `--most` to `--least` texts, each the same share of the one before it; which label gets how many,
and which texts, is drawn from a seed.
"""

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="A .csv file whose last column is the label.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--least", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    draw = random.Random(arguments.seed)
    with arguments.data.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    of_label = defaultdict(list)
    for row in rows:
        of_label[row[-1]].append(row)
    labels = sorted(of_label)
    draw.shuffle(labels)
    share = (arguments.least / arguments.most) ** (1 / (len(labels) - 1))
    counts = {label: round(arguments.most * share**rank) for rank, label in enumerate(labels)}
    short = {label: len(of_label[label]) for label in labels if len(of_label[label]) < counts[label]}
    if short:
        print(f"fewer texts than asked for: {short}")
    chosen = [row for label in labels for row in draw.sample(of_label[label], min(counts[label], len(of_label[label])))]
    draw.shuffle(chosen)
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *chosen])
    print(f"{arguments.output}: {len(chosen)} texts, {len(labels)} labels")


if __name__ == "__main__":
    main()
