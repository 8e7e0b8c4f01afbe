import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.exploration import plot_class_counts, plot_class_shares, plot_ink, plot_intensities

COUNTS = np.arange(10) * 100


def test_class_counts_are_bars_in_the_classes_order_and_colours():
    (bars,) = plot_class_counts(COUNTS).data
    assert list(bars.x) == COUNTS.tolist()
    assert [label.rsplit(" ", 1)[0] for label in bars.y] == list(CLASS_NAMES)
    assert bars.marker.color == CLASS_COLORS


def test_class_shares_are_a_pie_that_keeps_the_order():
    (pie,) = plot_class_shares(COUNTS).data
    assert (pie.type, pie.sort, pie.labels) == ("pie", False, CLASS_NAMES)
    assert list(pie.values) == COUNTS.tolist()
    assert pie.marker.colors == CLASS_COLORS


def test_intensities_leave_out_the_background():
    shares = np.array([0.5, 0.2, 0.2, 0.1])
    figure = plot_intensities(shares, class_index=3, highest=0.25)
    (bars,) = figure.data
    assert list(bars.y) == [0.2, 0.2, 0.1]
    assert bars.customdata.tolist() == [[64, 127], [128, 191], [192, 255]]
    assert list(bars.x) == [95.5, 159.5, 223.5]
    assert bars.width == 64
    assert bars.marker.color == CLASS_COLORS[3]
    assert figure.layout.yaxis.range == (0, 0.25)


def test_ink_is_sorted_with_the_biggest_class_at_the_top():
    means = np.linspace(0.9, 0.0, 10)
    quartiles = np.stack([means - 0.1, means + 0.05], axis=1)
    (bars,) = plot_ink(means, quartiles).data
    # Plotly draws the last bar of a horizontal chart at the top.
    assert bars.y[-1].startswith("T-shirt/top")
    assert bars.marker.color[-1] == CLASS_COLORS[0]
    assert list(bars.x) == sorted(means)
    assert bars.error_x.array.tolist() == pytest.approx([0.05] * 10)
    assert bars.error_x.arrayminus.tolist() == pytest.approx([0.1] * 10)


@pytest.mark.parametrize("figure", [plot_class_counts(COUNTS), plot_ink(np.zeros(10), np.zeros((10, 2)))])
def test_paper_and_text_are_left_to_the_page(figure):
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
