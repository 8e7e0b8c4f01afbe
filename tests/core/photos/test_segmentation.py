import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.photos.segmentation import STRATEGIES, find_garment
from tests.core.photos.scenes import SHIRT, SIZE, gradient, outline, paint, share, stripes, tiles

BLUE = (40, 60, 150)


def scene(background, garment, size=96):
    """A disc of one colour on another; returns picture and the disc's mask."""
    down, across = np.mgrid[:size, :size] - size / 2
    disc = np.hypot(down, across) < size / 3
    return np.where(disc[..., None], np.array(garment, np.uint8), np.array(background, np.uint8)), disc


@pytest.mark.parametrize(
    ("background", "garment"),
    [((253, 253, 253), (20, 20, 20)), ((10, 10, 10), (230, 230, 230)), ((120, 120, 120), (120, 80, 160))],
)
def test_a_plain_garment_on_a_plain_background_is_found_exactly(background, garment):
    picture, disc = scene(background, garment)
    found = find_garment(picture)
    assert (found.mask == disc).all()
    assert found.strategy == "plain"
    assert found.quality.score > 0.9


def test_nothing_is_found_where_nothing_differs():
    picture, _ = scene((90, 90, 90), (92, 91, 90))
    assert not find_garment(picture).mask.any()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_strategy_finds_a_garment_in_a_picture_of_one_colour(strategy):
    found = find_garment(np.full((60, 50, 3), 77, np.uint8), strategy)
    assert not found.mask.any()
    assert (found.strategy, found.quality.score) == (strategy, 0)


def test_holes_in_the_garment_belong_to_it():
    picture, disc = scene((250, 250, 250), (30, 60, 90))
    picture[46:50, 46:50] = 250
    assert (find_garment(picture).mask == disc).all()


def test_specks_beside_the_garment_do_not():
    picture, disc = scene((250, 250, 250), (30, 60, 90))
    picture[4, 40] = picture[90:92, 10:12] = 0
    assert (find_garment(picture).mask == disc).all()


@pytest.mark.parametrize("garment", [BLUE, (30, 30, 32), (170, 30, 40)])
@pytest.mark.parametrize(
    "background", [(235, 230, 225), gradient(), stripes(), tiles()], ids=["plain", "gradient", "striped", "tiled"]
)
def test_a_shirt_is_found_on_all_sorts_of_backgrounds(background, garment):
    shirt = outline()
    assert share(find_garment(paint(background, garment, shirt, noise=6)).mask, shirt) > 0.93


@pytest.mark.parametrize(
    ("background", "garment"), [((238, 236, 232), (205, 208, 215)), ((25, 22, 24), (60, 58, 66))], ids=["pale", "dark"]
)
def test_a_garment_much_like_its_background_is_found(background, garment):
    shirt = outline()
    assert share(find_garment(paint(background, garment, shirt, noise=3)).mask, shirt) > 0.9


def test_a_print_and_sleeves_of_another_colour_belong_to_the_garment():
    shirt, print_, sleeves = outline(), outline([(40, 45), (60, 45), (60, 65), (40, 65)]), outline()
    sleeves[:, 31:70] = False
    colors = np.where(print_[..., None], (235, 220, 60), np.where(sleeves[..., None], (180, 30, 40), BLUE))
    assert share(find_garment(paint(stripes(), colors, shirt, noise=4)).mask, shirt) > 0.93


def test_a_soft_shadow_beside_the_garment_does_not():
    shirt = outline()
    shadow = outline([(x + 7, y + 5) for x, y in SHIRT]) & ~shirt
    floor = np.where(shadow[..., None], (160, 155, 150), (215, 208, 200))
    mask = find_garment(paint(floor, BLUE, shirt, noise=4)).mask
    assert (mask & shadow).sum() < 0.25 * shadow.sum()
    assert share(mask, shirt) > 0.9


@pytest.mark.parametrize("strategy", [key for key in STRATEGIES if key != "plain"])
def test_every_strategy_finds_an_easy_shirt_on_boards(strategy):
    shirt = outline()
    found = find_garment(paint(stripes(), BLUE, shirt, noise=4), strategy)
    assert share(found.mask, shirt) > 0.85
    assert found.strategy == strategy


def test_the_threshold_takes_less_above_nought_and_more_below():
    shirt = outline()
    like_it = outline([(70, 60), (95, 60), (95, 98), (70, 98)]) & ~shirt
    rng = np.random.default_rng(0)
    # A scarf beside it, of colours between the shirt's and the floor's.
    mixed = np.where(rng.random(SIZE)[..., None] < 0.5, BLUE, (215, 208, 200))
    floor = np.where(like_it[..., None], mixed, (215, 208, 200))
    picture = paint(floor, BLUE, shirt, noise=8)
    sizes = [find_garment(picture, "colors", threshold).mask.sum() for threshold in (-1, -0.5, 0, 0.5, 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_the_same_picture_gives_the_same_mask_however_often():
    picture = paint(tiles(), (150, 140, 130), outline(), noise=12)
    first, second = find_garment(picture), find_garment(picture)
    assert first.strategy == second.strategy
    assert (first.mask == second.mask).all()


def test_what_is_chosen_by_itself_is_what_its_strategy_gives():
    picture = paint(stripes(), BLUE, outline(), noise=4)
    found = find_garment(picture)
    assert (found.mask == find_garment(picture, found.strategy).mask).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (3, 200), (9, 9)])
@pytest.mark.parametrize("strategy", ["auto", *STRATEGIES])
def test_slivers_do_no_harm(shape, strategy):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find_garment(picture, strategy).mask.shape == shape


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    levels=st.integers(1, 256),
    seed=st.integers(0, 1000),
    threshold=st.floats(-1, 1),
)
def test_any_small_picture_gives_a_mask_of_its_shape(height, width, levels, seed, threshold):
    picture = np.random.default_rng(seed).integers(0, levels, (height, width, 3)).astype(np.uint8)
    found = find_garment(picture, threshold=threshold)
    assert (found.mask.shape, found.mask.dtype) == ((height, width), bool)
    assert 0 <= found.quality.score <= 1


def test_an_unknown_strategy_and_a_threshold_out_of_range_are_refused():
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(InvalidSettingError, match=r"`strategy` must be one of auto, plain, .*Received: magic"):
        find_garment(picture, "magic")
    with pytest.raises(InvalidSettingError, match=r"`threshold` must be a number from -1 to 1\. Received: 2"):
        find_garment(picture, threshold=2)
