import numpy as np

from fmnist_core.figures.cartography import plot_cartography


def plot_map(**changes):
    arguments = {
        "variability": np.array([0.0, 0.3]),
        "confidence": np.array([0.9, 0.5]),
        "correctness": np.array([1.0, 0.5]),
        "items": np.array([7, 60_001]),
        "names": ["Bag, train item 7", "Coat, test item 1"],
    }
    return plot_cartography(**(arguments | changes))


def test_each_item_lies_at_its_variability_and_confidence():
    (dots,) = plot_map().data
    assert (dots.type, list(dots.x), list(dots.y)) == ("scattergl", [0.0, 0.3], [0.9, 0.5])
    assert list(dots.marker.color) == [1.0, 0.5]
    assert (dots.marker.cmin, dots.marker.cmax) == (0, 1)
    assert list(dots.text) == ["Bag, train item 7", "Coat, test item 1"]


def test_a_selection_brings_item_numbers_as_lists():
    (dots,) = plot_map().data
    assert [list(row) for row in dots.customdata] == [[7], [60_001]]
    assert {type(row) for row in dots.customdata} <= {list, tuple}


def test_the_regions_are_named_apart_from_the_dots():
    notes = {note.text: note.y for note in plot_map().layout.annotations}
    assert set(notes) == {"<b>easy</b>", "<b>ambiguous</b>", "<b>hard</b>"}
    assert all(y > 1 or y < 0 for y in notes.values())


def test_the_axis_reaches_as_far_as_the_dots():
    for highest in (0.0, 0.2, 0.5):
        layout = plot_map(variability=np.array([0.0, highest])).layout
        assert layout.xaxis.range[1] > max(highest, 0.25)
