"""The tables of a report as CSV files, and all of them in one zip."""

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.metrics import CLASS_METRICS
from fmnist_core.evaluation.thresholds import ClassCurves
from fmnist_core.reporting.content import Report
from fmnist_core.splits import TRAIN_ITEMS

if TYPE_CHECKING:
    import pandas as pd


def build_tables(report: Report) -> Mapping[str, "pd.DataFrame"]:
    """Return by file name, without its ending, what is written as CSV."""
    predictions = _tabulate_predictions(report)
    return {
        "scores": _tabulate_scores(report),
        "classes": _tabulate_classes(report),
        "confusion_matrix": _tabulate_confusion(report),
        "predictions": predictions,
        "mistakes": predictions.iloc[report.mistakes],
    }


def export_tables(report: Report) -> bytes:
    """Return a zip with the tables as CSV: scores, classes, confusion_matrix, predictions and mistakes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as files:
        for name, table in build_tables(report).items():
            # The same names and times give the same file.
            entry = zipfile.ZipInfo(f"{name}.csv", report.moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            files.writestr(entry, table.to_csv(index=False, lineterminator="\n"))
    return content.getvalue()


def _tabulate_scores(report: Report) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        [(name, found.value, found.low, found.high) for name, found in report.metrics.items()],
        columns=["score", "value", "low", "high"],
    )


def _tabulate_classes(report: Report) -> "pd.DataFrame":
    import pandas as pd

    columns: dict[str, Any] = {"class": list(CLASS_NAMES)}
    scores = report.classes
    for place, name in enumerate(CLASS_METRICS):
        columns[name.lower()] = scores.values[:, place]
        columns[f"{name.lower()}_low"] = scores.low[:, place]
        columns[f"{name.lower()}_high"] = scores.high[:, place]
    columns["support"] = scores.support
    columns["roc_auc"] = read_areas(report.roc)
    columns["average_precision"] = read_areas(report.precision_recall)
    return pd.DataFrame(columns)


def read_areas(curves: ClassCurves | None) -> list[float]:
    """Return the areas below the curves of the ten classes; NaN for one that has none."""
    known = curves.by_class if curves else {}
    return [known[index].area if index in known else float("nan") for index in range(len(CLASS_NAMES))]


def _tabulate_confusion(report: Report) -> "pd.DataFrame":
    import pandas as pd

    table = pd.DataFrame(report.confusion_matrix, columns=list(CLASS_NAMES))
    table.insert(0, "true class", list(CLASS_NAMES))
    return table


def _tabulate_predictions(report: Report) -> "pd.DataFrame":
    import pandas as pd

    answers, names = report.answers, np.array(CLASS_NAMES)
    is_test = answers.items >= TRAIN_ITEMS
    predicted = answers.probabilities.argmax(axis=1)
    table = pd.DataFrame(
        {
            "item": answers.items,
            "official_split": np.where(is_test, "test", "train"),
            "index": np.where(is_test, answers.items - TRAIN_ITEMS, answers.items),
            "class": names[answers.labels],
            "predicted": names[predicted],
            "right": predicted == answers.labels,
            "confidence": answers.probabilities.max(axis=1).round(6),
        }
    )
    probabilities = pd.DataFrame(answers.probabilities.round(6), columns=[f"p {name}" for name in CLASS_NAMES])
    return pd.concat([table, probabilities], axis=1)
