import numpy as np
import pandas as pd
import pytest

from fmnist_core import run_data
from fmnist_core.figures.layers import color_layer, plot_by_epoch, plot_layers, plot_rate

LAYERS = pd.DataFrame(
    [(1, "1 Conv2D", 1.5, np.nan, 0.25), (1, "2 Dense", 3.0, 0.5, 0.5), (2, "1 Conv2D", 1.6, 0.1, 0.2)],
    columns=list(run_data.LAYER_COLUMNS),
)


@pytest.mark.parametrize(("column", "values"), [("gradient_norm", [0.25, 0.2]), ("weight_norm", [1.5, 1.6])])
def test_each_layer_is_a_line(column, values):
    figure = plot_layers(LAYERS, column, 5, (-1, 1))
    first, last = figure.data
    assert (first.name, last.name) == ("1 Conv2D", "2 Dense")
    assert (list(first.x), list(first.y)) == ([1, 2], values)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.range == (-1, 1)
    assert figure.layout.xaxis.range == (0.5, 5.5)
    assert figure.layout.showlegend


def test_many_layers_have_no_legend_and_colours_from_first_to_last():
    many = pd.concat([LAYERS.head(1).assign(layer=f"{place} Conv2D") for place in range(1, 31)])
    figure = plot_layers(many, "gradient_norm", 5, (-1, 1))
    assert not figure.layout.showlegend
    assert len({trace.line.color for trace in figure.data}) == 30


def test_colours_lead_from_violet_to_amber():
    assert [color_layer(place, 3) for place in range(3)] == ["rgb(138,92,196)", "rgb(31,148,150)", "rgb(214,138,28)"]
    assert color_layer(0, 1) == "rgb(138,92,196)"


def test_the_rate_is_that_of_the_epochs_before_what_was_planned():
    planned = np.array([0.0, 0.5, 1.0]), np.array([0.1, 0.05, 0.0])
    behind, line = plot_rate(np.array([1, 2]), np.array([0.1, 0.05]), 3, planned).data
    assert (list(behind.x), list(behind.y)) == ([0, 0.5, 1], [0.1, 0.05, 0])
    assert (list(line.x), list(line.y)) == ([1, 2], [0.1, 0.05])
    assert len(plot_rate(np.array([1, 2]), np.array([0.1, 0.05]), 3).data) == 1


def test_figures_of_epochs_start_from_zero():
    figure = plot_by_epoch(np.array([1, 2]), np.array([900.0, 1000.0]), epochs=4)
    assert list(figure.data[0].y) == [900, 1000]
    assert figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.xaxis.range == (0, 4.5)
