import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fmnist_core import photos
from fmnist_core.photos import ChainSettings

RED, GREEN = (200, 30, 40), (20, 160, 60)


def save(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def two_halves(mode="RGB", size=(40, 20)):
    """Red on the left, green on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    return image.convert(mode)


def garment_on(background, color, size=(120, 160)):
    """A picture of (height, width) `size` with a plain T-shape in its middle."""
    picture = np.full((*size, 3), background, np.uint8)
    height, width = size
    picture[height // 4 : height // 2, width // 4 : -width // 4] = color
    picture[height // 4 : -height // 8, 3 * width // 8 : -3 * width // 8] = color
    return picture


# --- Drawings ---


def test_a_drawing_is_trimmed_scaled_and_centred():
    canvas = np.zeros((280, 280), np.uint8)
    canvas[20:76, 100:240] = 200
    chain = photos.prepare_drawing(canvas)
    expected = np.zeros((28, 28), np.uint8)
    expected[8:19] = 200  # 140 × 56 becomes 28 × 11, centred
    assert (chain.image == expected).all()
    assert chain.kind == "drawing"
    assert [step.image.shape for step in chain.steps] == [(280, 280), (56, 140), (28, 28)]


def test_shrinking_averages_over_areas():
    canvas = np.zeros((56, 56), np.uint8)
    canvas[0, 0], canvas[55, 55] = 100, 200
    image = photos.prepare_drawing(canvas).image
    assert (image[0, 0], image[27, 27]) == (25, 50)


def test_faint_remains_of_an_eraser_do_not_count():
    canvas = np.full((100, 100), photos.INK, np.uint8)
    assert photos.prepare_drawing(canvas).is_blank
    canvas[30:60, 30:60] = photos.INK + 1
    assert photos.prepare_drawing(canvas).steps[1].image.shape == (30, 30)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 79), st.integers(0, 79))
def test_the_longest_edge_fills_the_picture(height, width, top, left):
    canvas = np.zeros((280, 280), np.uint8)
    canvas[top : top + height, left : left + width] = 255
    image = photos.prepare_drawing(canvas).image
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    assert max(len(rows), len(columns)) == 28
    assert abs(rows[0] - (27 - rows[-1])) <= 1
    assert abs(columns[0] - (27 - columns[-1])) <= 1


def test_an_item_laid_on_the_canvas_keeps_its_pixels(dataset):
    item = next(image for image in dataset.test_images if (image > photos.INK).any(axis=1).all())
    columns = np.flatnonzero((item > photos.INK).any(axis=0))
    trimmed = item[:, columns[0] : columns[-1] + 1]
    image = photos.prepare_drawing(np.kron(item, np.ones((10, 10), np.uint8))).image
    left = (28 - trimmed.shape[1]) // 2
    assert (image[:, left : left + trimmed.shape[1]] == trimmed).all()
    assert image.sum() == trimmed.sum()


# --- Photographs ---


def test_items_of_28_by_28_go_through_untouched(dataset):
    item = dataset.test_images[0]
    chain = photos.prepare_photo(np.repeat(item[..., None], 3, axis=2))
    assert chain.kind == "item"
    assert (chain.image == item).all()


def test_items_that_are_dark_on_light_are_negated(dataset):
    item = dataset.test_images[0]
    chain = photos.prepare_photo(np.repeat(255 - item[..., None], 3, axis=2))
    assert [step.name for step in chain.steps] == ["Picture", "Negated"]
    assert (chain.image == item).all()


@pytest.mark.parametrize("background", [(255, 255, 255), (250, 240, 230), (90, 110, 200)])
def test_a_dark_garment_on_a_plain_background_becomes_bright_on_black(background):
    chain = photos.prepare_photo(garment_on(background, (40, 30, 30)))
    assert chain.kind == ("photo" if background == (90, 110, 200) else "catalogue")
    shapes = {step.key: step.image.shape for step in chain.steps}
    # The publisher's own order, once the garment is cut out.
    assert shapes == {
        "picture": (120, 160, 3),
        "cut-out": (120, 160, 3),
        "trimmed": (75, 80, 3),
        "shrunk": (26, 28, 3),
        "sharpened": (26, 28, 3),
        "centred": (28, 28, 3),
        "item": (28, 28),
    }
    image = chain.image
    assert image[:, 0].max() > 200  # the longest edge, from left to right
    assert image[0].max() == image[27].max() == 0  # centred, so black above and below
    assert image[20, 0] == 0
    assert image[20, 14] > 200


def test_a_pale_garment_stays_visible():
    chain = photos.prepare_photo(garment_on((70, 50, 40), (245, 245, 240)))
    assert chain.image[14, 14] > 80
    assert chain.image[20, 0] == 0


def test_a_bright_garment_on_black_is_not_negated():
    chain = photos.prepare_photo(garment_on((0, 0, 0), (200, 200, 200)), ChainSettings(kind="photo"))
    assert chain.image[14, 14] == 200
    assert chain.image[20, 0] == 0
    assert "not negated" in chain.steps[-1].explanation


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (40, 30), (600, 800)])
def test_a_picture_of_one_colour_is_blank(shape):
    chain = photos.prepare_photo(np.full((*shape, 3), 130, np.uint8))
    assert chain.is_blank
    assert chain.image.shape == (28, 28)


def test_a_patterned_background_is_told_from_the_garment():
    generator = np.random.default_rng(0)
    picture = garment_on((0, 0, 0), RED)
    background = ~picture.any(axis=2)
    picture[background] = generator.integers(90, 255, (background.sum(), 1)) * np.array([0.6, 0.9, 0.7])
    cut_out = photos.prepare_photo(picture).steps[1].image
    kept = (cut_out != 255).any(axis=2)
    assert (kept == ~background).mean() > 0.97


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_any_pixels_end_as_28_by_28(height, width, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    chain = photos.prepare_photo(picture)
    assert chain.image.shape == (28, 28)
    assert chain.image.dtype == np.uint8
    assert all(step.image.size and step.name and step.explanation.endswith(".") for step in chain.steps)
