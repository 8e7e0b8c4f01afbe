import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS
from fmnist_core.figures.projections import plot_map, plot_map_in_space
from fmnist_core.map_colors import compute_coloring

ITEMS = np.array([5, 6, 7])
LABELS = np.zeros(70_000, np.uint8)
LABELS[ITEMS] = [8, 1, 8]


@pytest.mark.parametrize(("plot", "axes"), [(plot_map, "xy"), (plot_map_in_space, "xyz")])
def test_each_class_is_a_trace_of_its_items_in_its_colour(plot, axes):
    embedding = np.arange(3 * len(axes), dtype=np.float32).reshape(3, -1)
    figure = plot(embedding, ITEMS, compute_coloring("class", ITEMS, LABELS))
    assert [trace.name for trace in figure.data] == ["Trouser", "Bag"]
    trousers, bags = figure.data
    assert [trousers.marker.color, bags.marker.color] == [CLASS_COLORS[1], CLASS_COLORS[8]]
    assert trousers.customdata == ([6],)
    assert bags.customdata == ([5], [7])
    for place, axis in enumerate(axes):
        assert list(bags[axis]) == embedding[[0, 2], place].tolist()


def test_a_map_in_space_turns_when_it_is_dragged():
    embedding = np.zeros((3, 3), np.float32)
    figure = plot_map_in_space(embedding, ITEMS, compute_coloring("split", ITEMS, LABELS))
    assert figure.layout.scene.dragmode == "orbit"
