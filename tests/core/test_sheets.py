import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fmnist_core.sheets import (
    ABOVE_ZERO,
    BELOW_ZERO,
    encode_data_url,
    encode_sprite,
    export_csv,
    export_sheet,
    paint_signed,
    to_pixels,
)


def some_images(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)


def open_png(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        return np.asarray(image)


def test_csv_has_the_well_known_form():
    images, labels = some_images(3), np.array([9, 0, 4], dtype=np.uint8)
    table = pd.read_csv(io.StringIO(export_csv(images, labels)))
    assert list(table.columns) == ["label", *(f"pixel{number}" for number in range(1, 785))]
    assert table["label"].tolist() == [9, 0, 4]
    np.testing.assert_array_equal(table.iloc[:, 1:].to_numpy().reshape(3, 28, 28), images)


def test_csv_writes_row_after_row():
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    image[0, 0, 1], image[0, 1, 0] = 7, 8
    header, row = (line.split(",") for line in export_csv(image, np.array([5])).splitlines())
    assert (row[header.index("pixel2")], row[header.index("pixel29")]) == ("7", "8")


@pytest.mark.parametrize(("n", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (7, 3, 3), (25, 5, 5), (400, 20, 20)])
def test_sprite_holds_every_item_at_its_place(n, columns, rows):
    images = some_images(n)
    sprite = encode_sprite(images)
    assert (sprite.columns, sprite.rows) == (columns, rows)
    picture = open_png(sprite.png)
    assert picture.shape == (rows * 28, columns * 28)
    for position, image in enumerate(images):
        top, left = position // columns * 28, position % columns * 28
        np.testing.assert_array_equal(picture[top : top + 28, left : left + 28], image)
    assert not picture[-28:, (n - (rows - 1) * columns) * 28 :].any()


def test_sheet_shows_items_enlarged_above_their_captions():
    images = np.stack([np.full((28, 28), value, dtype=np.uint8) for value in (10, 20, 40)])
    sheet = open_png(export_sheet(images, ["Bag", "Coat", ""], scale=2))
    assert sheet.shape == (2 * (56 + 22 + 8) + 8, 2 * (56 + 8) + 8)
    assert (sheet[8:64, 8:64] == 10).all()
    assert (sheet[8:64, 72:128] == 20).all()
    assert (sheet[94:150, 8:64] == 40).all()
    below_first, below_third = sheet[64:86, 8:64], sheet[150:172, 8:64]
    assert (below_first < 128).any()
    assert (below_third == 255).all()


def test_long_caption_stays_below_its_item():
    images = np.zeros((2, 28, 28), dtype=np.uint8)
    sheet = open_png(export_sheet(images, ["A very long caption indeed", ""], scale=2))
    assert (sheet[64:86, 64:] == 255).all()


def test_data_url_holds_the_item():
    image = some_images(1)[0]
    kind, content = encode_data_url(image).split(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(open_png(base64.b64decode(content)), image)


def test_pixels_are_rounded_and_kept_in_range():
    assert to_pixels(np.array([0.4, 0.6, 254.9, 255.0])).tolist() == [0, 1, 255, 255]


def test_stretched_pixels_reach_white():
    assert to_pixels(np.array([0.0, 10.0, 20.0]), stretch=True).tolist() == [0, 128, 255]
    assert to_pixels(np.zeros(3), stretch=True).tolist() == [0, 0, 0]


def test_signed_values_have_a_colour_each_side_of_zero_and_none_at_it():
    painted = paint_signed(np.array([[-2.0, 0.0], [1.0, 4.0]]))
    assert painted.shape == (2, 2, 4)
    assert painted[..., 3].tolist() == [[128, 0], [64, 255]]
    assert "#" + bytes(painted[0, 0, :3]).hex() == BELOW_ZERO
    assert "#" + bytes(painted[1, 1, :3]).hex() == ABOVE_ZERO


def test_nothing_but_zeros_is_painted_as_nothing():
    assert not paint_signed(np.zeros((3, 3)))[..., 3].any()
