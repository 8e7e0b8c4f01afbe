import json

import numpy as np
import pytest

from fmnist_core import photos
from fmnist_core.errors import InvalidSettingError
from fmnist_core.photos import ChainSettings


def two_garments():
    """A dark square on the left and a dark bar on the right, on white."""
    picture = np.full((100, 200, 3), 250, np.uint8)
    picture[30:70, 20:60] = 40
    picture[10:90, 140:160] = 40
    return picture


def keys(chain):
    return [step.key for step in chain.steps]


def test_settings_survive_json_both_ways():
    settings = ChainSettings(kind="photo", strategy="plain", threshold=-0.25, box=(0.1, 0.2, 0.9, 1.0), rotate=12.5)
    back = ChainSettings.from_dict(json.loads(json.dumps(settings.to_dict())))
    assert back == settings
    assert isinstance(back.box, tuple)
    assert hash(back) == hash(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "painting"},
        {"kind": None},
        {"threshold": 1.5},
        {"threshold": True},
        {"rotate": 181},
        {"brightness": "much"},
        {"negate": True},
        {"straighten": "yes"},
        {"sharpen": 1},
        {"box": (0.5, 0, 0.4, 1)},
        {"box": (0, 0, 1)},
        {"box": "all"},
        {"box": (0, 0, 1, 1.1)},
        {"box": [0, 0, "1", 1]},
        {"colour": "red"},
    ],
)
def test_what_breaks_a_rule_is_refused(wrong):
    with pytest.raises(InvalidSettingError, match=r"Received: |must be one of"):
        ChainSettings.from_dict(wrong)


def test_a_frame_leaves_the_rest_out():
    chain = photos.prepare_photo(two_garments(), ChainSettings(kind="photo", box=(0.6, 0, 1, 1)))
    assert keys(chain)[:3] == ["picture", "framed", "cut-out"]
    assert chain.steps[1].image.shape == (80, 64, 3)  # of a picture of 160 × 80
    rows, columns = (np.flatnonzero(chain.image.any(axis=axis)) for axis in (1, 0))
    assert (len(rows), len(columns)) == (28, 7)


def test_turning_comes_first():
    settings = ChainSettings(kind="photo", box=(0.0, 0.0, 1.0, 0.5), rotate=90, straighten=False)
    chain = photos.prepare_photo(two_garments(), settings)
    assert keys(chain)[:4] == ["picture", "turned", "framed", "cut-out"]
    assert chain.steps[1].image.shape == (160, 80, 3)
    # Clockwise: what was on the left is above.
    assert min((chain.image > 100).any(axis=0).sum(), (chain.image > 100).any(axis=1).sum()) >= 27


def test_sharpening_can_be_left_out():
    with_it = photos.prepare_photo(two_garments(), ChainSettings(kind="photo"))
    without = photos.prepare_photo(two_garments(), ChainSettings(kind="photo", sharpen=False))
    assert "sharpened" in keys(with_it)
    assert "sharpened" not in keys(without)


def test_straightening_can_be_left_out():
    from PIL import Image

    picture = np.full((160, 160, 3), 250, np.uint8)
    picture[20:140, 60:100] = 40
    tilted = np.asarray(Image.fromarray(picture).rotate(-20, fillcolor=(250, 250, 250)))
    with_it = photos.prepare_photo(tilted, ChainSettings(kind="photo"))
    without = photos.prepare_photo(tilted, ChainSettings(kind="photo", straighten=False))
    assert "straightened" in keys(with_it)
    assert "straightened" not in keys(without)
    assert with_it.image.any(axis=0).sum() < 13 < without.image.any(axis=0).sum()


@pytest.mark.parametrize("kind", ["photo", "item", "drawing"])
def test_brightness_is_obeyed_by_every_kind(kind):
    picture = np.full((84, 84, 3), 250, np.uint8)
    picture[20:60, 20:60] = 120
    plain, bright, dark = (
        photos.prepare_photo(picture, ChainSettings(kind=kind, brightness=brightness)).image.astype(float).sum()
        for brightness in (0, 0.5, -0.5)
    )
    assert dark < plain
    assert plain <= bright  # ink is as bright as can be already
    assert kind == "drawing" or plain < bright


def test_negating_can_be_forced_and_forbidden(dataset):
    item = dataset.test_images[0]
    shown = np.repeat(item[..., None], 3, axis=2)
    assert (photos.prepare_photo(shown, ChainSettings(negate="yes")).image == 255 - item).all()
    assert (photos.prepare_photo(255 - shown, ChainSettings(negate="no")).image == 255 - item).all()
    garment = two_garments()
    forced, forbidden = (
        photos.prepare_photo(garment, ChainSettings(kind="photo", negate=negate, box=(0.6, 0, 1, 1))).image
        for negate in ("yes", "no")
    )
    assert forced[14, 14] > 200
    assert 0 < forbidden[14, 14] < 150
    assert forbidden[14, 2] == 0


def test_an_unknown_strategy_is_refused():
    with pytest.raises(InvalidSettingError, match="`strategy` must be one of auto, "):
        photos.prepare_photo(two_garments(), ChainSettings(kind="photo", strategy="guess"))
