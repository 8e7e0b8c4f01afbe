"""Tables of coloured cells: where their texts stand, and which are white, named or outlined."""

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, outline_best, outline_cell, write_cells

VALUES = np.array([[0.1, np.nan, 0.9], [0.2, 0.3, 0.4]])


def draw(*traces, **layout):
    """What plotly makes of it; it refuses what it does not know."""
    return go.Figure(list(traces), layout=layout)


def test_the_colours_run_from_low_to_high():
    (trace,) = draw(color_cells(VALUES, 0, 1, [[0, "#ffffff"], [1, "#000000"]], gap=3)).data
    assert np.array_equal(trace.z, VALUES, equal_nan=True)
    assert (trace.zmin, trace.zmax, trace.xgap, trace.ygap) == (0, 1, 3, 3)


def test_texts_stand_in_the_cells_row_by_row():
    inks = choose_ink(VALUES > 0.5, "#123456")
    (trace,) = draw(write_cells(VALUES.shape, list("abcdef"), inks, hovertext=list("ABCDEF"))).data
    places = {text: (int(y), int(x)) for text, x, y in zip(trace.text, trace.x, trace.y, strict=True)}
    assert places == {"a": (0, 0), "b": (0, 1), "c": (0, 2), "d": (1, 0), "e": (1, 1), "f": (1, 2)}
    assert list(trace.textfont.color) == ["#123456", "#123456", "#ffffff", "#123456", "#123456", "#123456"]
    assert trace.mode == "text"
    assert trace.hovertext == tuple("ABCDEF")


def test_squares_are_there_for_the_pointer_and_not_seen():
    (trace,) = draw(write_cells((1, 1), ["a"], "#123456", squares=True)).data
    assert trace.mode == "markers+text"
    assert trace.marker.color == "rgba(0,0,0,0)"
    assert trace.textfont.color == "#123456"


@pytest.mark.parametrize(("upward", "ends"), [(False, (1.5, -0.5)), (True, (-0.5, 1.5))])
def test_the_first_row_stands_on_top_or_at_the_bottom(upward, ends):
    layout = draw(**name_cells(["one", "two"], [10, 20, 30], upward)).layout
    assert layout.yaxis.range == ends
    assert layout.yaxis.ticktext == ("one", "two")
    assert layout.xaxis.range == (-0.5, 2.5)
    assert layout.xaxis.tickvals == (0, 1, 2)
    assert layout.xaxis.ticktext == (10, 20, 30)


def test_the_best_cell_is_outlined_if_there_is_any():
    (shape,) = draw(shapes=outline_best(VALUES, "#d4613c")).layout.shapes
    assert (shape.y0, shape.y1, shape.x0, shape.x1) == (-0.5, 0.5, 1.5, 2.5)
    assert shape.to_plotly_json() == draw(shapes=[outline_cell(0, 2, "#d4613c")]).layout.shapes[0].to_plotly_json()
    assert outline_best(np.full((2, 2), np.nan), "#d4613c") == []
