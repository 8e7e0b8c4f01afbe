import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.map_canvas import read_selection


def encode(mask):
    """Write a selection as choice.js does: bit i of the text is point i, the lowest bit of a byte first."""
    packed = bytearray(-(-len(mask) // 8))
    for i, chosen in enumerate(mask):
        packed[i // 8] |= bool(chosen) << (i % 8)
    return {"bits": base64.b64encode(packed).decode(), "count": sum(map(bool, mask)), "url": "", "version": 0}


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_what_is_written_is_read(mask):
    positions = read_selection(encode(mask), len(mask))
    assert positions.tolist() == [i for i, chosen in enumerate(mask) if chosen]


def test_all_items():
    assert (read_selection(encode(np.ones(70_000)), 70_000) == np.arange(70_000)).all()


GOOD = encode([1, 0, 1])


@pytest.mark.parametrize(
    "value",
    [
        None,
        "AAA=",
        {},
        {"bits": None, "count": 0},
        {"bits": GOOD["bits"]},
        GOOD | {"count": 3},
        GOOD | {"count": "2"},
        GOOD | {"bits": "not base64!"},
        GOOD | {"bits": "Bé=="},
        GOOD | {"bits": GOOD["bits"] * 2},
        GOOD | {"bits": ""},
        # A bit beyond the third point.
        encode([1, 0, 0, 0, 1]),
    ],
)
def test_anything_else_selects_nothing(value):
    assert read_selection(value, 3).tolist() == []


def test_a_selection_on_another_projection_selects_nothing():
    assert read_selection(encode([1] * 20), 30).tolist() == []
