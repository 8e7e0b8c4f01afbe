"""What a network's answers are worth. Arrays in, arrays and tables out; nothing here knows of runs or of Keras."""

from fmnist_core.evaluation.scores import (
    Proportion,
    Scores,
    compute_accuracy,
    compute_classification_report,
    compute_confusion_matrix,
    compute_log_loss,
    compute_scores,
    find_cell,
    find_confused_pairs,
    find_mistakes,
    normalize_rows,
    tabulate_report,
)

__all__ = [
    "Proportion",
    "Scores",
    "compute_accuracy",
    "compute_classification_report",
    "compute_confusion_matrix",
    "compute_log_loss",
    "compute_scores",
    "find_cell",
    "find_confused_pairs",
    "find_mistakes",
    "normalize_rows",
    "tabulate_report",
]
