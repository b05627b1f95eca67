"""The log of a run: what a resumed run keeps of it, and that it is never half there."""

import os

from kbert.pretraining.curves import MetricsLog, read_metrics


def test_a_resumed_log_is_put_in_place_whole(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path, first_step=0)
    for step in (1, 2, 3):
        log.write(step, "train", {"loss": step / 2})
    # A second name of the same file: writing in place would show there.
    os.link(path, tmp_path / "before")
    MetricsLog(path, first_step=2)
    assert read_metrics(path) == [{"step": 1, "train": {"loss": 0.5}}, {"step": 2, "train": {"loss": 1.0}}]
    assert len(read_metrics(tmp_path / "before")) == 3
    assert sorted(found.name for found in tmp_path.iterdir()) == ["before", "metrics.jsonl"]
