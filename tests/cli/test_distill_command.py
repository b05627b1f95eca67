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
    wanted = "expected a fine-tuned teacher, it has no head. Fine-tune it first, or distil it on raw text: --corpus\n"
    assert outcome.err.endswith(wanted)


ON_TEXT = ["--steps", 2, "--batch-size", 4, "--max-length", 16, "--max-predictions", 3, "--student", "layers=1"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("The film was good. A bad day. The a was bad\n\n" * 20, "utf-8")
    return path


def test_distill_on_raw_text_and_use(kbert, tiny_config, tiny_tokenizer, corpus, sentiment_file, tmp_path):
    from kbert.backbone import BertBackbone
    from kbert.pretrainer import BertPretrainer

    teacher = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer).save_checkpoint(tmp_path / "teacher")
    output = tmp_path / "general"
    files = ["--corpus", corpus, corpus, "--validation", corpus, "--output", output]
    outcome = kbert("distill", teacher, *files, *ON_TEXT, "--objectives", "soft,mlm=0.5,hidden")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "loss",
        "masked_accuracy",
        "perplexity",
        "most_frequent_accuracy",
    ]
    shown = json.loads(kbert("inspect", output).out)
    assert f"masked_accuracy: teacher {shown['distilled']['teacher_metrics']['masked_accuracy']:.4f}, " in outcome.out
    assert lines[-1].startswith(f"{output}: {shown['parameters'] / 1e6:.2f} million weights of the teacher's ")
    assert (shown["steps"], shown["heads"], shown["settings"]["objectives"]["mlm"]) == (2, ["mlm"], 0.5)
    assert [source["file"] for source in shown["data"][0]["sources"]] == ["text.txt", "text.txt"]
    assert shown["command"].startswith(f"kbert distill {teacher} --corpus {corpus}")
    assert len(json.loads(kbert("predict", output, "the [MASK] was good.").out)["masks"]) == 1
    options = ["--task", "text-classification", "--epochs", 1, "--max-length", 16, "--output", tmp_path / "tuned"]
    outcome = kbert("finetune", "--checkpoint", output, "--train", sentiment_file, *options)
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--train", "{corpus}"], 2, "Error: give --train or --corpus, and not both"),
        (["--epochs", 3], 2, "Error: --epochs goes with --train, not with --corpus"),
        (["--label-column", "kind"], 2, "Error: --label-column goes with --train, not with --corpus"),
        (["--objectives", "soft"], 1, "error: {teacher}: expected a teacher with an MLM head for the objective soft"),
        (["--objectives", "labels"], 1, "error: the objective labels needs labelled data (--train), raw text has none"),
        (["--layer-map", "0:7"], 1, "error: layer map 0:7: expected layers of the student from 0 to 0"),
        (["--resume"], 1, "error: {output}: nothing to resume here"),
    ],
)
def test_what_cannot_be_done_on_raw_text_is_said(kbert, tiny_checkpoint, corpus, tmp_path, options, code, line):
    output = tmp_path / "general"
    known = {"corpus": corpus, "teacher": tiny_checkpoint, "output": output}
    options = [str(option).format(**known) for option in options]
    outcome = kbert("distill", tiny_checkpoint, "--corpus", corpus, "--output", output, *ON_TEXT, *options)
    assert code == outcome.code
    assert outcome.err.splitlines()[-1].startswith(line.format(**known)), outcome.err
    assert not output.exists()


def test_options_of_raw_text_are_not_those_of_data(kbert, saved_run, sentiment_file, tmp_path):
    given = ["distill", saved_run, "--output", tmp_path / "out", "--student", "layers=1"]
    outcome = kbert(*given, "--train", sentiment_file, "--steps", 3)
    assert (outcome.code, outcome.err.splitlines()[-1]) == (2, "Error: --steps goes with --corpus, not with --train")
    assert kbert(*given).err.splitlines()[-1] == "Error: give --train or --corpus, and not both"
    outcome = kbert(*given, "--train", sentiment_file, "--objectives", "soft,mlm")
    assert outcome.code == 1
    assert outcome.err.startswith("error: the objective mlm is learnt on raw text (--corpus)")
