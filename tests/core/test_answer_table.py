import io

import numpy as np
import pandas as pd

from fmnist_core.answer_table import COLUMNS, Row, export_answers, tabulate_answers
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.verdict import Verdict


def answer(first, second, share, abstained=False):
    probabilities = np.zeros(10, np.float32)
    probabilities[[first, second]] = share, 1 - share
    return Verdict(probabilities, np.zeros((28, 28), np.uint8), abstained=abstained)


ROWS = [
    Row("boot.jpg", answer(9, 7, 0.75), "Ready item"),
    Row("what.jpg", answer(8, 0, 0.5625, abstained=True), "Drawing"),
    Row("bad, really.pdf", None, "", 'It is a "PDF".'),
]


def test_each_file_has_a_line_with_its_answer():
    table = tabulate_answers(ROWS)
    assert list(table.columns) == [*COLUMNS, *CLASS_NAMES]
    assert table["answer"].tolist() == ["Ankle boot", "Bag", ""]
    assert table["confidence"].tolist()[:2] == [0.75, 0.5625]
    assert table["second_choice"].tolist() == ["Sneaker", "T-shirt/top", ""]
    assert table["second_confidence"].tolist()[:2] == [0.25, 0.4375]
    assert table["not_sure"].tolist() == [False, True, False]
    assert table["kind"].tolist() == ["Ready item", "Drawing", ""]
    np.testing.assert_array_equal(table[list(CLASS_NAMES)].iloc[:2].sum(axis=1), 1)


def test_a_file_without_an_answer_has_no_numbers_and_says_why():
    line = tabulate_answers(ROWS).iloc[2]
    assert line["problem"] == 'It is a "PDF".'
    assert line[["confidence", "second_confidence", *CLASS_NAMES]].isna().all()


def test_a_table_of_bad_files_only_can_be_sorted_by_numbers():
    table = tabulate_answers(ROWS[2:])
    assert table["confidence"].dtype == float
    assert len(table.sort_values("confidence")) == 1


def test_the_csv_gives_the_table_back():
    read = pd.read_csv(io.StringIO(export_answers(tabulate_answers(ROWS))), keep_default_na=False, na_values={})
    assert read["file"].tolist() == ["boot.jpg", "what.jpg", "bad, really.pdf"]
    assert read["problem"].tolist() == ["", "", 'It is a "PDF".']
    assert read["confidence"].tolist() == ["0.7500", "0.5625", ""]
    assert read["Ankle boot"].tolist() == ["0.7500", "0.0000", ""]


def test_no_file_gives_a_head_only():
    assert export_answers(tabulate_answers([])).splitlines() == [",".join([*COLUMNS, *CLASS_NAMES])]
