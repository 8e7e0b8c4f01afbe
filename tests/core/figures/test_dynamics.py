import re
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.dynamics import (
    RIGHT_COLOR,
    WRONG_COLOR,
    draw_strip,
    plot_accuracy_by_epoch,
    plot_cartography,
    plot_class_accuracy,
)

EPOCHS = np.array([1, 2, 4])
ACCURACY = np.array([0.5, 0.7, 0.9])
BY_CLASS = np.tile(np.linspace(0.1, 1, 10), (3, 1))


def test_the_accuracy_of_every_class_and_of_all_is_drawn_and_the_epoch_marked():
    figure = plot_accuracy_by_epoch(EPOCHS, ACCURACY, BY_CLASS, place=2)
    lines = {line.name: line for line in figure.data}
    assert list(lines)[:10] == list(CLASS_NAMES)
    assert [lines[name].line.color for name in CLASS_NAMES] == list(CLASS_COLORS)
    assert list(lines["Trouser"].y) == [0.2, 0.2, 0.2]
    assert list(lines["all classes"].x) == [1, 2, 4]
    assert list(lines["all classes"].y) == [0.5, 0.7, 0.9]
    assert (list(lines["this epoch"].x), list(lines["this epoch"].y)) == ([4], [0.9])
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 4


def test_a_class_without_items_has_no_line():
    by_class = BY_CLASS.copy()
    by_class[:, 3] = np.nan
    names = [line.name for line in plot_accuracy_by_epoch(EPOCHS, ACCURACY, by_class, 0).data]
    assert "Dress" not in names
    assert len(names) == 11


def test_bars_say_how_the_classes_have_changed():
    before = np.full(10, 0.5)
    now = before.copy()
    now[1], now[2], now[3], now[4] = 0.525, 0.4, np.nan, 0.5001
    (bars,) = plot_class_accuracy(now, before).data
    said = dict(zip(bars.y, bars.text, strict=True))
    assert said["T-shirt/top"] == "50.0%"
    assert said["Trouser"] == "52.5% ▲ 2.5"
    assert said["Pullover"] == "40.0% ▼ 10.0"
    assert said["Dress"] == "no items"
    assert said["Coat"] == "50.0%"
    assert list(bars.x)[:4] == [0.5, 0.525, 0.4, 0]
    assert tuple(bars.marker.color) == CLASS_COLORS


def test_the_first_epoch_has_changed_nothing():
    (bars,) = plot_class_accuracy(np.full(10, 0.25), None).data
    assert set(bars.text) == {"25.0%"}


# Strips


def parse(address):
    kind, _, svg = address.partition(",")
    assert kind == "data:image/svg+xml"
    return ElementTree.fromstring(unquote(svg))


def read_layers(drawing):
    """For each colour its path, from the one that is painted first."""
    return {path.get("fill"): path.get("d") for path in drawing.findall("{*}path") if path.get("fill")}


def test_a_strip_stacks_the_probabilities_the_true_class_at_the_bottom():
    probabilities = np.zeros((2, 10), np.float32)
    probabilities[0, [5, 7]] = 0.25, 0.75
    probabilities[1, [5, 7]] = 1, 0
    layers = read_layers(parse(draw_strip(probabilities, label=5, place=0)))
    # The sneaker is painted first and fills both columns; the sandal hides a quarter of it, then all.
    assert list(layers.items()) == [
        (CLASS_COLORS[7], "M0 400V0H1000V0H2000V400Z"),
        (CLASS_COLORS[5], "M0 400V300H1000V0H2000V400Z"),
    ]


def test_the_band_tells_right_from_wrong():
    probabilities = np.eye(10, dtype=np.float32)[[3, 3, 4, 3]]
    bands = parse(draw_strip(probabilities, label=3, place=1)).findall("{*}rect")
    assert [(float(band.get("x")), float(band.get("width")), band.get("fill")) for band in bands] == [
        (0, 1000, RIGHT_COLOR),
        (1000, 500, WRONG_COLOR),
        (1500, 500, RIGHT_COLOR),
    ]


@pytest.mark.parametrize(("place", "middle"), [(0, 250), (3, 1750)])
def test_the_line_stands_in_the_middle_of_its_epoch(place, middle):
    drawing = parse(draw_strip(np.full((4, 10), 0.1, np.float32), label=0, place=place))
    marks = [path.get("d") for path in drawing.findall("{*}path") if path.get("stroke")]
    assert [float(re.match(r"M([\d.]+)", mark)[1]) for mark in marks] == [middle, middle]


def test_rounded_probabilities_still_fill_the_strip():
    probabilities = np.full((1, 10), 0.09, np.float32)
    layers = read_layers(parse(draw_strip(probabilities, label=9, place=0)))
    assert len(layers) == 10
    # The first one painted reaches the top, the true class fills its tenth.
    assert next(iter(layers.values())) == "M0 400V0H2000V400Z"
    assert layers[CLASS_COLORS[9]] == "M0 400V360H2000V400Z"


# The map


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
