import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core.photos.posture import cut_hook, find_tilt


def draw(*polygons, side=200):
    image = Image.new("L", (side, side))
    for polygon in polygons:
        ImageDraw.Draw(image).polygon(polygon, fill=255)
    return np.asarray(image) > 127


TEE = draw([(70, 40), (130, 40), (130, 170), (70, 170)], [(40, 40), (160, 40), (160, 75), (40, 75)])
TROUSERS = draw([(70, 30), (130, 30), (145, 180), (112, 180), (100, 70), (88, 180), (55, 180)])
HOOK = draw([(97, 12), (102, 12), (102, 42), (97, 42)])


def turn(mask, degrees):
    return np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).rotate(-degrees)) > 127


@pytest.mark.parametrize("garment", [TEE, TROUSERS])
def test_what_stands_upright_is_left_alone(garment):
    assert find_tilt(garment) == 0


@pytest.mark.parametrize("garment", [TEE, TROUSERS])
@pytest.mark.parametrize("degrees", [-25, -12, 12, 20, 30])
def test_a_tilted_garment_is_to_be_turned_back(garment, degrees):
    assert find_tilt(turn(garment, degrees)) == pytest.approx(-degrees, abs=2)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_trousers_are_known_by_their_legs_whichever_way_they_lie(quarters):
    lying = np.rot90(TROUSERS, quarters)
    tilt = find_tilt(lying)
    assert (turn(lying, tilt) == TROUSERS).mean() > 0.99


def test_what_is_tilted_far_or_not_symmetric_is_left_alone():
    assert find_tilt(turn(TEE, 60)) == 0
    assert find_tilt(draw([(20, 150), (20, 60), (60, 60), (90, 120), (180, 130), (180, 150)])) == 0  # a boot


def test_a_disc_stands_any_way_so_it_is_not_turned():
    down, across = np.mgrid[:100, :100] - 50
    assert find_tilt(np.hypot(down, across) < 40) == 0


@pytest.mark.parametrize("garment", [TEE, TROUSERS])
def test_a_hook_above_the_garment_is_cut_off(garment):
    found = cut_hook(garment | HOOK)
    assert found.hook.any()
    assert not (found.hook & garment).any()
    assert (found.garment ^ garment).sum() <= 10  # a row or two of its stump
    assert ((found.garment | found.hook) == (garment | HOOK)).all()


@pytest.mark.parametrize(
    "garment",
    [
        TEE,
        TROUSERS,
        TEE | draw([(72, 5), (77, 5), (77, 42), (72, 42)]) | draw([(123, 5), (128, 5), (128, 42), (123, 42)]),  # straps
        TEE | draw([(50, 5), (55, 5), (55, 42), (50, 42)]),  # not in the middle
        TEE | draw([(97, 36), (102, 36), (102, 42), (97, 42)]),  # a loop, not a hook
    ],
)
def test_nothing_else_is_taken_for_a_hook(garment):
    found = cut_hook(garment)
    assert not found.hook.any()
    assert (found.garment == garment).all()


def test_specks_have_neither_hook_nor_tilt():
    speck = np.ones((1, 1), bool)
    assert not cut_hook(speck).hook.any()
    assert find_tilt(speck) == 0
