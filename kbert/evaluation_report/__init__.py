"""What a score does not say: which classes, which confusions, which texts, and what the probabilities are worth."""

from kbert.evaluation_report.calibration import Calibration, class_calibration, label_calibration
from kbert.evaluation_report.confusion import Confusion, count_confusions
from kbert.evaluation_report.confusion_picture import draw_confusion
from kbert.evaluation_report.examples import (
    SlowExample,
    WrongExample,
    most_wrong,
    most_wrong_answers,
    most_wrong_labels,
    slowest,
)
from kbert.evaluation_report.per_class import ClassScores, class_scores, entity_class_scores
from kbert.evaluation_report.report import (
    EvaluationReport,
    classification_report,
    entity_report,
    multi_label_report,
    tag_report,
)
from kbert.evaluation_report.tables import report_tables

__all__ = [
    "Calibration",
    "ClassScores",
    "Confusion",
    "EvaluationReport",
    "SlowExample",
    "WrongExample",
    "class_calibration",
    "class_scores",
    "classification_report",
    "count_confusions",
    "draw_confusion",
    "entity_class_scores",
    "entity_report",
    "label_calibration",
    "most_wrong",
    "most_wrong_answers",
    "most_wrong_labels",
    "multi_label_report",
    "report_tables",
    "slowest",
    "tag_report",
]
