import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.search.reading import read_values


@given(st.lists(st.integers(1, 8192), min_size=1, max_size=20, unique=True), st.sampled_from([", ", ",", " ", "; "]))
def test_whole_numbers_are_read_however_they_are_separated(numbers, separator):
    parameter = read_values("batch_size", separator.join(map(str, numbers)))
    assert parameter.grid == tuple(sorted(numbers))
    assert all(isinstance(value, int) for value in parameter.grid)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20, unique=True))
def test_numbers_come_back_as_they_were_written(numbers):
    assert read_values("learning_rate", ", ".join(map(repr, numbers))).grid == tuple(sorted(numbers))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    with contextlib.suppress(InvalidSettingError):
        grid = read_values("learning_rate", text).grid
        assert grid == tuple(sorted({float(word) for word in re.split(r"[\s,;]+", text.strip()) if word}))


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("learning_rate", "", "`learning_rate` must have at least one value. Received: none."),
        (
            "learning_rate",
            "0.1, x",
            "The values of `learning_rate` must be numbers with commas between. Received: 0.1, x.",
        ),
        ("learning_rate", "nan", "The values of `learning_rate` must be numbers with commas between. Received: nan."),
        ("optimizer", "1", "`optimizer` must have choices rather than numbers. Received: 1."),
        ("batch_size", "16, 16", "The values of `batch_size` must all be different. Received: 16, 16."),
    ],
)
def test_what_is_refused(name, text, sentence):
    with pytest.raises(InvalidSettingError) as refusal:
        read_values(name, text)
    assert str(refusal.value) == sentence


def test_only_what_is_above_zero_has_a_logarithmic_axis():
    assert read_values("learning_rate", "0.1 0.01").log
    assert not read_values("weight_decay", "0 0.01").log
    assert not read_values("dropout", "0.1 0.2").log
