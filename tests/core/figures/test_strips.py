from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

from fmnist_core.classes import CLASS_COLORS
from fmnist_core.figures.strips import RIGHT_COLOR, WRONG_COLOR, draw_strip


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
    layers = read_layers(parse(draw_strip(probabilities, lowest=5)))
    # The sneaker is painted first and fills both columns; the sandal hides a quarter of it, then all.
    assert list(layers.items()) == [
        (CLASS_COLORS[7], "M0 400V0H1000V0H2000V400Z"),
        (CLASS_COLORS[5], "M0 400V300H1000V0H2000V400Z"),
    ]


def test_the_band_tells_right_from_wrong():
    probabilities = np.eye(10, dtype=np.float32)[[3, 3, 4, 3]]
    bands = parse(draw_strip(probabilities, lowest=3)).findall("{*}rect")
    assert [(float(band.get("x")), float(band.get("width")), band.get("fill")) for band in bands] == [
        (0, 1000, RIGHT_COLOR),
        (1000, 500, WRONG_COLOR),
        (1500, 500, RIGHT_COLOR),
    ]


def test_who_has_no_true_class_gets_no_band():
    drawing = parse(draw_strip(np.eye(10, dtype=np.float32)[[3, 4]], lowest=3, judged=False))
    assert drawing.findall("{*}rect") == []
    assert drawing.get("viewBox") == "0 0 2000 400"


def test_an_epoch_in_which_nobody_asked_stays_empty():
    probabilities = np.eye(10, dtype=np.float32)[[0, 3]] * [[0], [1]]
    layers = read_layers(parse(draw_strip(probabilities, lowest=3, judged=False)))
    assert layers == {CLASS_COLORS[3]: "M0 400V400H1000V0H2000V400Z"}


def test_rounded_probabilities_still_fill_the_strip():
    probabilities = np.full((1, 10), 0.09, np.float32)
    layers = read_layers(parse(draw_strip(probabilities, lowest=9)))
    assert len(layers) == 10
    # The first one painted reaches the top, the true class fills its tenth.
    assert next(iter(layers.values())) == "M0 400V0H2000V400Z"
    assert layers[CLASS_COLORS[9]] == "M0 400V360H2000V400Z"
