import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from fmnist_core.architectures import ARCHITECTURES, find_stack
from fmnist_core.figures.architecture import draw_architecture
from fmnist_core.shapes import summarize
from fmnist_core.stacks import FLATTEN, RELU, Layer, conv, dense, dropout, pool, residual

PREFIX = "data:image/svg+xml,"


class Drawing(HTMLParser):
    """The piles of a drawing: what is written below each, its description and its picture."""

    def __init__(self, html):
        super().__init__()
        self.piles = []
        self.open_tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "div" and "title" in attributes:
            self.piles.append({"title": attributes["title"], "texts": []})
        if tag == "img":
            assert attributes["src"].startswith(PREFIX)
            self.piles[-1] |= {
                "alt": attributes["alt"],
                "svg": ElementTree.fromstring(unquote(attributes["src"][len(PREFIX) :])),
            }
        if tag not in ("br", "img"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        self.piles[-1]["texts"].append(data)


def faces(pile):
    """Corners of the front, the lid and the side of a pile."""
    polygons = pile["svg"].findall("{http://www.w3.org/2000/svg}polygon")
    return [[tuple(map(float, corner.split(","))) for corner in polygon.get("points").split()] for polygon in polygons]


def front_size(pile):
    (left, top), _, (right, bottom), _ = faces(pile)[0]
    return right - left, bottom - top


def test_every_layer_that_changes_the_shape_has_its_pile_with_name_and_shape():
    stack = (conv(32, 4), pool(), FLATTEN, dense(128), dropout(0.2))
    piles = Drawing(draw_architecture(summarize(stack))).piles
    assert [pile["texts"] for pile in piles] == [
        ["pixels", "28×28×1"],
        ["conv 4×4", "25×25×32"],
        ["pool", "12×12×32"],
        ["flatten", "4608"],
        ["dense", "128", "dropout 20%"],
        ["softmax", "10"],
    ]


def test_normalisation_is_told_beside_the_layer_that_it_follows():
    piles = Drawing(draw_architecture(summarize(find_stack("mcnn/proposed")))).piles
    assert [pile["texts"][2:] for pile in piles if pile["texts"][0].startswith("conv")] == [["batch norm"]] * 5
    assert [pile["texts"][2:] for pile in piles if pile["texts"][0] == "pool"] == [["dropout 25%"]] * 5


def test_blocks_and_what_stands_around_them_have_their_piles():
    piles = Drawing(draw_architecture(summarize(find_stack("mcnn/resnet50")))).piles
    assert [pile["texts"] for pile in piles] == [
        ["pixels", "28×28×1"],
        ["pad", "32×32×1"],
        ["3 copies", "32×32×3"],
        ["ResNet50", "1×1×2048"],
        ["average", "2048"],
        ["softmax", "10"],
    ]
    stack = (
        conv(8, [3, 5], strides=[2, 1]),
        RELU,
        residual(16, 2, 0.1),
        Layer("AveragePooling2D", {"pool_size": 2}),
        FLATTEN,
    )
    assert [pile["texts"] for pile in Drawing(draw_architecture(summarize(stack))).piles[1:4]] == [
        ["conv 3×5", "13×24×8", "stride 2×1", "relu"],
        ["residual", "7×12×16", "stride 2", "dropout 10%"],
        ["average pool", "3×6×16"],
    ]


def test_pictures_are_described():
    piles = Drawing(draw_architecture(summarize((conv(2, 3), FLATTEN)))).piles
    assert all(pile["alt"] == pile["title"] for pile in piles)
    assert piles[1]["alt"] == "Conv2D(filters=2, kernel_size=3, activation='relu'): 20 parameters"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_network_fits_into_its_pictures(architecture):
    drawing = Drawing(draw_architecture(summarize(find_stack(architecture))))
    assert drawing.open_tags == []
    for pile in drawing.piles:
        width, height = float(pile["svg"].get("width")), float(pile["svg"].get("height"))
        assert len(faces(pile)) == 3
        for x, y in (corner for face in faces(pile) for corner in face):
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_maps_are_as_high_as_their_edge_and_as_thick_as_they_are_many():
    pixels, few, many, pooled, *_ = Drawing(
        draw_architecture(summarize((conv(8, 3), conv(64, 3), pool(), FLATTEN)))
    ).piles
    heights = [front_size(pile)[1] for pile in (pixels, few, many, pooled)]
    assert heights == pytest.approx([heights[0] * edge / 28 for edge in (28, 26, 24, 12)], abs=0.2)
    assert (
        front_size(pixels)[0]
        < front_size(few)[0]
        < front_size(many)[0]
        == pytest.approx(front_size(pooled)[0], abs=0.2)
    )


def test_a_dense_layer_grows_alike_with_each_doubling():
    piles = Drawing(draw_architecture(summarize((FLATTEN, dense(32), dense(64), dense(128))))).piles
    heights = [front_size(pile)[1] for pile in piles if pile["texts"][0] == "dense"]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.2)
    assert heights[1] > heights[0]
