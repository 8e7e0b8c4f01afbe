"""What was answered about many pictures, as a table and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("file", "answer", "confidence", "second_choice", "second_confidence", "not_sure", "kind", "problem")


@dataclass(frozen=True, eq=False)
class Row:
    """One file and what came of it.

    Attributes:
        file: its name.
        verdict: the answer; None if there was nothing to ask about.
        kind: what the picture was taken for, in words; empty if it could not be read.
        problem: why there is no answer, one sentence; else empty.
    """

    file: str
    verdict: Verdict | None
    kind: str = ""
    problem: str = ""


def tabulate_answers(rows: Sequence[Row]) -> "pd.DataFrame":
    """Put answers into a table with the `COLUMNS` and, behind them, one column a class.

    Shares are from 0 to 1. Where there is no answer, numbers are missing and texts are empty.
    """
    import pandas as pd

    lines = [_describe(row) for row in rows]
    table = pd.DataFrame(lines, columns=[*COLUMNS, *CLASS_NAMES])
    numbers = ["confidence", "second_confidence", *CLASS_NAMES]
    return table.astype(dict.fromkeys(numbers, float))


def export_answers(table: "pd.DataFrame") -> str:
    """Write a table of `tabulate_answers` as CSV, shares with four decimals."""
    return str(table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


def _describe(row: Row) -> tuple[str | float | bool, ...]:
    if row.verdict is None:
        return (row.file, "", np.nan, "", np.nan, False, row.kind, row.problem, *[np.nan] * len(CLASS_NAMES))
    probabilities = row.verdict.probabilities
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    return (
        row.file,
        CLASS_NAMES[first],
        float(probabilities[first]),
        CLASS_NAMES[second],
        float(probabilities[second]),
        row.verdict.abstained,
        row.kind,
        row.problem,
        *map(float, probabilities),
    )
