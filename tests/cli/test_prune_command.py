import json
import re

import pytest

BOTH = ["--keep-heads", 0.5, "--keep-ffn", 0.5]


def test_prune_train_and_use(kbert, saved_run, sentiment_file, tmp_path):
    output = tmp_path / "out"
    options = ["--data", sentiment_file, "--train", sentiment_file, "--epochs", 1, "--output", output]
    outcome = kbert("prune", saved_run, *options, *BOTH, "--drop-layers", 1)
    assert outcome.code == 0, outcome.err
    assert outcome.err.count("without layer ") == 2
    rows = [re.sub("[│┃]", " ", line).split() for line in outcome.out.splitlines()]
    before, pruned, tuned = (row for row in rows if row and row[0] in ("before", "pruned", "fine-tuned"))
    assert (before[:4], pruned[:4], tuned[:4]) == (
        ["before", "2", "2", "32"],
        ["pruned", "1", "1", "16"],
        ["fine-tuned", "1", "1", "16"],
    )
    shown = json.loads(kbert("inspect", output).out)
    assert shown["config"]["attention_dim"] == 8
    assert f"{shown['parameters']:,}" == pruned[4] == tuned[4]
    assert shown["pruned"]["command"].startswith(f"kbert prune {saved_run} --data {sentiment_file}")
    assert f"{shown['pruned']['after']['accuracy']:.4f}" == pruned[6]
    assert outcome.out.endswith(f"{output}: layers {shown['pruned']['layers'][0]} of RUN\n")
    scores = json.loads(kbert("evaluate", output, "--data", sentiment_file, "--json").out)
    assert f"{scores['metrics']['accuracy']:.4f}" == tuned[6]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--keep-heads", 0], "keep_heads must be a share, above 0 and at most 1. Received: 0.0"),
        (["--keep-ffn", 1.2], "keep_ffn must be a share, above 0 and at most 1. Received: 1.2"),
        (["--drop-layers", 2], "drop_layers must be from 0 to 1: there are 2 layers. Received: 2"),
        ([*BOTH, "--epochs", 2], "--epochs is of the fine-tuning afterwards. Add --train FILE"),
        (
            [],
            "expected something to leave out: 2 of 2 heads, 32 of 32 neurons and all layers would stay. "
            "Lower --keep-heads or --keep-ffn, or raise --drop-layers",
        ),
    ],
)
def test_what_is_out_of_range(kbert, saved_run, sentiment_file, tmp_path, options, line):
    outcome = kbert("prune", saved_run, "--data", sentiment_file, "--output", tmp_path / "out", *options)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"error: {line}\n")
    assert not (tmp_path / "out").exists()


def test_labels_that_the_run_does_not_know(kbert, saved_run, sentiment_file, tmp_path):
    other = tmp_path / "other.tsv"
    other.write_text("text\tlabel\nthe film\tgreat\na day\tbad\n", "utf-8")
    for files in (["--data", other], ["--data", sentiment_file, "--train", other]):
        outcome = kbert("prune", saved_run, *files, *BOTH, "--output", tmp_path / "out")
        assert outcome.code == 1
        (line,) = outcome.err.splitlines()
        assert line.startswith("error: ")
        assert "'great'" in line
    assert not (tmp_path / "out").exists()
