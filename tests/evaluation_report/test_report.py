"""The report of each kind of task, and that it is JSON."""

import dataclasses
import json

import numpy as np
import pytest

from kbert.evaluation_report import (
    EvaluationReport,
    classification_report,
    entity_report,
    multi_label_report,
    report_tables,
    slowest,
    tag_report,
)

PROBABILITIES = np.array([[0.75, 0.25], [0.25, 0.75]], "float32")


def plain(report: EvaluationReport) -> dict:
    """As `--json` prints it."""
    return json.loads(json.dumps(report.to_dict()))


def test_one_class_an_example():
    report = classification_report(np.array([0, 0]), PROBABILITIES, ["no", "yes"], ["a", "b"], worst=3)
    found = plain(report)
    assert set(found) == {"classes", "confusion", "calibration", "worst"}
    assert found["classes"][0] == {
        "label": "no",
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
    }
    assert found["confusion"]["counts"] == [[1, 1], [0, 0]]
    # 0.75 twice, right once.
    assert found["calibration"]["expected_calibration_error"] == 0.25
    assert found["worst"] == [{"index": 1, "text": "b", "expected": "no", "predicted": "yes", "probability": 0.75}]
    assert len(list(report_tables(report))) == 4


def test_several_labels_an_example():
    report = multi_label_report(np.array([[1, 1], [0, 1]]), PROBABILITIES, ["x", "y"], ["a", "b"], worst=3)
    found = plain(report)
    assert set(found) == {"classes", "calibration", "worst"}
    assert [row["recall"] for row in found["classes"]] == [1.0, 0.5]
    assert [row["predicted"] for row in found["worst"]] == ["not y"]
    # All labels are given from 0.2 on: what is too much then is x.
    tuned = multi_label_report(
        np.array([[1, 1], [0, 1]]), PROBABILITIES, ["x", "y"], ["a", "b"], threshold=0.2, worst=3
    )
    assert [(row.predicted, row.probability) for row in tuned.worst] == [("x", 0.25)]


def test_entities():
    found = plain(entity_report([["B-PER", "O"]], [["B-PER", "B-LOC"]]))
    assert set(found) == {"classes"}
    assert [(row["label"], row["f1"], row["support"]) for row in found["classes"]] == [("LOC", 0.0, 0), ("PER", 1.0, 1)]


def test_plain_tags():
    found = plain(tag_report([["DET", "NOUN"], ["NOUN"]], [["DET", "DET"], ["NOUN"]], ["DET", "NOUN", "VERB"]))
    assert set(found) == {"classes", "confusion"}
    assert found["confusion"]["counts"] == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_parts_that_come_later():
    report = dataclasses.replace(entity_report([["O"]], [["O"]]), slowest=slowest(["a", "b"], np.array([1.0, 2.0]), 1))
    assert plain(report) == {"slowest": [{"index": 1, "text": "b", "characters": 1, "latency_ms": 2.0}]}
    assert len(list(report_tables(report))) == 1


def test_nothing_to_tell_is_an_empty_object():
    assert EvaluationReport().to_dict() == {}
    assert list(report_tables(EvaluationReport())) == []
