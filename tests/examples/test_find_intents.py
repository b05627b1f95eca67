"""The example of intents with slots runs from texts to a saved run, here on a model small enough for a test."""

from kbert.tasks import IntentSlotClassifier


def test_the_script_trains_predicts_and_saves(load_example, shallow_checkpoint, tmp_path, monkeypatch) -> None:
    example = load_example("find_intents")
    lines = (example.REQUESTS / "train.jsonl").read_text("utf-8").splitlines()[:6]
    for split in ("train", "test"):
        (tmp_path / f"{split}.jsonl").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(example, "REQUESTS", tmp_path)
    assert 0 <= example.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert IntentSlotClassifier.from_checkpoint(tmp_path / "run").labels[0] == "O"
