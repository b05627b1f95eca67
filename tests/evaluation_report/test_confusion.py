import sys

import numpy as np
import pytest
from matplotlib.image import imread

from kbert.errors import InputError
from kbert.evaluation_report import count_confusions, draw_confusion
from kbert.evaluation_report.confusion_picture import cell_text

LABELS = ["a", "b", "c"]
#                   a a a b b b b c
EXPECTED = np.array([0, 0, 0, 1, 1, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 0, 0, 0, 1, 2])


def test_counts_and_shares_by_hand():
    found = count_confusions(EXPECTED, PREDICTED, LABELS)
    assert found.counts.tolist() == [[2, 1, 0], [3, 1, 0], [0, 0, 1]]
    assert found.shares().tolist() == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0.75, 0.25, 0], [0, 0, 1]]))
    assert found.errors().tolist() == [[0, 1, 0], [3, 0, 0], [0, 0, 0]]


def test_a_class_that_is_not_in_the_data_has_no_shares():
    assert count_confusions(np.array([0]), np.array([1]), ["a", "b"]).shares().tolist() == [[0, 1], [0, 0]]


def test_the_most_frequent_confusions_come_first():
    found = count_confusions(EXPECTED, PREDICTED, LABELS)
    assert [(pair.expected, pair.predicted, pair.count) for pair in found.most_frequent()] == [
        ("b", "a", 3),
        ("a", "b", 1),
    ]
    assert len(found.most_frequent(1)) == 1
    assert found.to_dict() == {
        "labels": LABELS,
        "counts": [[2, 1, 0], [3, 1, 0], [0, 0, 1]],
        "most_frequent": [
            {"expected": "b", "predicted": "a", "count": 3},
            {"expected": "a", "predicted": "b", "count": 1},
        ],
    }


def test_the_most_confused_classes_keep_their_order():
    # Errors as expected and as predicted: a 0, b 2 + 1, c 1 + 0, d 0 + 2.
    found = count_confusions(np.array([0, 1, 1, 2]), np.array([0, 3, 3, 1]), ["a", "b", "c", "d"])
    assert found.most_confused_classes(2).tolist() == [1, 3]
    assert found.most_confused_classes(9).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("classes", [2, 8, 25, 77])
def test_a_picture_of_any_number_of_classes_is_light(tmp_path, classes):
    generator = np.random.default_rng(classes)
    expected = generator.integers(classes, size=1500)
    predicted = np.where(generator.random(1500) < 0.7, expected, generator.integers(classes, size=1500))
    labels = [f"some_rather_long_label_of_number_{i}$" for i in range(classes)]
    path = tmp_path / "confusion.png"
    draw_confusion(count_confusions(expected, predicted, labels), path)
    pixels = imread(path)
    assert 350 < min(pixels.shape[:2]) <= max(pixels.shape[:2]) < 1800
    assert path.stat().st_size < 300_000
    assert [file.name for file in tmp_path.iterdir()] == ["confusion.png"]


def test_the_picture_shows_the_shares(tmp_path):
    """Right answers darken the diagonal: where all are right, the top left is dark and the top right is not."""
    path = tmp_path / "confusion.png"
    draw_confusion(count_confusions(np.array([0, 1]), np.array([0, 1]), ["a", "b"]), path)
    right = imread(path)[..., :3].mean(axis=2)
    draw_confusion(count_confusions(np.array([0, 1]), np.array([1, 0]), ["a", "b"]), path)
    wrong = imread(path)[..., :3].mean(axis=2)
    assert right.shape == wrong.shape
    changed = np.argwhere(np.abs(right - wrong) > 0.5)
    top, left = changed.min(axis=0) + 5  # inside the cell, away from its border
    assert right[top, left] < 0.3 < 0.9 < wrong[top, left]


def test_what_stands_in_a_cell():
    assert cell_text(0.754, 3, classes=3) == "75 %\n3"
    assert cell_text(0.754, 3, classes=25) == "75"
    assert cell_text(0.004, 1, classes=25) == "<1"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="could not be written"):
        draw_confusion(count_confusions(EXPECTED, PREDICTED, LABELS), tmp_path / "file" / "confusion.png")


def test_without_matplotlib_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'kbert\[report\]'"):
        draw_confusion(count_confusions(EXPECTED, PREDICTED, LABELS), tmp_path / "confusion.png")
