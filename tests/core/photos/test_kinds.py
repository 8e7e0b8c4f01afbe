import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core import photos
from fmnist_core.photos import ChainSettings, kinds
from fmnist_core.photos.settings import AUTO, KINDS

RESAMPLINGS = [Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC]


def as_rgb(grey):
    return np.repeat(np.asarray(grey)[..., None], 3, axis=2)


def enlarge(item, side, resampling=Image.Resampling.NEAREST):
    return np.asarray(Image.fromarray(item).resize((side, side), resampling))


def draw_shirt(background, ink, size=(600, 800), width=6):
    image = Image.new("RGB", size, background)
    outline = [(200, 200), (250, 180), (350, 180), (400, 200), (500, 300), (450, 350), (400, 300), (400, 650)]
    outline += [(200, 650), (200, 300), (150, 350), (100, 300), (200, 200)]
    ImageDraw.Draw(image).line(outline, fill=ink, width=width)
    return np.asarray(image)


def photograph(background, color, size=(160, 120)):
    """A T-shape with a little noise, as cameras make it."""
    picture = np.empty((*size, 3), np.uint8)
    picture[:] = background
    picture[30:60, 25:95] = picture[30:140, 42:78] = color
    noise = np.random.default_rng(0).integers(-4, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("resampling", RESAMPLINGS)
@pytest.mark.parametrize("side", [28, 112, 280, 500])
def test_items_are_recognised_of_either_polarity_and_enlarged(dataset, resampling, side):
    for item in dataset.test_images[:5]:
        for shown in (item, 255 - item):
            chain = photos.prepare_photo(as_rgb(enlarge(shown, side, resampling)))
            assert chain.kind == "item"
            assert chain.reason.startswith("Recognised as a ready item because it ")
            assert np.abs(chain.image.astype(int) - item).mean() < 13
            if resampling == Image.Resampling.NEAREST:
                assert (chain.image == item).all()


def test_an_item_in_a_screenshot_is_cut_out(dataset):
    item = dataset.test_images[0]
    screenshot = np.zeros((600, 900), np.uint8)
    screenshot[100:380, 200:480] = enlarge(item, 280)
    chain = photos.prepare_photo(as_rgb(screenshot))
    assert (chain.kind, [step.key for step in chain.steps]) == ("item", ["picture", "trimmed", "item"])
    rows = np.flatnonzero((item > 8).any(axis=1))
    shown = item[rows[0] : rows[-1] + 1]
    top = (28 - len(shown)) // 2
    assert np.abs(chain.image[top : top + len(shown)].astype(int) - shown).max() <= 8


@pytest.mark.parametrize(
    ("background", "ink"), [((250, 250, 250), (10, 10, 10)), ((235, 230, 220), (30, 40, 150)), ((0, 0, 0), (255,) * 3)]
)
def test_a_line_drawing_is_recognised_and_filled(background, ink):
    chain = photos.prepare_photo(draw_shirt(background, ink))
    assert chain.kind == "drawing"
    assert "drawing because there are only thin lines" in chain.reason
    assert [step.key for step in chain.steps] == ["picture", "ink", "filled", "trimmed", "item"]
    assert chain.image[20, 14] > 200
    assert chain.image[20, 2] == 0


def test_a_drawing_in_uneven_light_is_recognised_as_well():
    light = np.linspace(0.55, 1, 800)[:, None, None]
    chain = photos.prepare_photo((draw_shirt((235, 232, 225), (30, 30, 80)) * light).astype(np.uint8))
    assert chain.kind == "drawing"
    assert chain.image[20, 14] > 200
    assert chain.image[20, 2] == 0


@pytest.mark.parametrize(
    ("background", "kind", "why"),
    [((250, 250, 248), "catalogue", "plain and light"), ((90, 110, 200), "photo", "not light")],
)
def test_photographs_are_told_apart_by_their_border(background, kind, why):
    recognition = kinds.recognise(photograph(background, (40, 60, 50)))
    assert recognition.kind == kind
    assert recognition.reason.endswith(f"because its border is {why}.")


def test_a_patterned_border_makes_a_photograph():
    pattern = np.random.default_rng(1).integers(60, 255, (160, 120, 1)) * np.ones(3)
    picture = photograph((250, 250, 250), (40, 60, 50))
    shown = np.where((picture > 200).all(axis=2, keepdims=True), pattern, picture).astype(np.uint8)
    assert kinds.recognise(shown) == kinds.Recognition(
        "photo", "Recognised as a photograph on a bed or a floor because its border is not plain."
    )


def test_a_hook_above_the_garment_makes_it_hang():
    picture = photograph((230, 225, 215), (40, 60, 50))
    picture[10:31, 58:63] = 20
    chain = photos.prepare_photo(picture)
    assert chain.kind == "hanger"
    assert "thin hook" in chain.reason
    assert [step.key for step in chain.steps][:3] == ["picture", "cut-out", "unhooked"]
    without = photos.prepare_photo(picture, ChainSettings(kind="photo"))
    assert "unhooked" not in [step.key for step in without.steps]
    assert (chain.image != 0).any(axis=1).sum() == 28
    assert chain.image[0, 14] > 100  # the garment's own top, not a hook's
    assert (chain.image[0] > 100).sum() > 8


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != AUTO])
def test_what_was_recognised_can_be_overruled(kind):
    chain = photos.prepare_photo(photograph((90, 110, 200), (40, 60, 50)), ChainSettings(kind=kind))
    assert chain.kind == kind
    assert chain.reason == f"Taken for what was set: {KINDS[kind].lower()}."
    assert chain.steps[0].explanation == chain.reason
    assert chain.image.shape == (28, 28)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2)])
@pytest.mark.parametrize("value", [0, 130, 255])
def test_slivers_of_one_colour_are_judged_too(shape, value):
    assert kinds.recognise(np.full((*shape, 3), value, np.uint8)).kind in KINDS
