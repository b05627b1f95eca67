import json

import pytest

SMALL = ["--student", "layers=1,intermediate=16,vocabulary=task", "--epochs", 1]


def test_distill_and_use(kbert, saved_run, sentiment_file, tmp_path):
    more = tmp_path / "more.tsv"
    more.write_text("text\nthe zoo was good\na day\n", "utf-8")
    output = tmp_path / "student"
    files = ["--train", sentiment_file, "--validation", sentiment_file, "--unlabelled", more, "--output", output]
    objectives = ["--objectives", "soft=0.9,labels=0.1", "--intermediate-epochs", 1, "--layer-map", "0:1"]
    outcome = kbert("distill", saved_run, *files, *objectives, *SMALL, "--augment", 1)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    teacher = json.loads(kbert("evaluate", saved_run, "--data", sentiment_file, "--json").out)["metrics"]["accuracy"]
    assert lines[0].startswith(f"accuracy: teacher {teacher:.4f}, student ")
    shown = json.loads(kbert("inspect", output).out)
    assert (shown["config"]["num_layers"], shown["config"]["intermediate_dim"]) == (1, 16)
    assert lines[-1].startswith(f"{output}: {shown['parameters'] / 1e6:.2f} million weights of the teacher's ")
    assert lines[-1].endswith(f"{shown['config']['vocabulary_size']} tokens")
    assert shown["distilled"]["teacher"] == str(saved_run)
    assert shown["command"].startswith(f"kbert distill {saved_run} --train {sentiment_file}")
    scores = json.loads(kbert("evaluate", output, "--data", sentiment_file, "--json").out)["metrics"]
    assert lines[0].endswith(f"student {scores['accuracy']:.4f}")


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (
            ["--student", "layers=9"],
            1,
            "error: student layers must be from 1 to 2, the layers of the teacher. Received: 9",
        ),
        (["--student", "hidden=32"], 1, "error: student hidden must be at most 16, the teacher's: weights are cut out"),
        ([*SMALL, "--objectives", "hidden", "--layer-map", "0:7"], 1, "error: layer map 0:7: expected layers of the"),
        ([*SMALL, "--objectives", "warmth"], 1, "error: objectives are soft, labels, hidden, "),
        ([*SMALL, "--mlm", "anything"], 2, "Error: --mlm replaces words of variants: say how many with --augment N"),
        ([*SMALL, "--resume"], 1, "error: {output}: nothing to resume here"),
    ],
)
def test_what_cannot_be_done_is_said(kbert, saved_run, sentiment_file, tmp_path, options, code, line):
    output = tmp_path / "student"
    outcome = kbert("distill", saved_run, "--train", sentiment_file, "--output", output, *options)
    assert outcome.code == code
    last = outcome.err.splitlines()[-1]
    assert last.startswith(line.format(output=output)), last
    assert not output.exists()


def test_an_encoder_is_no_teacher(kbert, tiny_checkpoint, sentiment_file, tmp_path):
    outcome = kbert("distill", tiny_checkpoint, "--train", sentiment_file, "--output", tmp_path / "out", *SMALL)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith("expected a fine-tuned teacher, it has no head. Fine-tune it first\n")
