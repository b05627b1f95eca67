"""`kbert predict` and its neighbours on a run with an MLM head."""

import json

import pytest


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory, tiny_config, tiny_tokenizer):
    """A pretraining run with random weights; tests only read it."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.pretrainer import BertPretrainer

    keras.utils.set_random_seed(7)
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, 16)
    return model.save_checkpoint(tmp_path_factory.mktemp("pretrained") / "run")


def assert_error(outcome, line):
    assert (outcome.code, outcome.out, outcome.err.splitlines()) == (1, "", [f"error: {line}"])


def test_one_object_a_text(kbert, pretrained):
    outcome = kbert("predict", pretrained, "the [MASK] was [MASK].", "[MASK]")
    assert (outcome.code, outcome.err) == (0, "")
    first, second = map(json.loads, outcome.out.splitlines())
    assert (list(first), first["text"]) == (["text", "masks"], "the [MASK] was [MASK].")
    assert [(mask["start"], mask["end"]) for mask in first["masks"]] == [(4, 10), (15, 21)]
    assert len(second["masks"]) == 1
    for mask in first["masks"] + second["masks"]:
        assert list(mask) == ["start", "end", "tokens"]
        assert [list(token) for token in mask["tokens"]] == [["token", "probability"]] * 5
        probabilities = [token["probability"] for token in mask["tokens"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(round(probability, 6) == probability for probability in probabilities)


def test_top(kbert, pretrained):
    outcome = kbert("predict", pretrained, "the [MASK]", "--top", 1)
    assert len(json.loads(outcome.out)["masks"][0]["tokens"]) == 1
    line = "top must be from 1 to 66, the tokens there are. Received: 0"
    assert_error(kbert("predict", pretrained, "the [MASK]", "--top", 0), line)


def test_top_is_not_for_classifiers(kbert, saved_run):
    line = "--top is for masked language models: a classifier tells the probability of every label"
    assert_error(kbert("predict", saved_run, "good", "--top", 2), line)


def test_a_text_without_mask(kbert, pretrained):
    line = "text 1 must hold [MASK], the token to predict. Received: 'a day'"
    assert_error(kbert("predict", pretrained, "a [MASK]", "a day"), line)


def test_a_mask_that_is_cut_off(kbert, pretrained):
    line = (
        "text 0: its [MASK] at character 80 lies beyond the first 16 tokens, which are all that the model takes. "
        "Shorten the text before it"
    )
    assert_error(kbert("predict", pretrained, "day " * 20 + "[MASK]"), line)


def test_a_long_text_is_cut_after_its_mask(kbert, pretrained):
    outcome = kbert("predict", pretrained, "[MASK]" + " day" * 20)
    assert outcome.code == 0
    assert outcome.err == "note: 1 of 1 texts were longer than 16 tokens and were cut\n"


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_an_encoder_without_head(kbert, tiny_checkpoint, sentiment_file, command):
    arguments = ["a [MASK]"] if command == "predict" else ["--data", sentiment_file]
    line = f"{tiny_checkpoint}: has no head of a task and no MLM head to predict with. Fine-tune it first"
    assert_error(kbert(command, tiny_checkpoint, *arguments), line)


def test_inspect(kbert, pretrained):
    held = json.loads(kbert("inspect", pretrained).out)
    assert (held["kind"], held["task"], held["heads"], held["max_length"]) == ("run", "pretraining", ["mlm", "nsp"], 16)
    assert "labels" not in held
