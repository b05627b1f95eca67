"""The commands on tagged words: a whole path, and one line for whatever is wrong with the data."""

import json

import pytest

FINETUNE = ["--epochs", "1", "--max-length", "16", "--batch-size", "2"]
SLOTS = '{"text": "the good film", "intent": "praise", "slots": [[9, 13, "what"]]}\n'
SLOTS += '{"text": "a bad day", "intent": "scorn", "slots": [[6, 9, "what"]]}\n'
CONLL = "the O\ngood O\nfilm B-what\n\na O\nday B-what\n"
BAD_FILES = {
    "more tokens than tags": (
        "a.jsonl",
        '{"tokens": ["a", "b"], "tags": ["O"]}\n',
        ":1: expected as many tags as tokens",
    ),
    "a line without a tag": ("a.conll", CONLL + "bad\n", ":7: expected 2 columns separated by spaces, a token"),
    "an unknown scheme": ("a.conll", CONLL + "bad X-what\n", ":7: tag 'X-what' does not go with 'B-what'"),
    "two schemes": ("a.conll", CONLL + "bad NOUN\n", ":7: tag 'NOUN' does not go with 'B-what'"),
    "a cut character": (
        "a.jsonl",
        '{"text": "Zoe\\u0308 Lee", "entities": [[0, 3, "PER"]]}\n',
        ":1: span 0 to 3 ('Zoe') cuts a character at 3: U+0308 belongs to what stands before it",
    ),
    "an overlap": (
        "a.jsonl",
        SLOTS.replace('[[6, 9, "what"]]', '[[2, 9, "x"], [6, 9, "what"]]'),
        ":2: span 6 to 9 ('day') overlaps span 2 to 9",
    ),
    "outside of the text": ("a.jsonl", SLOTS.replace("6, 9", "6, 10"), ":2: span 6 to 10"),
    "no entity": ("a.conll", "a O\nday O\n", ": expected at least two tags to tell apart, every word has 'O'"),
}


@pytest.fixture
def write(tmp_path):
    def put(name: str, content: str) -> str:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return str(path)

    return put


@pytest.fixture
def finetune(kbert, shallow_checkpoint, tmp_path):
    def run(task: str, train: str, *options: object):
        common = ["--task", task, "--checkpoint", shallow_checkpoint, "--output", tmp_path / "run"]
        return kbert("finetune", *FINETUNE, *common, "--train", train, *options)

    return run


def error_line(outcome) -> str:
    assert outcome.code == 1, outcome.err
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert "defect" not in line
    assert outcome.out == ""
    return line


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_data(finetune, write, tmp_path, name):
    file, content, message = BAD_FILES[name]
    path = write(file, content)
    assert f"error: {path}{message}" in error_line(finetune("token-classification", path))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SLOTS.replace('"scorn"', '"praise"'), ": expected at least two intents to tell apart, every row has 'praise'"),
        (SLOTS.replace('"scorn"', '""'), ":2: expected an intent in 'intent', it is empty"),
        (
            SLOTS.replace('[[9, 13, "what"]]', "[]").replace('[[6, 9, "what"]]', "[]"),
            ": expected slots to find, no row",
        ),
    ],
)
def test_bad_intents(finetune, write, content, message):
    path = write("a.jsonl", content)
    assert f"error: {path}{message}" in error_line(finetune("intent-slots", path))


def test_a_tag_that_training_did_not_have(finetune, kbert, write, tmp_path):
    train = write("train.conll", CONLL)
    test = write("test.conll", "a O\n\nbad B-how\n\nday O\n")
    message = f"error: {test}:3: label 'B-how' is unknown to the model. Expected one of: O, B-what, I-what"
    assert error_line(finetune("token-classification", train, "--validation", test)) == message
    assert finetune("token-classification", train).code == 0
    assert error_line(kbert("evaluate", tmp_path / "run", "--data", test)) == message
    export = kbert("export", tmp_path / "run", "--tflite", "--validation", test, "--output", tmp_path / "out")
    assert error_line(export) == message


def test_an_intent_that_training_did_not_have(finetune, write):
    train, test = write("train.jsonl", SLOTS), write("test.jsonl", SLOTS.replace("scorn", "doubt"))
    found = error_line(finetune("intent-slots", train, "--validation", test))
    assert found == f"error: {test}:2: label 'doubt' is unknown to the model. Expected one of: praise, scorn"


def test_the_metric_of_plain_tags(finetune, write):
    train = write("train.conll", "a DET\nfilm NOUN\n\nthe DET\nday NOUN\n")
    found = error_line(finetune("token-classification", train, "--metric", "entity_f1"))
    assert found == "error: metric must be one of accuracy. Received: entity_f1"
    outcome = finetune("token-classification", train, "--validation", train)
    assert outcome.code == 0, outcome.err
    assert "validation accuracy 0." in outcome.err or "validation accuracy 1." in outcome.err


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_from_a_file_with_any_line_ends_to_entities(finetune, kbert, write, tmp_path, ending):
    train = write("train.conll", "\ufeff" + CONLL.replace("\n", ending))
    outcome = finetune("token-classification", train, "--validation", train)
    assert outcome.code == 0, outcome.err
    assert "2 texts, 5 words, 2 entities of 1 kinds" in outcome.err
    scores = json.loads(kbert("evaluate", tmp_path / "run", "--data", train, "--json").out)
    assert scores["task"] == "token-classification"
    assert set(scores["metrics"]) == {"entity_f1", "entity_precision", "entity_recall", "accuracy"}
    text = "Zoë's film, a\u00a0day: " * 20
    outcome = kbert("predict", tmp_path / "run", text)
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert list(found) == ["text", "entities"]
    assert found["text"] == text
    for entity in found["entities"]:
        assert text[entity["start"] : entity["end"]] == entity["text"]
    # Longer than 16 tokens, and nothing was cut.
    assert "cut" not in outcome.err
    assert kbert("predict", tmp_path / "run", "--table", "the good film").code == 0


def test_from_utterances_to_intents_with_slots(finetune, kbert, write, tmp_path):
    train = write("train.jsonl", SLOTS.replace("\n", "\r\n"))
    outcome = finetune("intent-slots", train, "--validation", train)
    assert outcome.code == 0, outcome.err
    assert "validation both_right" in outcome.err
    scores = json.loads(kbert("evaluate", tmp_path / "run", "--data", train, "--json").out)
    assert list(scores["metrics"]) == ["both_right", "intent_accuracy", "slot_f1"]
    found = json.loads(kbert("predict", tmp_path / "run", "a good day").out)
    assert list(found) == ["text", "intent", "probability", "entities"]
    assert found["intent"] in ("praise", "scorn")


def test_pairs_are_refused(finetune, kbert, write, tmp_path):
    assert finetune("token-classification", write("train.conll", CONLL)).code == 0
    assert error_line(kbert("predict", tmp_path / "run", "--pairs", "a", "b")) == (
        "error: text 0 must be one string. Received: tuple"
    )
